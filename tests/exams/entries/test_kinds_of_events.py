"""Practice, make-ups, publication at a time, and the embargo before it."""

from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from exams.entries.make_ups import Sat, may_make_up, refusal
from exams.entries.models import Entry, ExamEvent
from exams.entries.registering import register_candidates
from exams.jobs import publish_results
from exams.results.embargo import due, publish_due
from exams.results.models import LevelAward, ResultRelease
from exams.results.queries import standings_of
from lms.core import clock
from lms.core.db import session
from lms.core.uow import unit_of_work
from tests.cast import citizen_id
from tests.factories.exams import (
    CANARY,
    enter_person,
    examiner,
    fill_bank,
    open_room,
    ready,
    theory_event,
)
from tests.factories.halls import make_invigilator
from tests.forms import post

DAY = date(2026, 11, 1)
WHO = ("failed", "missed")


@pytest.mark.parametrize(
    ("sat", "why"),
    [
        ([], "never"),
        ([Sat("missed", DAY)], None),
        ([Sat("failed", DAY)], None),
        ([Sat("passed", DAY)], "passed"),
        ([Sat("failed", DAY), Sat("passed", DAY)], "passed"),
        ([Sat("pending", DAY)], "pending"),
        ([Sat("expelled", DAY)], "expelled"),
        ([Sat("failed", date(2025, 1, 1)), Sat("missed", DAY)], None),
        ([Sat("passed", DAY, date(2026, 12, 1))], "passed"),
        ([Sat("passed", DAY, date(2026, 11, 30))], None),
        ([Sat("passed", date(2024, 1, 1), date(2025, 1, 1))], "too_late"),
        ([Sat("passed", date(2025, 1, 1), date(2025, 12, 31)), Sat("expelled", DAY)], "expelled"),
    ],
)
def test_who_may_make_up(sat, why):
    assert refusal(sat, WHO, 365, date(2026, 12, 1)) == why


def test_the_last_day_of_its_validity_counts_and_the_rule_says_who():
    sat = [Sat("failed", DAY)]
    assert refusal(sat, WHO, 365, DAY + timedelta(days=365)) is None
    assert refusal(sat, WHO, 365, DAY + timedelta(days=366)) == "too_late"
    assert refusal([Sat("missed", DAY)], ("failed",), 365, DAY) == "missed"


def test_a_make_up_takes_those_who_failed_or_missed_whatever_the_waiver(site, cast, sign_in):
    wang = ready(site.app, cast)
    with site.app.app_context(), unit_of_work():
        event = session().get_one(ExamEvent, 1)
        zhao = enter_person(event, cast.zhao, cast, clock.now()).id
        enter_person(event, cast.sun, cast, clock.now())
    failed, passed = open_room(sign_in(cast.wang), wang), open_room(sign_in(cast.zhao), zhao)
    passed.send(*[passed.step(n, passed.right(n)) for n in range(1, 101)])
    failed.hand_in()
    passed.hand_in()
    with site.app.app_context(), unit_of_work():
        earlier, now = session().get_one(ExamEvent, 1), clock.now()
        bank = fill_bank(cast, now, papers=2, code="make-up")
        times = {"opens_at": earlier.closes_at, "closes_at": earlier.closes_at + timedelta(hours=4)}
        make_up = theory_event(cast, bank, now, make_up_of=1, **times)
        assert may_make_up(make_up, [earlier]) == sorted((cast.wang, cast.sun))
        people = [cast.wang, cast.zhao, cast.sun, cast.li]
        done = register_candidates(make_up, people, examiner(cast), now, "材料齐全")
        assert set(done.entered) == {cast.wang, cast.sun}
        reasons = {p: d.missing for p, d in done.refused.items()}
    assert reasons == {cast.zhao: ("这一部分已经合格",), cast.li: ("没有报名过原来的考试",)}
    assert "只有原来没通过或缺考" in sign_in(cast.zhou).get("/events/2").text
    with site.app.app_context():
        mine = select(Entry.id).where(Entry.event_id == 2, Entry.person_id == cast.wang)
        own = session().scalar(mine)
    assert "这是补考" in sign_in(cast.wang).get(f"/exams/{own}").text


