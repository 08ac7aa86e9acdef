"""The analysis of an event: right sums, fixed statements, scope, and keys only on record."""

import random
from datetime import timedelta

import pytest
from flask import g
from sqlalchemy import func, insert, select

from exams.analysis.queries import analysis_of
from exams.analysis.views import detail
from exams.bank.models import QuestionVersion
from exams.entries.models import Entry, ExamEvent
from exams.marking.models import Mark
from exams.papers.models import Paper, Slot
from exams.sittings.models import AnswerStep, Attempt
from lms.core.access import SYSTEM, Role
from lms.core.audit import AuditEvent
from lms.core.db import session
from lms.core.uow import unit_of_work
from lms.people.api import grant_role
from tests.cast import START, THEN
from tests.factories.bank import NOW, make_bank, make_question
from tests.forms import post
from tests.statements import count_statements

ORDER = [2, 0, 1, 3]


def sit(event_id: int, person_id: int, versions: list[int], picks: list[list[int | None]]) -> None:
    """Concluded sittings of one paper: picks[attempt][question] is the option taken; 1 is right."""
    with unit_of_work():
        sess = session()
        paper = Paper(event_id=event_id, seed="s", blueprint="b", digest="d", created_at=NOW)
        entry = Entry(
            event_id=event_id, person_id=person_id, ticket=f"T{event_id}", decision={},
            rule_stamp="", registered_by=0, registered_at=NOW,
        )  # fmt: skip
        sess.add_all((paper, entry))
        sess.flush()
        slots = [
            Slot(paper_id=paper.id, position=n, question_version_id=v, tenths=10, order=ORDER)
            for n, v in enumerate(versions, start=1)
        ]
        attempts = [
            Attempt(
                entry_id=entry.id, number=n, paper_id=paper.id, slots=len(slots),
                state="concluded", started_at=NOW, deadline=NOW, grace_seconds=0, handed_in_at=NOW,
            )
            for n, _row in enumerate(picks, start=1)
        ]  # fmt: skip
        sess.add_all((*slots, *attempts))
        sess.flush()
        steps, marks = [], []
        for attempt, row in zip(attempts, picks, strict=True):
            for slot, pick in zip(slots, row, strict=True):
                if pick is not None:
                    for seq, option in ((slot.position, 3), (slot.position + 100, pick)):
                        steps.append(_step(attempt.id, seq, slot.position, option))
                for turn, tenths in enumerate((0, 10 if pick == 1 else 0)):
                    marks.append(_mark(attempt.id, slot.id, turn, tenths))
        sess.execute(insert(AnswerStep), steps)
        sess.execute(insert(Mark), marks)


def _step(attempt: int, seq: int, position: int, option: int) -> dict[str, object]:
    return {
        "attempt_id": attempt, "seq": seq, "op": f"o{seq}", "epoch": 1, "position": position,
        "answer": {"picked": [ORDER.index(option)]}, "client_at": NOW, "received_at": NOW,
        "late": False,
    }  # fmt: skip


def _mark(attempt: int, slot: int, turn: int, tenths: int) -> dict[str, object]:
    return {
        "attempt_id": attempt, "slot_id": slot, "item": "基础知识", "tenths": tenths, "stamp": "t",
        "marked_by": 0, "marked_at": NOW, "key": f"{attempt}:{slot}:{turn}",
    }  # fmt: skip


def make_event(cast, bank_id: int, part: str = "theory") -> int:
    with unit_of_work():
        event = ExamEvent(
            title="十一月理论", rung=2, part=part, organisation_id=cast.base, bank_id=bank_id,
            opens_at=NOW, closes_at=NOW + timedelta(hours=2), minutes=90, status="published",
            release="at_once", feedback="marks", grace_seconds=60, created_by=0, created_at=NOW,
        )  # fmt: skip
        session().add(event)
        session().flush()
        return event.id


def drawn(people: int, questions: int) -> list[list[int | None]]:
    rng = random.Random(5)
    return [
        [rng.choice((1, 1, 1, 0, 2)) if rng.random() < n / people else rng.choice((0, 2, None))
         for _question in range(questions)]
        for n in range(people)
    ]  # fmt: skip


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


