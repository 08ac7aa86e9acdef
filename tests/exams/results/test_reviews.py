"""Score reviews: the window, adding up, omissions, two persons, and what supersedes what."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import insert, select

from exams.entries.models import ExamEvent
from exams.marking.models import Mark
from exams.papers.models import Slot
from exams.results import reviewing
from exams.results.concluding import release_all
from exams.results.models import LevelAward, Result, ResultRelease, ScoreDecision, ScoreReview
from exams.results.recounting import recounted
from exams.results.rules import Recounted, may_ask, recount
from lms.core import clock
from lms.core.access import SYSTEM, Actor, Grant, Role
from lms.core.db import session
from lms.core.errors import Conflict, NotFound
from lms.core.notify import Notice
from lms.core.uow import unit_of_work
from lms.people.api import grant_role
from tests.cast import START, THEN
from tests.factories.certificates import issue_now, skill_request
from tests.factories.exams import examiner, learner, open_room, ready
from tests.forms import post


@pytest.fixture
def room(site, cast, sign_in):
    """王桂兰 answered the first ten right and handed in."""
    room = open_room(sign_in(cast.wang), ready(site.app, cast))
    room.send(*[room.step(n, room.right(n)) for n in range(1, 11)])
    room.hand_in()
    return room


@pytest.fixture
def second(cast):
    """Another examiner of the base."""
    return Actor(cast.chen, 0, "陈建国", (Grant(Role.EXAMINER, organisation_id=cast.base),))


def the_result() -> Result:
    later = select(Result.supersedes_id).where(Result.supersedes_id.is_not(None))
    return session().scalars(select(Result).where(Result.id.not_in(later))).one()


def slip(position: int, tenths: int) -> None:
    """A mark that a bug or a hand put there: not what the rules give for the answer."""
    result = the_result()
    with unit_of_work():
        slot = session().scalars(select(Slot).where(Slot.position == position)).first()
        session().execute(
            insert(Mark),
            {
                "attempt_id": result.attempt_id, "slot_id": slot.id, "item": "x",
                "tenths": tenths, "stamp": "exams.marking@1", "marked_by": 0,
                "marked_at": clock.now(), "key": f"slip:{position}",
            },
        )  # fmt: skip


def ask(cast) -> ScoreReview:
    with unit_of_work():
        return reviewing.ask(the_result().id, "总分不对", learner(cast.wang), clock.now())


def checked(review, actor):
    with unit_of_work():
        return reviewing.check(review, "", actor, clock.now())


def decided(review, actor) -> ScoreDecision:
    with unit_of_work():
        return reviewing.decide(review, "", actor, clock.now())


@pytest.mark.parametrize(("day", "accepted"), [(-1, False), (0, True), (9, True), (10, True),
                                               (11, False)])  # fmt: skip
def test_the_window_is_ten_days_and_its_last_day_counts(day, accepted):
    released = clock.today()
    assert may_ask(released, 10, released + timedelta(days=day)) is accepted


@pytest.mark.parametrize(("days", "status"), [(9, 303), (10, 303), (11, 200)])
def test_the_page_takes_a_request_on_day_ten_and_refuses_it_on_day_eleven(
    room, site, cast, sign_in, days, status
):
    with site.app.app_context():
        released = session().scalars(select(ResultRelease.released_at)).one()
    with time_machine.travel(released + timedelta(days=days), tick=False):
        client = sign_in(cast.wang)
        answer = post(client, "/exams/results/1/review", {"reason": "漏评"}, page="/exams")
    assert answer.status_code == status
    if status == 200:
        assert "期限已经过了" in answer.text
    with site.app.app_context():
        assert len(session().scalars(select(ScoreReview)).all()) == (status == 303)


def test_a_result_is_reviewed_once_and_only_for_its_owner(room, site, cast, sign_in):
    assert "申请成绩复核" in room.client.get("/exams/results/1").text
    page = "/exams/results/1/review"
    assert post(room.client, page, {"reason": ""}, page="/exams").status_code == 200
    assert post(room.client, page, {"reason": "漏评"}, page="/exams").status_code == 303
    assert "已经申请过复核" in post(room.client, page, {"reason": "再来"}, page="/exams").text
    assert "复核申请已于" in room.client.get("/exams/results/1").text
    assert sign_in(cast.zhao).get(page).status_code == 404
    with site.app.app_context(), pytest.raises(NotFound), unit_of_work():
        reviewing.ask(1, "不是我的", learner(cast.zhao), clock.now())


def test_practice_is_not_reviewed(room, site, cast):
    with site.app.app_context():
        with unit_of_work():
            session().scalars(select(ExamEvent)).one().practice = True
        with pytest.raises(NotFound):
            ask(cast)


def test_what_was_added_up_right_stays(room, site, cast, second):
    with site.app.app_context():
        rows = recounted(the_result())
        assert len(rows) == 100
        total, troubled = recount(rows)
        assert (total, troubled) == (the_result().tenths, [])
        assert sum(row.answered for row in rows) == 10
        review = ask(cast)
        checked(review, examiner(cast))
        assert decided(review, second).outcome == "unchanged"
        assert session().scalars(select(Result)).one().tenths == 100
        told = session().scalars(select(Notice.kind).where(Notice.person_id == cast.wang))
        assert "exams.review.unchanged" in set(told)


def test_a_wrong_mark_is_found_and_corrected_by_a_result_that_supersedes(room, site, cast, second):
    with site.app.app_context():
        slip(3, 0)
        review = ask(cast)
        old = the_result()
        rows = recounted(old)
        assert [row.trouble for row in rows if row.position == 3] == ["differs"]
        assert recount(rows)[0] == 100
        checked(review, examiner(cast))
        assert decided(review, second).outcome == "unchanged"  # the published sum was right
        assert the_result().id == old.id


def test_an_omitted_answer_is_marked_and_the_old_result_stays(
    room, site, cast, second, monkeypatch
):
    with site.app.app_context():
        result = the_result()
        old = result.id
        given = [row for row in recounted(result) if row.position != 4]
        with unit_of_work():  # as if the fourth answer had been forgotten when it was added up
            session().add(
                Result(
                    attempt_id=result.attempt_id, event_id=result.event_id,
                    person_id=result.person_id, rung=2, part="theory",
                    tenths=sum(row.tenths for row in given), passed=False,
                    by_module=result.by_module, stamp=result.stamp, decided_by=0,
                    decided_at=clock.now(), supersedes_id=old,
                )
            )  # fmt: skip
        wrong = the_result()
        assert wrong.tenths == 90
        with unit_of_work():
            session().add(ResultRelease(result_id=wrong.id, released_by=0, released_at=clock.now()))
        review = ask(cast)
        checked(review, examiner(cast))
        decision = decided(review, second)
        assert decision.outcome == "corrected"
        new = the_result()
        assert (new.id, new.tenths, new.supersedes_id) == (decision.new_result_id, 100, wrong.id)
        assert session().get_one(Result, wrong.id).tenths == 90
        assert session().get(ResultRelease, new.id) is not None
        kinds = set(session().scalars(select(Notice.kind).where(Notice.person_id == cast.wang)))
        assert "exams.result.corrected" in kinds
    page = room.client.get(f"/exams/results/{decision.new_result_id}").text
    assert "这是更正后的成绩，原来是 9 分" in page
    assert room.client.get(f"/exams/results/{wrong.id}").status_code == 404


def test_marking_forgotten_is_an_omission_and_a_persons_share_waits():
    rows = [
        Recounted(1, "m", "single", 10, True, None, 10),
        Recounted(2, "m", "essay", 100, True, None, None),
        Recounted(3, "m", "essay", 100, True, 70, None),
        Recounted(4, "m", "judge", 5, False, 0, 0),
    ]
    total, troubled = recount(rows)
    assert [(row.position, row.trouble) for row in troubled] == [(1, "omitted"), (2, "waiting")]
    assert total == 80


def test_neither_checker_nor_marker_nor_candidate_decides(room, site, cast, second):
    with site.app.app_context():
        review = ask(cast)
        with pytest.raises(reviewing.NotChecked):
            decided(review, second)
        checked(review, examiner(cast))
        with pytest.raises(reviewing.SecondPerson):
            decided(review, examiner(cast))
        result = the_result()
        with unit_of_work():
            slot = session().scalars(select(Slot).where(Slot.position == 1)).first()
            session().add(
                Mark(attempt_id=result.attempt_id, slot_id=slot.id, item="m", tenths=10,
                     stamp="person", marked_by=second.person_id, marked_at=clock.now(), key="hand")
            )  # fmt: skip
        with pytest.raises(reviewing.SecondPerson):
            decided(review, second)
        own = Actor(cast.wang, 0, "", (Grant(Role.EXAMINER, organisation_id=cast.base),))
        with pytest.raises(reviewing.SecondPerson):
            checked(review, own)


def test_marks_that_changed_after_the_check_must_be_checked_again(room, site, cast, second):
    with site.app.app_context():
        review = ask(cast)
        checked(review, examiner(cast))
        slip(3, 0)
        with pytest.raises(reviewing.NotChecked):
            decided(review, second)


def test_a_decided_review_is_closed(room, site, cast, second):
    with site.app.app_context():
        review = ask(cast)
        checked(review, examiner(cast))
        decided(review, second)
        with pytest.raises(Conflict):
            decided(review, second)
        with pytest.raises(Conflict):
            checked(review, second)


def test_the_pages_lead_two_people_through_it(room, site, cast, sign_in):
    with site.app.app_context():
        review = ask(cast)
        with unit_of_work():
            grant_role(cast.chen, Role.EXAMINER, SYSTEM, THEN, START, organisation_id=cast.base)
    page = f"/events/1/reviews/{review.id}"
    first, other = sign_in(cast.zhou), sign_in(cast.chen)
    assert "王桂兰" in first.get("/events/1/reviews").text
    shown = first.get(page).text
    assert shown.count("一致") >= 100
    assert "记下核对结果" in shown
    assert post(first, f"{page}/check", {"note": "已核"}, page="/events").status_code == 303
    assert "等另一位" in first.get(page).text
    assert "核对过分数" in post(first, f"{page}/decide", page="/events",
                           follow_redirects=True).text  # fmt: skip
    assert "成绩不变，考生会收到通知" in other.get(page).text
    assert post(other, f"{page}/decide", page="/events").status_code == 303
    assert "成绩不变" in room.client.get("/exams/results/1").text
    assert room.client.get(page).status_code == 403


def test_a_certificate_on_a_superseded_result_is_pointed_out(room, site, cast, sign_in):
    with site.app.app_context():
        review, result = ask(cast), the_result()
        number = review.id
        held = issue_now(skill_request(cast.wang, cast.base))
        with unit_of_work():
            session().add(
                LevelAward(result_id=result.id, person_id=cast.wang, rung=2,
                           result_ids={"theory": result.id}, certificate_id=held.certificate_id,
                           awarded_at=clock.now())
            )  # fmt: skip
            reviewing.supersede(result, [], examiner(cast), clock.now())
        with pytest.raises(Conflict), unit_of_work():
            reviewing.supersede(result, [], examiner(cast), clock.now())
        assert release_all(session().get_one(ExamEvent, 1), examiner(cast), clock.now()) == 0
    page = sign_in(cast.zhou).get(f"/events/1/reviews/{number}").text
    assert "请到证书登记册核对" in page
