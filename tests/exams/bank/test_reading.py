# ruff: noqa: E501
"""Question files as they come: what is understood, what is refused and where."""

import pytest

from exams.bank.formats.detect import detect, read_file
from exams.bank.formats.items import BadFile, Defaults
from exams.bank.rules import faults
from lms.core.errors import Invalid
from tests.exams.bank.samples import AIKEN, GIFT, HEAD, JUDGE, MOODLE, MULTIPLE, SINGLE, workbook

DEFAULTS = Defaults(rung=2, module="基础知识")


def read(data: bytes | str, name: str, wanted: str = "auto"):
    data = data.encode() if isinstance(data, str) else data
    return read_file(data, name, wanted, DEFAULTS)


@pytest.fixture(autouse=True)
def _context(app):
    """Texts need an application."""


def test_the_template_layout_gives_three_sound_questions():
    found = read(workbook(HEAD, SINGLE, MULTIPLE, JUDGE), "q.xlsx")
    assert found.format == "xlsx"
    assert not found.faults
    assert [item.where for item in found.items] == ["第 2 行", "第 3 行", "第 4 行"]
    single, multiple, judge = (item.draft for item in found.items)
    assert (single.kind, single.key, single.difficulty) == ("single", {"right": [1]}, "medium")
    assert (multiple.kind, multiple.key) == ("multiple", {"right": [0, 1, 3]})
    assert (judge.kind, judge.key, judge.body) == ("judge", {"right": False}, {})
    assert single.module == "基础照护"
    assert all(not faults(item.draft) for item in found.items)


@pytest.mark.parametrize(
    ("headings", "row", "kind", "right"),
    [
        (["题目", "A", "B", "正确答案"], ["问？", "甲", "乙", "b"], "single", [1]),
        (["试题内容", "A选项", "B选项", "标准答案"], ["问？", "甲", "乙", "Ａ，Ｂ"], "multiple", [0, 1]),
        (["题干（必填）", "选项1", "选项2", "答案*"], ["问？", "甲", "乙", "A"], "single", [0]),
        (["题目", "选项", "答案"], ["问？", "A.甲 B.乙 C.丙", "C"], "single", [2]),
        (["题目", "选项", "答案"], ["问？", "甲|乙|丙", "AC"], "multiple", [0, 2]),
        (["题目", "选项", "答案"], ["问？", "A、甲\nB、乙", "乙"], "single", [1]) ,
        (["题目", "答案"], ["对吗。", "√"], "judge", True),
        (["题目", "题型", "A", "B", "答案"], ["对吗。", "判断题", "正确", "错误", "B"], "judge", False),
        (["题目", "答案", "分值"], ["对吗。", "×", 1], "judge", False),
    ],
)  # fmt: skip
def test_common_layouts_are_known_by_their_headings(headings, row, kind, right):
    found = read(workbook(headings, row), "q.xlsx")
    if not found.items:
        assert found.faults == []
    assert (found.items[0].draft.kind, found.items[0].draft.key["right"]) == (kind, right)


def test_title_lines_above_the_headings_are_skipped_and_rows_keep_their_numbers():
    found = read(workbook(["试题导入表"], [], HEAD, SINGLE), "q.xlsx")
    assert [item.where for item in found.items] == ["第 4 行"]


def test_columns_nobody_reads_are_named():
    found = read(workbook([*HEAD, "分值", "出题人"], [*SINGLE, 2, "甲"]), "q.xlsx")
    assert any("出题人" in note for note in found.notes)
    assert any("分值" in note for note in found.notes)


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        (["单选题", "问？", "甲", "乙", "", "", ""], "答案", "请给出答案"),
        (["单选题", "问？", "甲", "乙", "", "", "看情况"], "答案", "看不懂答案"),
        (["判断题", "问？", "", "", "", "", "A"], "答案", "看不懂答案"),
        (["单选题", "问？", "甲", "", "丙", "", "A"], "选项B", "选项是空的"),
        (["单选题", '=HYPERLINK("x")', "甲", "乙", "", "", "A"], "题干", "公式"),
    ],
)
def test_faults_name_the_row_and_the_column(row, column, reason):
    found = read(workbook(HEAD, SINGLE, row), "q.xlsx")
    assert len(found.items) == 1
    (fault,) = found.faults
    assert (fault.where, fault.column) == ("第 3 行", column)
    assert reason in fault.reason


def test_a_kind_this_site_does_not_have_is_reported_not_dropped():
    found = read(workbook(HEAD, ["作图题", "画一张床。", "", "", "", "", "略"]), "q.xlsx")
    assert [f.where for f in found.unsupported] == ["第 2 行"]
    assert "作图题" in found.unsupported[0].reason