def test_the_sums_are_of_the_marks_that_count(event, versions):
    found, picks = analysis_of(event), drawn(60, 6)
    figures = found.figures
    assert figures.n == 60
    assert [item.sums.x for item in found.items] == [
        10 * sum(row[n] == 1 for row in picks) for n in range(6)
    ]
    totals = [10 * sum(pick == 1 for pick in row) for row in picks]
    assert figures.mean == sum(totals) / 60
    assert figures.papers == 1
    assert figures.reliability.method == "kr20"
    assert 0 < figures.reliability.value < 1
    assert sum(figures.bands) == sum(figures.fine) == 60


def test_the_distractor_table_follows_the_shown_order_and_the_last_answer(event, versions):
    picks = [row[0] for row in drawn(60, 6)]
    version = session().get_one(QuestionVersion, versions[0])
    (item,) = [i for i in analysis_of(event).items if i.version_id == version.id]
    found = detail(item, version, {"right": [1]})
    counted = {row.label: row.count for row in found.rows}
    assert counted == {
        "A": picks.count(0), "B": picks.count(1), "C": picks.count(2), "D": 0,
        "": picks.count(None),
    }  # fmt: skip
    assert [row.label for row in found.rows if row.is_right] == ["B"]


def test_ten_times_the_sittings_cost_no_more_statements(app, cast, bank, versions):
    def cost(people: int) -> int:
        event_id = make_event(cast, bank.id)
        sit(event_id, cast.wang, versions, drawn(people, 6))
        with count_statements() as seen:
            analysis_of(event_id)
        return len(seen)

    assert cost(6) == cost(60)


def test_the_examiner_sees_figures_and_no_key(event, versions, sign_in, cast):
    client = sign_in(cast.zhou)
    page = client.get(f"/events/{event}/analysis")
    assert page.status_code == 200
    assert "Q-0" in page.text
    assert "<circle" in page.text
    assert f"/events/{event}/analysis/compare" in page.text
    item = client.get(f"/events/{event}/analysis/{versions[0]}")
    assert item.status_code == 200
    assert "高分组" not in item.text


def test_opening_an_item_is_recorded_and_shows_how_answers_fell(event, versions, sign_in, cast):
    client, address = sign_in(cast.zhou), f"/events/{event}/analysis/{versions[0]}"
    g.pop("csrf_token", None)
    opened = post(client, address, page="/bank")
    assert opened.status_code == 303
    assert "高分组" in client.get(opened.headers["Location"]).text
    query = select(func.count()).select_from(AuditEvent)
    assert session().scalar(query.where(AuditEvent.action == "question.key.open")) == 1


def test_a_platform_banks_key_stays_shut_for_the_events_examiner(app, cast, sign_in):
    version = make_question(make_bank(None, "theirs"), code="P-1").id
    event_id = make_event(cast, make_bank(cast.base).id)
    sit(event_id, cast.wang, [version], drawn(6, 1))
    client, address = sign_in(cast.zhou), f"/events/{event_id}/analysis/{version}"
    assert "属于别的单位" in client.get(address).text
    g.pop("csrf_token", None)
    assert post(client, address, page="/bank").status_code == 404


@pytest.mark.parametrize(
    ("who", "status"), [("wang", 403), ("li", 403), ("chen", 403), ("county", 403), ("admin", 200)]
)
def test_only_examiners_and_administrators_see_the_analysis(event, sign_in, cast, who, status):
    assert sign_in(getattr(cast, who)).get(f"/events/{event}/analysis").status_code == status


def test_another_bases_examiner_and_another_part_find_nothing(event, versions, bank, sign_in, cast):
    with unit_of_work():
        grant_role(cast.sun, Role.EXAMINER, SYSTEM, THEN, START, organisation_id=cast.gucheng)
    skills = make_event(cast, bank.id, "skills")
    other, ours = sign_in(cast.sun), sign_in(cast.zhou)
    for address in (f"/events/{event}/analysis", f"/events/{event}/analysis/{versions[0]}"):
        assert other.get(address).status_code == 404
    assert ours.get(f"/events/{skills}/analysis").status_code == 404
    assert ours.get(f"/events/{event}/analysis/999999").status_code == 404


def test_an_event_without_results_says_so(app, cast, bank, sign_in):
    page = sign_in(cast.zhou).get(f"/events/{make_event(cast, bank.id)}/analysis")
    assert "还没有成绩" in page.text
