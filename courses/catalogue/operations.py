"""Writing courses down: drafts from plans, publishing by a second person, starter courses."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from courses.catalogue import policy
from courses.catalogue.archive import read_folder
from courses.catalogue.markup import to_html
from courses.catalogue.models import Course, CourseAsset, CourseVersion, Lesson, LessonCheck
from courses.catalogue.plans import CoursePlan, Fault, LessonPlan, Reading
from courses.catalogue.reading import read_course
from lms.core import audit, clock
from lms.core.access import SYSTEM, Actor
from lms.core.db import session
from lms.core.errors import Conflict, Forbidden, Invalid, NotFound
from lms.core.rules import rule_on

STARTER = Path(__file__).parent / "starter"


class CourseFaults(Invalid):
    """The course folder has faults; nothing was written."""

    code = "course-faults"
    text = _l("课程文件有需要修改的地方。")

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        first = faults[0]
        place = " · ".join(part for part in (first.file, first.field) if part)
        super().__init__(f"{place}: {first.reason}")
        self.faults = faults


class OwnWork(Forbidden):
    """An author asked to publish her own draft."""

    code = "own-work"
    text = _l("不能发布自己提交的课程，请另一位编写人员或管理员核对后发布。")


@dataclass(frozen=True, slots=True)
class Saved:
    """Which version a plan became; ``is_new`` is False when the same content was there already."""

    course_id: int
    version_id: int
    code: str
    no: int
    is_new: bool


def read_files(files: Mapping[str, bytes], now: datetime) -> Reading:
    """Read the files of a course folder; writes nothing."""
    posts = rule_on("people.posts", clock.local_date(now)).value["posts"]
    return read_course(files, tuple(posts), _stored_before(files))


def _stored_before(files: Mapping[str, bytes]) -> frozenset[str]:
    digests = [sha256(data).hexdigest() for name, data in files.items() if not name.endswith(".md")]
    query = select(CourseAsset.digest).where(CourseAsset.digest.in_(digests))
    return frozenset(session().scalars(query)) if digests else frozenset()


def load_course_folder(
    path: Path, actor: Actor, now: datetime, owner_id: int | None = None
) -> Saved:
    """Read a folder and save it as a draft; the same content again gives the same version.

    Raises:
        CourseFaults: with every fault by file and field. BadArchive: the folder cannot be read.
    """
    reading = read_files(read_folder(path), now)
    if reading.plan is None:
        raise CourseFaults(reading.faults)
    return save_draft(reading.plan, owner_id, actor, now)


def save_draft(plan: CoursePlan, owner_id: int | None, actor: Actor, now: datetime) -> Saved:
    """Write a plan as the next version of its course, unless a version says the same already.

    Raises:
        Conflict: the code belongs to a course of another kind, or of somebody else.
    """
    course = session().scalar(select(Course).where(Course.code == plan.code).with_for_update())
    if course is None:
        policy.WRITE.ensure(actor, owner_id or policy.PROVINCE)
        course = Course(code=plan.code, kind=plan.kind, owner_id=owner_id, created_at=now)
        session().add(course)
        session().flush()
    elif not policy.WRITE.may(actor, course.owner_id or policy.PROVINCE):
        raise Conflict(
            _("课程编号 %(code)s 已被别的单位使用，请在 course.yaml 里换一个。", code=plan.code)
        )
    elif course.kind != plan.kind:
        raise Conflict(_("课程 %(code)s 的类别不能改变，请换一个编号。", code=plan.code))
    digest = plan.digest
    same = session().scalar(
        select(CourseVersion).where(
            CourseVersion.course_id == course.id,
            CourseVersion.digest == digest,
            CourseVersion.withdrawn_at.is_(None),
        )
    )
    if same is not None:
        return Saved(course.id, same.id, course.code, same.no, False)
    version = _write(plan, course, digest, actor, now)
    audit.record(actor, "course.draft", "course_version", version.id, code=course.code)
    return Saved(course.id, version.id, course.code, version.no, True)


def _write(
    plan: CoursePlan, course: Course, digest: str, actor: Actor, now: datetime
) -> CourseVersion:
    newest = select(func.max(CourseVersion.no)).where(CourseVersion.course_id == course.id)
    version = CourseVersion(
        course_id=course.id,
        no=(session().scalar(newest) or 0) + 1,
        title=plan.title,
        title_en=plan.title_en,
        summary=plan.summary,
        audience=list(plan.audience),
        tenths=plan.tenths,
        category=plan.category,
        year=plan.year,
        source=plan.source,
        digest=digest,
        drafted_at=now,
        drafted_by=actor.person_id,
    )
    session().add(version)
    session().flush()
    sizes = {picture.path: (picture.width, picture.height) for picture in plan.pictures}
    for position, lesson in enumerate(plan.lessons, start=1):
        session().add(_lesson(lesson, version.id, position, sizes))
    for picture in plan.pictures:
        session().add(
            CourseAsset(
                version_id=version.id,
                path=picture.path,
                media_type=picture.media_type,
                digest=picture.digest,
                width=picture.width,
                height=picture.height,
                content=picture.content,
            )
        )
    session().flush()
    return version


def _lesson(
    plan: LessonPlan, version_id: int, position: int, sizes: Mapping[str, tuple[int, int]]
) -> Lesson:
    return Lesson(
        version_id=version_id,
        position=position,
        code=plan.code,
        title=plan.title,
        title_en=plan.title_en,
        minutes=plan.minutes,
        goals=list(plan.goals),
        body_md=plan.body,
        html=to_html(plan.body, sizes, lambda path: picture_address(version_id, path)),
        checks=[
            LessonCheck(
                position=number,
                stem=check.stem,
                options=list(check.options),
                answer=check.answer,
                why=check.why,
            )
            for number, check in enumerate(plan.checks, start=1)
        ],
    )


def picture_address(version_id: int, path: str) -> str:
    """The address of a picture, as it stands in the lesson's HTML."""
    return f"/learn/pictures/{version_id}/{path.removeprefix('pictures/')}"


def publish(version_id: int, actor: Actor, now: datetime) -> CourseVersion:
    """Publish a draft that somebody else submitted; from then on it is frozen.

    Raises:
        OwnWork: the actor drafted it. Conflict: it is published or withdrawn already.
    """
    version = _draft(version_id)
    if version.drafted_by == actor.person_id and actor is not SYSTEM:
        raise OwnWork
    version.published_at = now
    version.published_by = actor.person_id
    session().flush()
    audit.record(actor, "course.publish", "course_version", version.id, digest=version.digest)
    return version


def withdraw(version_id: int, actor: Actor, now: datetime) -> CourseVersion:
    """Take a draft back; it stays on record.

    Raises:
        Conflict: it is published or withdrawn already.
    """
    version = _draft(version_id)
    version.withdrawn_at = now
    session().flush()
    audit.record(actor, "course.withdraw", "course_version", version.id)
    return version


def _draft(version_id: int) -> CourseVersion:
    query = select(CourseVersion).where(CourseVersion.id == version_id).with_for_update()
    version = session().scalar(query)
    if version is None:
        raise NotFound
    if version.state != "draft":
        raise Conflict
    return version


def load_starter_courses(actor: Actor, now: datetime) -> int:
    """Publish the courses every installation begins with; returns how many versions are new."""
    added = 0
    for folder in sorted(path for path in STARTER.iterdir() if path.is_dir()):
        saved = load_course_folder(folder, actor, now)
        if saved.is_new:
            publish(saved.version_id, SYSTEM, now)
            added += 1
    return added
