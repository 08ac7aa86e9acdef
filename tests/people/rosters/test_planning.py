"""Planning: every kind of row told apart, every fault by row and column with its cure."""

from datetime import date

import pytest
from sqlalchemy import func, select

from lms.core.db import session
from lms.people.models import EmploymentSpell, Person
from lms.people.rosters.columns import HEADINGS
from lms.people.rosters.planning import plan_roster
from tests.cast import citizen_id, credit_code
from tests.factories.rosters import GUCHENG, NOW, WANG, actor, line, plan, table
from tests.statements import count_statements

pytestmark = pytest.mark.usefixtures("app")
KNOWN = ("王桂兰", WANG, "13800000001")  # at 康宁 since 2024-03-01, caregiver
ZHAO = ("赵秀英", citizen_id(2), "13800000002", GUCHENG)


@pytest.mark.parametrize(
    ("row", "kind", "changes"),
    [
        (line(), "new", ()),
        (line(level="初级工"), "new", ()),
        (line(ended="2026-09-30"), "new", ()),
        (line(*KNOWN, started="2024-03-01"), "unchanged", ()),
        (line(*KNOWN, started=""), "unchanged", ()),
        (line("王桂兰", WANG, "", started="2024.3.1"), "unchanged", ()),
        (line(*KNOWN, started="2024年3月1日", post="院长"), "changed", ("岗位",)),
        (line("王桂兰", WANG, "13811112222", started="20240301"), "changed", ("手机号",)),
        (line(*KNOWN, started=date(2024, 3, 1), level="五级/初级工"), "changed", ("技能等级",)),
        (line(*KNOWN, started="2024/3/1", ended="2026-10-31"), "left", ("离职日期",)),
        (line(*KNOWN, started="", ended="2026-10-31"), "left", ("离职日期",)),
    ],
)
def test_a_row_is_one_of_the_kinds(cast, row, kind, changes):
    made = plan(cast.li, row)
    assert made.faults == []
    assert [(step.kind, step.changes) for step in made.steps] == [(kind, changes)]


def test_somebody_with_an_open_stay_elsewhere_is_a_move(cast):
    made = plan(cast.li, line(*ZHAO[:3], started="2026-05-01"))
    assert made.counts == {"new": 0, "changed": 0, "moved": 1, "left": 0, "unchanged": 0}
    assert [stay.organisation_id for stay in made.steps[0].closes] == [cast.gucheng]


def heading_of(column: str) -> int:
    return list(HEADINGS).index(column)


FAULTS = [
    ("姓名", "", "不能空着"),
    ("姓名", "王1", "不含数字"),
    ("证件号码", "", "不能空着"),
    ("证件号码", "140105198002145018", "校验不通过"),
    ("证件号码", "14010519800214", "18 位"),
    ("证件号码", 140105198002145010, "末几位已丢失"),
    ("手机号", "12345", "11 位"),
    ("用人单位代码", "52140000MJ00000011", "校验不通过"),
    ("用人单位代码", credit_code(999), "不在您的管理范围"),
    ("用人单位代码", GUCHENG, "不在您的管理范围"),
    ("岗位", "", "不能空着"),
    ("岗位", "宇航员", "没有这个岗位"),
    ("入职日期", "", "请填写入职日期"),
    ("入职日期", "2026-13-01", "认不出"),
    ("入职日期", "去年", "认不出"),
    ("入职日期", "2027-03-01", "60 天"),
    ("入职日期", "1990-01-01", "16 周岁"),
    ("入职日期", "1949-01-01", "1950"),
    ("离职日期", "2026-02-01", "早于入职"),
    ("离职日期", "2027-12-01", "60 天"),
    ("技能等级", "九级", "没有这个等级"),
]


@pytest.mark.parametrize(("column", "value", "told"), FAULTS)
def test_a_fault_names_row_column_and_cure(cast, column, value, told):
    bad = line()
    bad[heading_of(column)] = value
    made = plan(cast.li, line("李好", citizen_id(777)), bad)
    assert [(f.row, f.column) for f in made.faults] == [(3, column)]
    assert told in made.faults[0].reason


def test_every_fault_of_a_bad_file_is_listed_at_once(cast):
    rows = []
    for number, (column, value, _told) in enumerate(FAULTS):
        rows.append(line(number=citizen_id(300 + number, "19800214")))
        rows[-1][heading_of(column)] = value
    made = plan(cast.li, *rows)
    assert [f.row for f in made.faults] == list(range(2, len(FAULTS) + 2))
    assert [f.column for f in made.faults] == [column for column, _value, _told in FAULTS]