def test_one_button_enters_all_who_may_make_up_and_an_expired_pass_may(site, cast, sign_in):
    wang = ready(site.app, cast)
    room = open_room(sign_in(cast.wang), wang)
    room.send(*[room.step(n, room.right(n)) for n in range(1, 101)])
    room.hand_in()
    with site.app.app_context(), unit_of_work():
        first = session().get_one(ExamEvent, 1)
        for person in (cast.zhao, cast.sun):
            enter_person(first, person, cast, clock.now())
        opens = first.closes_at + timedelta(days=300)
        bank = fill_bank(cast, clock.now(), papers=3, code="make-up")
        for start in (opens, opens + timedelta(days=66)):
            times = {"opens_at": start, "closes_at": start + timedelta(hours=4)}
            theory_event(cast, bank, clock.now(), make_up_of=1, **times)
    client = sign_in(cast.zhou)
    assert "还有 2 人可以补考" in client.get("/events/2").text
    told = post(client, "/events/2/candidates/make-up", page="/events", follow_redirects=True)
    assert "报名 2 人" in told.text
    assert "可以补考：" not in told.text
    again = post(client, "/events/2/candidates/make-up", page="/events", follow_redirects=True)
    assert "没有可以补考的人" in again.text
    # A year and a day after she passed it, 王桂兰 may sit the part again.
    with site.app.app_context():
        third = session().get_one(ExamEvent, 3)
        assert may_make_up(third, [session().get_one(ExamEvent, 1)]) == [cast.wang]


def test_only_who_manages_enters_people_for_a_make_up(site, cast, sign_in):
    ready(site.app, cast)
    with site.app.app_context(), unit_of_work():
        make_invigilator(cast, cast.chen)
    refused = post(sign_in(cast.chen), "/events/1/candidates/make-up", page="/events")
    assert refused.status_code in (403, 404)


def test_a_newcomer_makes_a_practice_in_a_minute(site, cast, sign_in):
    with site.app.app_context(), unit_of_work():
        bank = fill_bank(cast, clock.now(), papers=1).id
    client = sign_in(cast.zhou)
    page = client.get("/events/new?practice=1").text
    assert "安排练习" in page
    filled = {
        "title": "理论练习", "rung": "2", "part": "theory", "organisation_id": str(cast.base),
        "bank_id": str(bank), "opens_at": "2026-11-01T09:00", "closes_at": "2027-11-01T09:00",
        "minutes": "90", "attempts": "1", "practice": "y", "release": "by_examiner",
        "feedback": "marks", "issues_certificate": "y", "admission": "code",
        "switch_mode": "hand_in", "paper_mode": "own", "forms": "1", "exposure_percent": "0",
        "tolerance": "5", "multiple_rule": "", "shuffle_options": "y",
    }  # fmt: skip
    made = post(client, "/events/new", filled, page="/events")
    assert made.status_code == 303, made.text
    with site.app.app_context():
        event = session().get_one(ExamEvent, 1)
        assert (event.practice, event.release, event.feedback) == (True, "at_once", "explained")
        assert (event.admission, event.issues_certificate) == ("open", False)
    assert post(client, "/events/1/publish", page="/events").status_code == 303
    post(client, "/events/1/candidates", {"numbers": citizen_id(1)}, page="/events")
    assert "理论练习" in sign_in(cast.wang).get("/exams").text


def test_practice_has_no_limit_shows_why_at_once_and_counts_nowhere(site, cast, sign_in):
    entry_id = ready(site.app, cast, practice=True)
    client = sign_in(cast.wang)
    for number in (1, 2, 3):
        room = open_room(client, entry_id)
        assert room.attempt == number
        room.send(*[room.step(n, room.right(n)) for n in range(1, 101)])
        room.hand_in()
        assert CANARY in client.get(f"/exams/results/{number}?show=all").text
    assert "练习 100 分" in client.get("/exams").text
    assert "分 合格" not in client.get("/exams").text
    with site.app.app_context():
        assert standings_of(cast.wang, 2) == []
        assert session().scalar(select(func.count()).select_from(LevelAward)) == 0
    assert sign_in(cast.zhou).get("/events/1/analysis").status_code == 404


