"""From files to a course plan: every fault is gathered, nothing is written.

A folder holds ``course.yaml``, one ``NN-code.md`` per lesson (YAML front matter, then Markdown)
and ``pictures/*.svg|png|jpg``.
"""

import re
from collections.abc import Collection, Mapping

from flask_babel import gettext as _

from courses.catalogue.markup import faults_in
from courses.catalogue.models import KINDS
from courses.catalogue.pictures import clean_picture
from courses.catalogue.plans import (
    CheckPlan,
    CoursePlan,
    Fault,
    LessonPlan,
    PicturePlan,
    Reading,
)
from courses.catalogue.yamls import Record, read_mapping
from lms.core.errors import Invalid

MANIFEST = "course.yaml"
CATEGORIES = ("professional", "public")
LETTERS = "ABCDEF"
CODE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
PICTURE = re.compile(r"pictures/[A-Za-z0-9][A-Za-z0-9._-]{0,60}\.(?:svg|png|jpe?g)")
#: Words that mean something else in the addresses of the learning pages.
RESERVED = frozenset({"done", "evidence", "pictures", "start", "token"})
_FRONT = re.compile(r"\A---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)(.*)\Z", re.S)


def read_course(
    files: Mapping[str, bytes], posts: Collection[str], known_clean: frozenset[str] = frozenset()
) -> Reading:
    """Read the files of a course folder (path → bytes); ``posts`` are the posts it may address."""
    faults: list[Fault] = []
    pictures = _pictures(files, known_clean, faults)
    manifest = _manifest(files, faults)
    if manifest is None:
        return Reading(None, tuple(faults))
    stems = manifest.texts("lessons", 1, 60, 80)
    _check_files(files, stems, faults)
    names = frozenset(picture.path for picture in pictures)
    lessons = tuple(
        lesson
        for stem in stems
        if f"{stem}.md" in files
        and (lesson := _lesson(f"{stem}.md", files[f"{stem}.md"], names, faults)) is not None
    )
    codes = [lesson.code for lesson in lessons]
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        manifest.fault("lessons", _("课的编号 %(code)s 用了两次，每课要不同。", code=code))
    plan = _course(manifest, posts, lessons, pictures)
    return Reading(None if faults else plan, tuple(faults))


def _manifest(files: Mapping[str, bytes], faults: list[Fault]) -> Record | None:
    if MANIFEST not in files:
        faults.append(Fault(MANIFEST, "", _("缺少 course.yaml，应放在压缩包或文件夹的最外层。")))
        return None
    text = _text(MANIFEST, files[MANIFEST], faults)
    return read_mapping(text, MANIFEST, faults) if text is not None else None


def _course(
    record: Record,
    posts: Collection[str],
    lessons: tuple[LessonPlan, ...],
    pictures: tuple[PicturePlan, ...],
) -> CoursePlan:
    record.only(
        "code", "kind", "title", "title_en", "summary", "audience", "hours", "category", "year",
        "source", "lessons",
    )  # fmt: skip
    kind = record.one_of("kind", KINDS)
    audience = record.texts("audience", 1, 20, 30)
    for post in audience:
        if post not in posts:
            record.fault(
                "audience",
                _("不认识的岗位 %(post)s；可用：%(words)s。", post=post, words="、".join(posts)),
            )
    return CoursePlan(
        code=_code(record),
        kind=kind,
        title=record.text("title", 80),
        title_en=record.text("title_en", 120),
        summary=record.text("summary", 400),
        audience=audience,
        tenths=_tenths(record),
        category=record.one_of("category", CATEGORIES),
        year=_year(record, kind),
        source=record.text("source", 400),
        lessons=lessons,
        pictures=pictures,
    )


def _code(record: Record) -> str:
    code = record.text("code", 60)
    if code and (not CODE.fullmatch(code) or code in RESERVED):
        record.fault(
            "code",
            _(
                "只能用小写英文字母、数字和短横线，并且不能是：%(words)s。",
                words="、".join(sorted(RESERVED)),
            ),
        )
    return code