@pytest.mark.parametrize(
    ("rows", "at", "told"),
    [
        ([line(), line()], (3, "证件号码"), "与第 2 行重复"),
        ([line("李桂兰", WANG, started="2024-03-01")], (2, "姓名"), "王*兰"),
        ([line(*KNOWN, started="2025-01-01")], (2, "入职日期"), "日期重叠"),
        ([line(*KNOWN, started="", ended="2023-01-01")], (2, "离职日期"), "早于入职"),
        ([line(*ZHAO[:3], started="2024-02-01")], (2, "入职日期"), "另一单位"),
    ],
)
def test_rows_that_contradict_each_other_or_what_is_known(cast, rows, at, told):
    made = plan(cast.li, *rows)
    assert [(f.row, f.column) for f in made.faults] == [at]
    assert told in made.faults[0].reason


def test_what_a_fault_shows_is_masked(cast):
    made = plan(
        cast.li, line(number="140105198002145018"), line(number=citizen_id(9), phone="1390000")
    )
    shown = {fault.column: fault.value for fault in made.faults}
    assert shown == {"证件号码": "140105********5018", "手机号": "1******"}
    assert "140105198002145018" not in repr(made.faults)


def test_headings_may_be_written_in_other_words(cast):
    headings = ["姓 名*", "身份证号码", "联系电话", "统一社会信用代码（必填）", "职务", "入职时间"]
    made = plan(cast.li, line()[:6], headings=headings)
    assert made.faults == []
    made = plan(cast.li, line(phone="x")[:6], headings=headings)
    assert made.faults[0].column == "联系电话", "a fault names the heading as the file has it"


def test_missing_and_doubled_headings_are_named(cast):
    made = plan(cast.li, line()[:2], headings=["姓名", "名字"])
    assert [f.column for f in made.faults] == [
        "名字",
        "证件号码",
        "用人单位代码",
        "岗位",
        "入职日期",
    ]
    assert {f.row for f in made.faults} == {1}


def test_a_sheet_without_rows_is_a_fault(cast):
    assert plan(cast.li).faults[0].column == "姓名"


def test_a_formula_cell_is_a_fault(cast):
    sheet = table(line())
    sheet = type(sheet)(sheet.headings, sheet.heading_row, sheet.rows, frozenset({(2, 0)}))
    made = plan_roster(sheet, actor(cast.li), NOW, lambda *_: None)
    assert [(f.row, f.column) for f in made.faults] == [(2, "姓名")]
    assert "公式" in made.faults[0].reason


@pytest.mark.parametrize(
    ("who", "home", "allowed"),
    [
        ("li", "kangning", True), ("li", "gucheng", False),
        ("county", "kangning", True), ("county", "gucheng", False),
        ("other_county", "gucheng", True), ("other_county", "kangning", False),
        ("city", "kangning", True), ("city", "gucheng", False),
        ("province", "gucheng", True), ("admin", "gucheng", True),
        ("wang", "kangning", False), ("chen", "kangning", False),
    ],
)  # fmt: skip
def test_an_import_stays_within_the_scope_of_who_imports(cast, who, home, allowed):
    code = {"kangning": credit_code(1), "gucheng": GUCHENG}[home]
    made = plan(getattr(cast, who), line(home=code))
    assert (made.faults == []) is allowed


def test_planning_writes_nothing(cast):
    def counted():
        return [
            session().scalar(select(func.count()).select_from(t)) for t in (Person, EmploymentSpell)
        ]

    before = counted()
    plan(cast.li, line(), line(*KNOWN, started="2024-03-01", post="院长"))
    assert counted() == before


def test_ten_thousand_rows_need_a_fixed_number_of_statements_per_thousand(cast):
    def statements(count: int) -> int:
        rows = [line(number=citizen_id(n % 1000, f"19{70 + n // 1000}0101")) for n in range(count)]
        sheet, who = table(*rows), actor(cast.li)
        with count_statements() as seen:
            made = plan_roster(sheet, who, NOW, lambda *_: None)
        assert len(made.steps) == count
        return len(seen)

    one, ten = statements(1000), statements(10_000)
    assert ten - one == 9 * 3


def test_progress_is_told_to_the_end(cast):
    heard = []
    plan_roster(table(line()), actor(cast.li), NOW, lambda done, total: heard.append((done, total)))
    assert heard[-1] == (2, 2)