def sat_in(site, cast, sign_in, **changes):
    room = open_room(sign_in(cast.wang), ready(site.app, cast, **changes))
    room.send(*[room.step(n, room.right(n)) for n in range(1, 100)])
    room.hand_in()
    return room


@pytest.mark.parametrize("release", ["by_examiner", "at_time"])
def test_before_publication_only_who_may_publish_sees_marks(site, cast, sign_in, release):
    hours = clock.now().replace(microsecond=0) + timedelta(hours=6)
    room = sat_in(site, cast, sign_in, release=release, results_at=hours)
    with site.app.app_context(), unit_of_work():
        make_invigilator(cast, cast.chen)
    watcher = sign_in(cast.chen)
    for path in ("/events/1", "/events/1/progress", "/events/1/entries/1/watch", "/events/1/wall"):
        page = watcher.get(path)
        assert (page.status_code, "99.5" in page.text) == (200, False), path
    assert "99.5" not in watcher.get("/events/1/results.csv").data.decode("utf-8-sig")
    for person in (cast.admin, cast.chen):
        assert sign_in(person).get("/events/1/analysis").status_code in (403, 404)
    for path in ("/exams", "/exams/1", "/exams/room/1/done", "/"):
        text = room.client.get(path, follow_redirects=True).text
        assert "99.5" not in text, path
        assert CANARY not in text
    assert room.client.get("/exams/results/1").status_code == 404
    assert "99.5" in sign_in(cast.zhou).get("/events/1").text
    assert "99.5" in sign_in(cast.zhou).get("/events/1/results.csv").data.decode("utf-8-sig")


def test_results_come_out_at_their_time_once(site, cast, sign_in):
    moment = clock.now().replace(microsecond=0) + timedelta(hours=6)
    room = sat_in(site, cast, sign_in, release="at_time", results_at=moment)
    early = post(sign_in(cast.zhou), "/events/1/release", page="/events", follow_redirects=True)
    assert "还没到公布成绩的时间" in early.text
    with site.app.app_context():
        with time_machine.travel(moment - timedelta(seconds=1), tick=False):
            assert publish_results() == 0
        with time_machine.travel(moment, tick=False):
            assert due(moment) == [1]
            assert publish_results() == 1
            assert publish_results() == 0
            with unit_of_work():
                assert publish_due(1, moment) == 0
        assert session().scalar(select(func.count()).select_from(ResultRelease)) == 1
    assert "99.5 分 合格" in room.client.get("/exams").text


def test_an_event_that_says_only_passed_or_not_shows_no_marks(site, cast, sign_in):
    room = sat_in(site, cast, sign_in, feedback="nothing")
    for path in ("/exams", "/exams/1", "/exams/results/1?show=all"):
        text = room.client.get(path).text
        assert "99.5" not in text
        assert CANARY not in text
    assert "合格" in room.client.get("/exams/results/1").text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"release": "at_time"}, "请填写公布成绩的时间"),
        ({"release": "at_time", "results_at": "2026-12-01T12:00"}, "不能早于考试结束时间"),
        ({"part": "skills", "practice": "y"}, "练习只有理论题"),
        ({"make_up_of": "1"}, "在原来的考试结束以后"),
        ({"make_up_of": "1", "rung": "3"}, "同一等级、同一内容"),
    ],
)
def test_a_plan_that_cannot_be_says_why(site, cast, sign_in, change, said):
    ready(site.app, cast)
    with site.app.app_context(), unit_of_work():
        session().get_one(ExamEvent, 1).closes_at = clock.now() + timedelta(days=400)
    plan = {
        "title": "理论考试", "rung": "2", "part": "theory", "organisation_id": str(cast.base),
        "bank_id": "1", "opens_at": "2026-12-01T09:00", "closes_at": "2026-12-01T17:00",
        "minutes": "90", "attempts": "1", "release": "at_once", "feedback": "explained",
        "admission": "open", "switch_mode": "off", "paper_mode": "own", "forms": "1",
        "exposure_percent": "0", "tolerance": "5", "multiple_rule": "",
    }  # fmt: skip
    page = post(sign_in(cast.zhou), "/events/new", plan | change, page="/events")
    assert said in page.text
