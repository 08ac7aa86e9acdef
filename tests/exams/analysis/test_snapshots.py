"""Frozen analyses: as a task with progress, with what they cover, and what is left out of them."""

import json
from io import BytesIO

import openpyxl
import pytest
from flask import g
from sqlalchemy import func, select, update

from exams.analysis import jobs, views
from exams.analysis.models import AnalysisRun, ItemStatistic
from exams.analysis.queries import analysis_of, snapshot_of
from exams.analysis.records import item_records
from exams.entries.models import ExamEvent
from exams.marking.models import Mark
from exams.papers.models import Slot
from exams.sittings.models import Attempt
from lms.core import tasks
from lms.core.access import SYSTEM
from lms.core.db import session
from lms.core.uow import unit_of_work
from lms.jobs import all_jobs, all_runners
from tests.exams.analysis.test_pages import drawn, make_event, sit
from tests.factories.bank import NOW, make_bank, make_question
from tests.forms import post
from tests.statements import count_statements


@pytest.fixture
def bank(app, cast):
    return make_bank(cast.base, "ours")


@pytest.fixture
def versions(bank):
    return [make_question(bank, code=f"Q-{n}").id for n in range(6)]


@pytest.fixture
def event(cast, bank, versions):
    made = make_event(cast, bank.id)
    sit(made, cast.wang, versions, drawn(60, 6))
    return made


@pytest.fixture
def large(monkeypatch):
    """Every event counts as a large one."""
    monkeypatch.setattr(views, "AT_ONCE", 0)


def test_a_snapshot_gives_back_what_was_worked_out(event):
    jobs.analyse(event, SYSTEM)
    kept, fresh = snapshot_of(event), analysis_of(event)
    assert kept.figures == fresh.figures
    assert [item.code for item in kept.items] == [item.code for item in fresh.items]
    assert kept.newer_marks == 0


def test_a_snapshot_holds_no_key_and_no_name(event):
    jobs.analyse(event, SYSTEM)
    kept = json.dumps(
        [*session().scalars(select(ItemStatistic.figures)), session().scalar(
            select(AnalysisRun.figures))], ensure_ascii=False
    )  # fmt: skip
    for word in ("right", "王桂兰", "person"):
        assert word not in kept


def remark(event_id: int) -> None:
    """Give one sitting full marks for one question."""
    with unit_of_work():
        first = session().scalars(select(Mark).order_by(Mark.id)).first()
        session().add(
            Mark(
                attempt_id=first.attempt_id, slot_id=first.slot_id, item="基础知识", tenths=10,
                stamp="t", marked_by=0, marked_at=NOW, key="late",
            )
        )  # fmt: skip


def test_a_late_mark_counts_and_the_page_says_that_the_snapshot_is_older(
    event, large, sign_in, cast
):
    client, address = sign_in(cast.zhou), f"/events/{event}/analysis"
    assert client.get(address).status_code == 200
    before = analysis_of(event).figures.items[0].sums.x
    jobs.analyse(event, SYSTEM)
    first_pick = drawn(60, 6)[0][0]
    remark(event)
    assert snapshot_of(event).newer_marks == 1
    assert analysis_of(event).figures.items[0].sums.x == before + (0 if first_pick == 1 else 10)
    page = client.get(address).text
    assert "此后有 1 份答卷的评分有变化" in page
    jobs.analyse(event, SYSTEM)
    assert snapshot_of(event).newer_marks == 0
    assert session().scalar(select(func.count(AnalysisRun.id))) == 2


def test_expelled_practice_and_unmarked_sittings_are_left_out(event, versions):
    some = select(Attempt.id).order_by(Attempt.id)
    with unit_of_work():
        ids = list(session().scalars(some))
        for state, chosen in (("expelled", ids[:3]), ("handed_in", ids[3:5])):
            session().execute(update(Attempt).where(Attempt.id.in_(chosen)).values(state=state))
    found = analysis_of(event).figures
    assert (found.n, found.expelled, found.unmarked) == (55, 3, 2)
    with unit_of_work():
        session().execute(update(ExamEvent).where(ExamEvent.id == event).values(practice=True))
    assert analysis_of(event).figures.n == 0
    assert jobs.analyse_changed() == 0


