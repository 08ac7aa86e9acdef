"""What candidates are told in plain words, and what publishing shows before and does."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import insert, select, update

from exams.analysis import jobs
from exams.analysis.queries import analysis_of
from exams.entries.models import ExamEvent
from exams.marking.corrections.models import KeyCorrection, KeyDecision
from exams.papers.models import Slot
from exams.results.concluding import release_all
from exams.results.models import Result, ResultRelease
from exams.results.queries import own_result, standings_of
from exams.results.review_queries import publication_of
from exams.results.rules import Standing, complete, valid_to
from exams.results.telling import history_of, tenths_of_ten, told_of
from exams.sittings.models import Attempt
from lms.core import clock
from lms.core.access import SYSTEM
from lms.core.db import session
from lms.core.uow import unit_of_work
from tests.exams.analysis.test_pages import drawn, make_event, sit
from tests.factories.bank import NOW, make_bank, make_question
from tests.factories.exams import enter_person, examiner, fill_bank, open_room, ready, theory_event
from tests.statements import count_statements


@pytest.fixture
def passed(site, cast, sign_in):
    """王桂兰 passed the theory with all but the first twenty questions right."""
    room = open_room(sign_in(cast.wang), ready(site.app, cast))
    room.send(*[room.step(n, room.right(n)) for n in range(21, 101)])
    room.hand_in()
    return room


@pytest.mark.parametrize(
    ("parts", "needed", "days_ago", "held"),
    [
        (("theory", "skills"), ("theory", "skills"), 365, True),
        (("theory", "skills"), ("theory", "skills"), 366, False),
        (("theory", "skills"), ("theory", "skills", "review"), 0, False),
        (("theory", "skills", "review"), ("theory", "skills", "review"), 364, True),
        (("skills",), ("theory", "skills"), 0, False),
    ],
)
def test_parts_combine_while_each_pass_is_valid(parts, needed, days_ago, held):
    today = clock.today()
    old = [Standing(1, parts[0], 600, today - timedelta(days=days_ago))]
    new = [Standing(n, part, 700, today) for n, part in enumerate(parts[1:], start=2)]
    assert (complete(needed, old + new, 365, today) is not None) is held
    last = valid_to(today - timedelta(days=days_ago), 365)
    assert (today <= last) is (days_ago <= 365)


def test_a_passed_part_tells_until_when_it_counts_and_what_comes_next(passed):
    day = valid_to(clock.today(), 365)
    page = passed.client.get("/exams/results/1").text
    assert f"理论成绩有效期至 {day.year}年{day.month}月{day.day}日" in page
    assert "您在" in page
    assert "成。" in page
    history = passed.client.get("/exams/results").text
    assert f"有效期至 {day.year}年" in history
    with time_machine.travel(clock.start_of(day) + timedelta(days=1, hours=2), tick=False):
        held = history_of_wang(passed)
    assert held is False


def history_of_wang(room) -> bool:
    with room.client.application.app_context():
        person = session().scalars(select(Result.person_id)).one()
        return history_of(person, clock.today())[0].held


@pytest.mark.parametrize(
    ("got", "most", "said"), [(0, 100, 0), (83, 100, 8), (85, 100, 9), (99, 100, 9), (100, 100, 10),
                              (5, 0, 0)],
)  # fmt: skip
def test_shares_are_told_in_tenths_and_ten_means_all(got, most, said):
    assert tenths_of_ten(got, most) == said


def many(site, cast, people: int) -> int:
    """A released event with so many sittings of 王桂兰's: marks 10, 20, 30 …; its newest result."""
    with unit_of_work():
        bank = fill_bank(cast, clock.now(), papers=1, code="many")
        event = theory_event(cast, bank, clock.now(), release="by_examiner")
        entry = enter_person(event, cast.wang, cast, clock.now())
        for number in range(1, people + 1):
            attempt = Attempt(
                entry_id=entry.id, number=number, slots=0, state="concluded",
                started_at=clock.now(), deadline=clock.now(), grace_seconds=0,
                handed_in_at=clock.now(),
            )  # fmt: skip
            session().add(attempt)
            session().flush()
            result = Result(
                attempt_id=attempt.id, event_id=event.id, person_id=cast.wang, rung=2,
                part="theory", tenths=10 * number, passed=False,
                by_module={"生活照护": [10, 600], "基础知识": [190, 200]}, stamp="s",
                decided_by=0, decided_at=clock.now(),
            )  # fmt: skip
            session().add(result)
            session().flush()
            session().execute(
                insert(ResultRelease),
                {"result_id": result.id, "released_by": 0, "released_at": clock.now()},
            )
        return result.id


