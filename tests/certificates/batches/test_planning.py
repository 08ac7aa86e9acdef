"""The dry plan: every line's outcome, refusals by row and column, nothing written."""

from datetime import date

import pytest
from sqlalchemy import func, select, update

from certificates.models import Certificate
from lms.core.db import session
from lms.core.errors import Invalid
from lms.core.uow import unit_of_work
from lms.people.models import EvaluatorFiling, Person
from tests.cast import citizen_id
from tests.factories.certificates import issue_now, skill_request
from tests.factories.issuing import planned, pool, publicity, sheet_of

HEADINGS = ["姓名", "证件号码", "证书种类", "等级", "名称", "学时", "结束日期"]
WANG, ZHAO = ("王桂兰", citizen_id(1)), ("赵秀英", citizen_id(2))


def test_every_line_has_its_outcome_and_nothing_is_written(app, cast):
    content = sheet_of(
        HEADINGS,
        [*WANG, "", "初级工"],
        [*ZHAO, "培训结业证书", "", "失智老人照护", 16, "2026-11-20"],
        ["李敏", citizen_id(3), "集中培训证明", "", "年度集中培训", "7.5", ""],
    )
    plan = planned(cast, content)
    assert [(line.row, line.outcome, line.kind, line.title) for line in plan.lines] == [
        (2, "ready", "skill", "养老护理员 五级/初级工"),
        (3, "ready", "course", "失智老人照护"),
        (4, "ready", "central", "年度集中培训"),
    ]
    assert plan.lines[1].facts == {"subject": "失智老人照护", "tenths": 160, "to": "2026-11-20"}
    assert plan.lines[0].id_masked.startswith("140105********")
    assert session().scalar(select(func.count()).select_from(Certificate)) == 0


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (["", citizen_id(1), "", "初级工", "", "", ""], "姓名"),
        (["王桂兰", "", "", "初级工", "", "", ""], "证件号码"),
        (["没有人", citizen_id(77), "", "初级工", "", "", ""], "证件号码"),
        (["王桂花", citizen_id(1), "", "初级工", "", "", ""], "姓名"),
        ([*WANG, "", "学徒工", "", "", ""], "等级"),
        ([*WANG, "", "九级", "", "", ""], "等级"),
        ([*WANG, "奖状", "", "", "", ""], "证书种类"),
        ([*WANG, "培训结业证书", "初级工", "名称名称", "", ""], "等级"),
        ([*WANG, "培训结业证书", "", "", "", ""], "名称"),
        ([*WANG, "培训结业证书", "", "照护", "很多", ""], "学时"),
        ([*WANG, "培训结业证书", "", "照护", "", "2026-13-01"], "结束日期"),
        ([*WANG, "培训结业证书", "", "照护", "", "99999999999-1-1"], "结束日期"),
        ([*WANG, "", "特级技师", "", "", ""], "等级"),
        ([*WANG, "", "=1+1", "", "", ""], "等级"),
    ],
)
def test_a_line_that_cannot_be_issued_is_refused_at_its_column(app, cast, row, column):
    (line,) = planned(cast, sheet_of(HEADINGS, row).replace(b"'=", b"=")).lines
    assert (line.outcome, line.row, line.column) == ("refused", 2, column)
    assert line.said
    assert line.said != line.code  # every code has its words


def test_the_evaluator_must_be_on_file_in_scope_and_valid_on_the_day(app, cast):
    content = sheet_of(HEADINGS, [*WANG, "", "初级工"])
    outcomes = [
        planned(cast, content, day).lines[0].outcome
        for day in (date(2025, 12, 31), date(2026, 1, 1), date(2028, 12, 31), date(2029, 1, 1))
    ]
    assert outcomes == ["refused", "ready", "ready", "refused"]
    with unit_of_work():
        session().execute(update(EvaluatorFiling).values(occupation="4-10-01-06"))
    (line,) = planned(cast, content).lines
    assert (line.outcome, line.column) == ("refused", "等级")


def test_the_same_award_twice_in_a_sheet_or_before_is_said(app, cast):
    line = [*WANG, "", "初级工"]
    first = planned(cast, sheet_of(HEADINGS, line, line))
    assert [(one.outcome, one.column) for one in first.lines] == [
        ("ready", ""), ("refused", "业务编号"),
    ]  # fmt: skip
    source = first.lines[0].source
    number = issue_now(skill_request(cast.wang, cast.base, source=source)).number
    (again,) = planned(cast, sheet_of(HEADINGS, line)).lines
    assert (again.outcome, number in again.said) == ("already", True)
    named = sheet_of([*HEADINGS, "业务编号"], [*WANG, "", "初级工", "", "", "", "2026-7"])
    (held,) = planned(cast, named).lines
    assert (held.outcome, held.column) == ("refused", "等级")


def test_a_name_the_font_cannot_draw_is_refused_before_it_is_issued(app, cast):
    with unit_of_work():
        session().get_one(Person, cast.wang).name = "王🐼"
    (line,) = planned(cast, sheet_of(HEADINGS, ["王🐼", citizen_id(1), "", "初级工"])).lines
    assert (line.outcome, line.column) == ("refused", "姓名")


def test_too_few_numbers_are_said_before_anything_runs(app, cast):
    pool(cast, "S000014000123265900001")
    plan = planned(cast, sheet_of(HEADINGS, [*WANG, "", "初级工"], [*ZHAO, "", "初级工"]))
    assert plan.short == {"skill:2": (2, 1)}


def test_publicity_held_elsewhere_must_have_been_long_enough_and_be_over(app, cast):
    with unit_of_work():
        publicity(5)
    headings = ["姓名", "证件号码", "等级", "公示开始", "公示结束", "公示依据"]

    def line(begin: str, end: str, by: str = "并人社公告〔2026〕12号"):
        content = sheet_of(headings, [*WANG, "初级工", begin, end, by if begin else ""])
        return planned(cast, content, date(2026, 11, 25)).lines[0]

    assert line("", "").publish is True
    held = line("2026-11-12", "2026-11-19")
    assert (held.outcome, held.publish) == ("ready", False)
    assert held.claim == "并人社公告〔2026〕12号"
    assert held.facts == {
        "publicity_from": "2026-11-12", "publicity_to": "2026-11-19",
        "publicity_by": "并人社公告〔2026〕12号",
    }  # fmt: skip
    nameless = line("2026-11-12", "2026-11-19", "见")
    assert (nameless.outcome, nameless.column) == ("refused", "公示依据")
    for begin, end in (("2026-11-12", "2026-11-18"), ("2026-11-12", "2026-11-25")):
        assert (line(begin, end).outcome, line(begin, end).column) == ("refused", "公示结束")


@pytest.mark.parametrize("headings", [["姓名"], ["姓名", "证件号码", "身份证号"]])
def test_a_sheet_without_its_headings_is_refused_whole(app, cast, headings):
    with pytest.raises(Invalid):
        planned(cast, sheet_of(headings, ["王桂兰"] * len(headings)))


def test_only_a_headings_beginning_is_read(app, cast):
    """Matching brackets in a heading of any length would keep the whole process busy."""
    headings = ["姓名（" + "长" * 200 + "）", "证件号码", "等级"]
    with pytest.raises(Invalid):
        planned(cast, sheet_of(headings, [*WANG, "初级工"]))