def test_gift_gives_every_kind_it_has_and_reports_an_essay_nobody_could_mark():
    found = read(GIFT, "q.txt")
    assert found.format == "gift"
    single, judge, multiple, numeric, pairs = (item.draft for item in found.items)
    assert single.stem == "给老人洗脸，水温多少合适？"
    assert single.explanation == "水温以手腕内侧不烫为宜。\nA：太凉"
    assert single.module == "生活照护"
    assert judge.key == {"right": True}
    assert (multiple.kind, multiple.key) == ("multiple", {"right": [0, 1]})
    assert (numeric.kind, numeric.key) == ("numeric", {"right": "1500", "within": "300"})
    assert pairs.kind == "matching"
    assert [pairs.body["right"][n] for n in pairs.key["pairs"]] == ["乙", "丁"]
    assert [f.where for f in found.unsupported] == ["第 23 行"]
    assert not found.faults


@pytest.mark.parametrize(
    "text",
    ["问？{~甲 ~乙}", "问？{=甲 ~乙", "问？}{", "问？{甲}", "问？{=甲 ~乙} 再问？{=丙 ~丁}"],
)
def test_broken_gift_is_a_fault_with_its_line(text):
    found = read("\n\n" + text, "q.gift")
    assert not found.items
    assert [f.where for f in found.faults] == ["第 3 行"]


def test_gift_writes_the_missing_word_as_a_gap():
    found = read("水温约 {=40 ~60} 度。", "q.gift")
    assert found.items[0].draft.stem == "水温约 ____ 度。"


def test_aiken_gives_choices_with_the_default_module():
    found = read(AIKEN, "q.txt")
    assert found.format == "aiken"
    assert [item.draft.key["right"] for item in found.items] == [[1], [0, 1]]
    assert found.items[0].draft.module == "基础知识"
    assert [item.where for item in found.items] == ["第 1 行", "第 7 行"]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("问？\nA. 甲\nB. 乙\n", "第 1 行"),
        ("问？\nA. 甲\nC. 丙\nANSWER: A", "第 3 行"),
        ("问？\nA. 甲\nB. 乙\nANSWER: 甲", "第 4 行"),
    ],
)
def test_broken_aiken_is_a_fault_with_its_line(text, where):
    found = read(text, "q.txt", "aiken")
    assert [f.where for f in found.faults] == [where]


def test_moodle_xml_gives_plain_text_and_reports_essays_and_pictures():
    found = read(MOODLE, "q.xml")
    assert found.format == "moodle"
    first, second = (item.draft for item in found.items)
    assert first.stem == "被动活动关节时，最重要的是？"
    assert (first.key, first.module) == ({"right": [0]}, "康复服务")
    assert first.explanation == "疼痛是停止的信号。"
    assert second.key == {"right": True}
    assert [f.where for f in found.unsupported] == ["第 3 题", "第 4 题"]


BOMB = '<!DOCTYPE quiz [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><quiz>&b;</quiz>'
OUTSIDE = '<!DOCTYPE quiz [<!ENTITY x SYSTEM "file:///etc/passwd">]><quiz>&x;</quiz>'


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("q.xml", BOMB),
        ("q.xml", OUTSIDE),
        ("q.xml", "<quiz><question>"),
        ("q.xml", "<html></html>"),
        ("q.yaml", "a: &a [x]\nquestions: [*a, *a]"),
        ("q.yaml", "questions: " + "[" * 400),
        ("q.yaml", "questions: {{{"),
        ("q.yaml", "!!python/object/apply:os.system ['true']"),
        ("q.yaml", "- just\n- a list"),
        ("q.xlsx", "PK\x03\x04 not really"),
        ("q.csv", "姓名,电话\n甲,1"),
        ("q.txt", "nothing here"),
        ("q.gift", b"\xff\xff\xff\x00\x00"),
        ("q.gift", ""),
    ],
)
def test_hostile_or_foreign_files_are_refused_with_a_sentence(name, data):
    with pytest.raises(Invalid) as refusal:
        read(data, name)
    assert str(refusal.value)


def test_a_file_too_large_is_refused():
    with pytest.raises(BadFile):
        read(b"x" * (12 * 1024 * 1024 + 1), "q.gift")


def test_yaml_faults_name_the_line_and_the_field():
    text = "questions:\n  - type: single\n    stem: 问\n    options: 甲\n    answer: A\n    colour: 红\n"
    found = read(text, "q.yaml")
    assert {(f.where, f.column) for f in found.faults} == {
        ("第 4 行", "options"),
        ("第 6 行", "colour"),
    }
    essay = read("questions:\n  - type: essay\n    stem: 问\n", "q.yaml")
    assert [f.where for f in essay.unsupported] == ["第 2 行"]


@pytest.mark.parametrize(
    ("data", "name", "format_"),
    [(b"PK", "x", "xlsx"), (b"\xef\xbb\xbf<quiz/>", "x.txt", "moodle"), (b"a", "b.yml", "yaml"),
     (b"questions:\n", "x", "yaml"), (b"q{T}", "x.txt", "gift"), (b"q\nANSWER: A", "x", "aiken")],
)  # fmt: skip
def test_the_format_is_seen_from_the_content(data, name, format_):
    assert detect(data, name) == format_