@pytest.mark.parametrize(("people", "told"), [(29, None), (30, 100)])
def test_how_she_stands_is_told_only_among_enough(site, cast, people, told):
    with site.app.app_context():
        card = own_result(many(site, cast, people), cast.wang)
        found = told_of(card, clock.today())
        assert (found.ahead_of, found.group) == (told, people)
        assert [(item.module, item.tenths_of_ten) for item in found.practise] == [("生活照护", 0)]
        assert found.practise[0].course == "onboarding-caregiver"
        with count_statements() as seen:
            told_of(card, clock.today())
        assert len(seen) <= 8


def test_practice_is_in_no_history(passed, site, cast):
    with site.app.app_context():
        with unit_of_work():
            session().scalars(select(ExamEvent)).one().practice = True
        assert history_of(cast.wang, clock.today()) == []
        found = told_of(own_result(1, cast.wang), clock.today())
        assert (found.valid_to, found.group) == (None, 0)
    assert "有效期" not in passed.client.get("/exams/results/1").text


def test_publication_says_what_it_will_do_and_then_what_was_done(site, cast, sign_in):
    room = open_room(sign_in(cast.wang), ready(site.app, cast, release="by_examiner"))
    room.send(*[room.step(n, room.right(n)) for n in range(1, 101)])
    room.hand_in()
    with site.app.app_context():
        event = session().get_one(ExamEvent, 1)
        with unit_of_work():
            enter_person(event, cast.zhao, cast, clock.now())
        with count_statements() as seen:
            found = publication_of(event)
        assert len(seen) <= 4
        assert (found.totals, found.passed, found.waiting, found.absent) == ([1000], 1, 1, 1)
    client = sign_in(cast.zhou)
    page = client.get("/events/1/publication").text
    assert "公布 1 人的成绩" in page
    assert "会收到通知" in page
    assert "王桂兰" in client.get("/events/1/results/print").text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    assert client.post("/events/1/release", data={"csrf_token": token}).status_code == 303
    assert "已公布 1 人" in client.get("/events/1/publication").text


def test_somebody_expelled_is_no_result_to_publish(site, cast, sign_in):
    room = open_room(sign_in(cast.wang), ready(site.app, cast, release="by_examiner"))
    room.hand_in()
    with site.app.app_context():
        with unit_of_work():
            session().execute(update(Attempt).values(state="expelled"))
        found = publication_of(session().get_one(ExamEvent, 1))
        assert (found.totals, found.waiting, found.expelled) == ([], 0, 1)
        event = session().get_one(ExamEvent, 1)
        with unit_of_work():
            assert release_all(event, examiner(cast), clock.now()) == 0


def test_a_pass_of_a_sitting_she_was_expelled_from_does_not_count(passed, site, cast):
    with site.app.app_context():
        assert [s.part for s in standings_of(cast.wang, 2)] == ["theory"]
        with unit_of_work():
            session().execute(update(Attempt).values(state="expelled"))
        assert standings_of(cast.wang, 2) == []


@pytest.mark.parametrize("way", ["void", "full", "key"])
def test_a_question_struck_out_is_no_item_but_counts_for_the_candidates(app, cast, way):
    bank = make_bank(cast.base, "ours")
    versions = [make_question(bank, code=f"Q-{n}").id for n in range(3)]
    event = make_event(cast, bank.id)
    sit(event, cast.wang, versions, drawn(40, 3))
    before = analysis_of(event).figures
    with unit_of_work():
        correction = KeyCorrection(
            ref="r", event_id=event, question_version_id=versions[0], way=way,
            key={"right": [2]} if way == "key" else {}, reason="x", proposed_by=1, proposed_at=NOW,
        )  # fmt: skip
        session().add(correction)
        session().flush()
        session().add(
            KeyDecision(correction_id=correction.id, approved=True, decided_by=2, decided_at=NOW)
        )
    after = analysis_of(event).figures
    struck = way != "key"
    assert [item.version_id for item in after.items] == (versions[1:] if struck else versions)
    assert after.mean == before.mean
    jobs.analyse(event, SYSTEM)
    assert session().scalars(select(Slot.id)).first()