def test_the_parts_of_a_case_are_items_of_their_own(app, cast, bank):
    part = {"kind": "single", "stem": "小题", "body": {"options": ["甲", "乙"]}, "share": 1}
    version = make_question(
        bank, code="CASE", kind="case", body={"parts": [part, {**part, "kind": "judge",
        "body": {}}]}, key={"parts": [{"right": [0]}, {"right": True}]},
    ).id  # fmt: skip
    event_id = make_event(cast, bank.id)
    sit(event_id, cast.wang, [version], drawn(40, 1))
    found = analysis_of(event_id).items
    assert [(item.code, item.part) for item in found] == [("CASE", 0)]
    with unit_of_work():
        slot = session().scalars(select(Slot)).one()
        values = {"paper_id": slot.paper_id, "position": 2, "tenths": 10, "order": [], "part": 1}
        session().add(Slot(question_version_id=version, **values))
        session().flush()
        second = session().scalars(select(Slot.id).where(Slot.position == 2)).one()
        for n, attempt in enumerate(session().scalars(select(Attempt.id))):
            session().add(
                Mark(attempt_id=attempt, slot_id=second, item="x", tenths=n % 2 * 5, stamp="",
                     marked_by=0, marked_at=NOW, key=f"p{n}")
            )  # fmt: skip
    found = analysis_of(event_id)
    assert [(item.part, item.kind) for item in found.items] == [(0, "case"), (2, "case")]
    assert found.items[1].figures.got == [(0, 20), (5, 20)]
    assert found.items[1].facility.value == 0.25
    assert found.figures.reliability.method == "alpha"
    jobs.analyse(event_id, SYSTEM)
    assert item_records([version])[version].n == 40


def test_a_large_event_is_analysed_as_a_task_with_progress(event, large, sign_in, cast):
    client, address = sign_in(cast.zhou), f"/events/{event}/analysis"
    page = client.get(address)
    assert "开始分析" in page.text
    assert "Q-0" not in page.text
    g.pop("csrf_token", None)
    started = post(client, f"{address}/run", page=address)
    assert started.status_code == 303
    assert "已算答卷" in client.get(started.location).text
    assert client.get(f"{started.location}/state").json["state"] == "waiting"
    assert tasks.run_next(all_runners())
    state = client.get(f"{started.location}/state").json
    assert state["state"] == "done"
    assert state["total"] == 60
    assert client.get(started.location).location.endswith(address)
    page = client.get(address).text
    assert "Q-0" in page
    assert "重新分析" in page
    item = snapshot_of(event).items[0].version_id
    assert client.get(f"{address}/{item}").status_code == 200


def test_an_item_of_a_large_event_not_yet_analysed_leads_back(
    event, versions, large, sign_in, cast
):
    client = sign_in(cast.zhou)
    answer = client.get(f"/events/{event}/analysis/{versions[0]}")
    assert answer.location.endswith(f"/events/{event}/analysis")
    assert client.get(f"/events/{event}/analysis.csv").status_code == 404


def test_somebody_who_lost_the_role_gets_no_analysis(event, cast):
    with unit_of_work():
        params = {"event_id": event, "person_id": cast.wang}
        task = tasks.start(jobs.ANALYSIS, params, SYSTEM)
    assert tasks.run_next(all_runners())
    found = tasks.find(task.ref, SYSTEM)
    assert found.state == "failed"
    assert session().scalar(select(func.count(AnalysisRun.id))) == 0


def test_the_night_analyses_what_changed_and_nothing_twice(event):
    assert "exams.analysis.nightly" in {name for name, _when, _call in all_jobs()}
    assert jobs.analyse_changed() == 1
    assert jobs.analyse_changed() == 0
    remark(event)
    assert jobs.analyse_changed() == 1


def test_a_snapshot_takes_as_many_statements_for_ten_sittings_as_for_sixty(
    app, cast, bank, versions
):
    def cost(people: int) -> int:
        event_id = make_event(cast, bank.id)
        sit(event_id, cast.wang, versions, drawn(people, 6))
        with count_statements() as seen:
            jobs.analyse(event_id, SYSTEM)
            snapshot_of(event_id)
        return len(seen)

    assert cost(10) == cost(60)


def test_the_export_holds_every_item_and_its_bounds(event, sign_in, cast):
    client = sign_in(cast.zhou)
    book = openpyxl.load_workbook(
        BytesIO(client.get(f"/events/{event}/analysis.xlsx").data), read_only=True
    )
    rows = list(book.worksheets[0].values)
    named = dict(zip(rows[0], rows[1], strict=True))
    item = analysis_of(event).items[0]
    assert len(rows) == 7
    assert named["题目"] == item.code
    assert named["得分率"] == pytest.approx(item.facility.value, abs=1e-4)
    assert named["区分度下限"] == pytest.approx(item.discrimination.low, abs=1e-4)
    text = client.get(f"/events/{event}/analysis.csv").get_data(as_text=True)
    assert text.count("\n") == 7