def _tenths(record: Record) -> int:
    hours = record.values.get("hours")
    if isinstance(hours, bool) or not isinstance(hours, int | float) or not 0 < hours <= 300:
        record.fault("hours", _("学时应当是数字，例如 6 或 1.5。"))
        return 10
    tenths = round(hours * 10)
    if abs(tenths - hours * 10) > 1e-6 or tenths < 1:
        record.fault("hours", _("学时从 0.1 到 300，最多一位小数。"))
        return 10
    return tenths


def _year(record: Record, kind: str) -> int | None:
    if kind == "refresher":
        return record.whole("year", 2020, 2100)
    if record.values.get("year") is not None:
        record.fault("year", _("只有年度复训（refresher）才写年份，请删去。"))
    return None


def _lesson(
    file: str, content: bytes, pictures: frozenset[str], faults: list[Fault]
) -> LessonPlan | None:
    text = _text(file, content, faults)
    if text is None:
        return None
    parts = _FRONT.match(text)
    if parts is None:
        faults.append(
            Fault(file, "", _("文件应当以 --- 开头，写好课的信息，再以 --- 结束，然后是正文。"))
        )
        return None
    record = read_mapping(parts[1], file, faults)
    if record is None:
        return None
    record.only("code", "title", "title_en", "minutes", "goals", "check")
    body = parts[2].strip() + "\n"
    if len(body) < 20 or len(body) > 60_000:
        record.fault("", _("正文应当有 20 到 60000 个字。"))
    for reason in faults_in(body, pictures):
        record.fault(_("正文"), reason)
    return LessonPlan(
        code=_code(record),
        title=record.text("title", 80),
        title_en=record.text("title_en", 120),
        minutes=record.whole("minutes", 1, 240),
        goals=record.texts("goals", 1, 8, 120),
        body=body,
        checks=tuple(_check(item) for item in record.records("check", 1, 10)),
    )


def _check(record: Record) -> CheckPlan:
    record.only("stem", "options", "answer", "why")
    options = record.texts("options", 2, len(LETTERS), 200)
    answer = record.text("answer", 1)
    if answer and options and answer not in LETTERS[: len(options)]:
        record.fault(
            "answer",
            _("答案应当是选项的字母：%(words)s。", words="、".join(LETTERS[: len(options)])),
        )
    if len(set(options)) != len(options):
        record.fault("options", _("有两个选项一模一样。"))
    return CheckPlan(record.text("stem", 400), options, answer, record.text("why", 600))


def _pictures(
    files: Mapping[str, bytes], known_clean: frozenset[str], faults: list[Fault]
) -> tuple[PicturePlan, ...]:
    found = []
    for path in sorted(files):
        if not path.startswith("pictures/"):
            continue
        if not PICTURE.fullmatch(path):
            faults.append(
                Fault(
                    path, "", _("图片名只能用英文字母、数字、点和短横线，扩展名 svg、png 或 jpg。")
                )
            )
            continue
        try:
            found.append(clean_picture(path, files[path], known_clean))
        except Invalid as refusal:
            faults.append(Fault(path, "", str(refusal)))
    return tuple(found)


def _check_files(files: Mapping[str, bytes], stems: tuple[str, ...], faults: list[Fault]) -> None:
    for number, stem in enumerate(stems, start=1):
        if f"{stem}.md" not in files:
            reason = _("找不到文件 %(name)s.md。", name=stem)
            faults.append(Fault(MANIFEST, f"lessons[{number}]", reason))
    expected = {MANIFEST, *(f"{stem}.md" for stem in stems)}
    for path in sorted(files):
        if path not in expected and not path.startswith("pictures/"):
            faults.append(
                Fault(path, "", _("没有用到这个文件：写进 course.yaml 的 lessons，或者删去。"))
            )


def _text(file: str, content: bytes, faults: list[Fault]) -> str | None:
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError:
        faults.append(Fault(file, "", _("不是 UTF-8 编码，请在编辑器里另存为 UTF-8。")))
        return None
