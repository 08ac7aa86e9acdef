"""Question files from an enemy: refused with a sentence, no accident, nothing half-written."""

import io
import stat
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from exams.bank.formats import cells, excel, gift, moodle, package, qti, yaml_text
from exams.bank.formats.detect import read_file
from exams.bank.formats.excel_writing import examples
from exams.bank.formats.items import BadFile, Defaults, Written
from exams.bank.importing import import_questions, plan_import
from exams.bank.models import QuestionVersion
from exams.bank.rules import tidy
from lms.core.access import SYSTEM
from lms.core.db import session
from lms.core.errors import Invalid
from lms.core.uow import unit_of_work
from tests.exams.bank import qti_samples as samples
from tests.exams.bank.samples import AIKEN, HEAD, SINGLE, workbook
from tests.factories.bank import NOW, make_bank

DEFAULTS = Defaults(module="基础知识")
MADE = [Written(q.code, tidy(q.draft)) for q in examples()]


@pytest.fixture(autouse=True)
def _context(app):
    """Texts need an application."""


def zipped(*entries: tuple[zipfile.ZipInfo | str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("imsmanifest.xml", "<manifest/>")
        for name, content in entries:
            archive.writestr(name, content)
    return out.getvalue()


def link() -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo("item.xml")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


def lying(data: bytes) -> bytes:
    """The same archive, whose headers say that its largest file is small."""
    return data.replace((30 * 1024 * 1024).to_bytes(4, "little"), (900).to_bytes(4, "little"))


DANGEROUS = {
    "traversal": (zipped(("../../etc/cron.d/x", "x")), "不能用"),
    "absolute": (zipped(("/etc/passwd", "x")), "不能用"),
    "drive": (zipped(("C:/x.xml", "x")), "不能用"),
    "dot": (zipped(("a/./b.xml", "x")), "不能用"),
    "link": (zipped((link(), "/etc/passwd")), "链接"),
    "twice": (zipped(("A.xml", "x"), ("a.xml", "y")), "两次"),
    "nested": (zipped(("inner.zip", "x")), "还有压缩包"),
    "bomb": (zipped(("a.xml", b"\0" * (11 * 1024 * 1024))), "太大或压缩得不正常"),
    "liar": (lying(zipped(("a.xml", b"\0" * (30 * 1024 * 1024)))), ""),
    "many": (zipped(*((f"{n}.xml", "") for n in range(30))), "文件太多"),
    "damaged": (zipped(("a.xml", "x" * 5000))[:-40], "损坏"),
    "empty": (zipped(), "没有 QTI 题目"),
}  # fmt: skip


@pytest.mark.parametrize("named", DANGEROUS)
def test_dangerous_archives_are_refused_before_they_are_unpacked(named, monkeypatch):
    monkeypatch.setattr(package, "MOST_ENTRIES", 20)
    data, reason = DANGEROUS[named]
    with pytest.raises(BadFile) as refusal:
        read_file(data, "q.zip", "qti", DEFAULTS)
    assert reason in str(refusal.value)


def test_an_archive_hidden_under_another_name_is_seen_by_its_content():
    inner = zipped(("a.xml", "x"))
    shown = samples.CHOICE.replace("看图，", '<img src="a.png" alt="图"/>')
    data = samples.package({"q.xml": shown}, a_dot_png=inner)
    with pytest.raises(BadFile, match="还有压缩包"):
        read_file(data, "q.zip", "auto", DEFAULTS)


def test_all_of_an_archive_together_is_limited(monkeypatch):
    monkeypatch.setattr(package, "MOST_UNPACKED", 3000)
    data = samples.package({f"{n}.xml": samples.CHOICE for n in range(9)})
    with pytest.raises(BadFile, match="解开后太大"):
        read_file(data, "q.zip", "auto", DEFAULTS)


ENTITY = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    "text",
    [
        ENTITY + samples.CHOICE.split("?>")[1].replace("拍照", "&a;"),
        '<!DOCTYPE assessmentItem SYSTEM "http://elsewhere/x.dtd">' + samples.CHOICE.split("?>")[1],
        "<a>" * 500 + "</a>" * 500,
    ],
)
def test_entities_outside_definitions_and_depth_are_refused(text):
    with pytest.raises(BadFile):
        read_file(text.encode(), "q.xml", "qti", DEFAULTS)
    found = read_file(samples.package({"a.xml": text}), "q.zip", "auto", DEFAULTS)
    assert [fault.where for fault in found.faults] == ["a.xml"]


def test_formula_cells_and_cells_too_long_are_faults_with_their_place():
    row = [*SINGLE]
    row[1] = "=1+1"
    found = read_file(workbook(HEAD, row), "q.xlsx", "auto", DEFAULTS)
    assert [(f.where, f.column) for f in found.faults] == [("第 2 行", "题干")]
    row[1] = "问" * 30_000
    long = read_file(workbook(HEAD, row), "q.xlsx", "auto", DEFAULTS)
    plan = plan_import(make_bank(None), long)
    assert [f.where for f in plan.faults] == ["第 2 行"]
    assert "太长" in plan.faults[0].reason


def _sheet() -> bytes:
    out = io.BytesIO()
    excel.write(out, MADE)
    return out.getvalue()


FILES = {
    "q.xlsx": _sheet(), "q.gift": gift.write(MADE), "q.xml": moodle.write(MADE),
    "q.zip": qti.write(MADE), "q.yaml": yaml_text.write(MADE), "q.aiken": AIKEN.encode(),
    "one.xml": samples.MIXED.encode(), "v3.xml": samples.V3.encode(),
}  # fmt: skip


@st.composite
def mutations(draw: st.DrawFn, data: bytes) -> bytes:
    """The file with some bytes changed, cut out, doubled or put in."""
    for _turn in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, max(len(data) - 1, 0)))
        end = min(len(data), start + draw(st.integers(0, 60)))
        new = draw(
            st.one_of(
                st.binary(max_size=12),
                st.just(data[start:end] * 2),
                st.sampled_from([b"{", b"}", b"~", b"=", b"->", b"<p>", b"</p>", b"&lt;", b"%50%",
                                 b"#", b"\\", b"____", b"\n\n", b"RESPONSE", b'identifier=""',
                                 b"9" * 400, b"-1", b"\xff\xfe", b"]]>"]),
            )
        )  # fmt: skip
        data = data[:start] + new + data[end:]
    return data


@pytest.mark.parametrize("name", FILES)
def test_a_file_mutated_at_random_is_refused_or_planned_never_an_accident(cast, name):
    bank = make_bank(cast.base)
    wanted = "qti" if name in ("one.xml", "v3.xml", "q.zip") else "auto"
    outcomes = set()

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(data=mutations(FILES[name]))
    def attack(data):
        try:
            plan = plan_import(bank, read_file(data, name, wanted, DEFAULTS))
        except Invalid as refusal:
            outcomes.add(str(refusal)[:4])
            return
        outcomes.add(bool(plan.faults))

    attack()
    assert len(outcomes) > 1


def test_a_file_with_one_bad_item_among_many_writes_nothing(cast):
    bank = make_bank(cast.base)
    broken = samples.CHOICE.replace("<value>B</value>", "<value>Z</value>")
    data = samples.package({"a.xml": samples.MATCH, "b.xml": broken})
    before = session().scalar(select(func.count()).select_from(QuestionVersion))
    with pytest.raises(Invalid), unit_of_work():
        import_questions(bank, read_file(data, "q.zip", "auto", DEFAULTS), SYSTEM, NOW)
    assert session().scalar(select(func.count()).select_from(QuestionVersion)) == before


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("cloze", "{1:SHORTANSWER:=" * 2_000),
        ("shortanswer", "&lt;a " * 10_000),
        ("shortanswer", "&lt;source " * 10_000),
    ],
)
def test_a_text_longer_than_any_question_is_a_fault_before_it_is_taken_apart(kind, text):
    made = (
        f'<quiz><question type="{kind}"><questiontext format="html"><text>{text}</text>'
        '</questiontext><answer fraction="100"><text>1</text></answer></question></quiz>'
    )
    reading = moodle.read(made.encode(), DEFAULTS)
    assert (reading.items, len(reading.faults)) == ([], 1)
    assert "20000" in reading.faults[0].reason


def test_what_never_closes_is_read_in_one_go():
    """Each of these once took time by the square of its length: hours for a file of 12 MB."""
    gap = "说出时机" + " " * 30_000 + "。"
    assert cells.rubric_of(gap) == [{"text": gap, "share": 1}]
    assert cells.rubric_of("说出时机 （3 分）；") == [{"text": "说出时机", "share": 3}]
    assert cells.pair_of("-" * 30_000) is None
    assert cells.pair_of("甲 --> 乙") == ("甲", "乙")
    opened = "[id:" * 8_000
    reading = gift.read(f"// {opened}\n题干{{T}}\n".encode(), DEFAULTS)
    assert len(reading.items) == 1
