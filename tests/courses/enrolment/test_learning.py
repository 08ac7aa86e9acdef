"""A caregiver learns on her phone: start, read, answer, finish, hours once."""

import re

import pytest
from sqlalchemy import func, select

from courses.api import completions_of, continue_lesson, due_courses, hours_in_year
from courses.credits.models import CreditEntry
from courses.enrolment.models import Completion, Enrolment, Evidence
from lms.core import clock
from lms.core.db import session
from tests.factories.courses import (
    answer,
    course_files,
    fields_of,
    finish,
    hand_in,
    no_waiting,
    published,
)
from tests.forms import post
from tests.statements import count_statements


@pytest.fixture
def trial(site):
    with site.app.app_context():
        no_waiting()
        return published()


@pytest.fixture
def wang(trial, cast, sign_in):
    """王桂兰's phone with the trial course begun."""
    phone = sign_in(cast.wang)
    begun = post(phone, "/learn/trial/start")
    assert begun.status_code == 303
    assert begun.location == "/learn/trial/one"
    return phone


def enrolment_of(site, person_id, code="trial"):
    with site.app.app_context():
        return session().scalar(
            select(Enrolment.id)
            .where(Enrolment.person_id == person_id)
            .order_by(Enrolment.id.desc())
        )


def lesson_id(page):
    return int(re.search(r'data-lesson="(\d+)"', page)[1])


def test_what_is_due_stands_first_with_its_date(site, cast, sign_in):
    page = sign_in(cast.wang).get("/learn").text
    assert "养老护理员岗前培训" in page
    assert page.index("要完成的") < page.index("年度复训")
    assert 'class="next-step"' in page


def test_a_lesson_needs_the_course_begun(trial, cast, sign_in):
    phone = sign_in(cast.wang)
    assert phone.get("/learn/trial/one").location == "/learn/trial"
    assert "开始学习" in phone.get("/learn/trial").text
    assert post(phone, "/learn/trial/one/finish").status_code == 404


def test_opening_pages_writes_nothing(site, wang):
    with site.app.app_context():
        before = session().scalar(select(func.count(Evidence.id)))
    for path in ("/learn", "/learn/trial", "/learn/trial/one", "/learn/trial/two"):
        assert wang.get(path).status_code == 200
    with site.app.app_context():
        assert session().scalar(select(func.count(Evidence.id))) == before


def test_the_whole_course_without_script(site, cast, wang):
    first = wang.get("/learn/trial/one").text
    assert "CANARY" not in first
    assert 'src="/learn/pictures/' in first
    wrong = answer(wang, "/learn/trial/one", {1: "A"})
    assert "再想想" in wrong
    assert "CANARY-one" in wrong
    assert "有 1 题要再想想" in wrong
    assert 'href="#question-1"' in wrong
    assert 'id="question-1"' in wrong
    assert "完成本课" not in re.sub(r"就能完成本课", "", wrong)
    assert "答对了" in answer(wang, "/learn/trial/one", {1: "B"})
    assert finish(wang, "/learn/trial/one").location == "/learn/trial/two"
    answer(wang, "/learn/trial/two", {1: "B"})
    last = finish(wang, "/learn/trial/two")
    assert (last.status_code, last.location) == (303, "/learn/trial/done")
    assert "1.5" in wang.get("/learn/trial/done").text
    with site.app.app_context():
        year = clock.today().year
        assert hours_in_year(cast.wang, year)["professional"] == 15
        assert [done.course_code for done in completions_of(cast.wang)] == ["trial"]


def test_hours_are_posted_once_however_often_it_is_finished(site, cast, wang):
    for lesson in ("one", "two"):
        answer(wang, f"/learn/trial/{lesson}", {1: "B"})
    for lesson in ("one", "two"):
        fields = fields_of(wang.get(f"/learn/trial/{lesson}").text, "finished")
        for _ in range(3):
            wang.post(f"/learn/trial/{lesson}/finish", data=fields)
    with site.app.app_context():
        assert session().scalar(select(func.count(Completion.id))) == 1
        keys = session().scalars(select(CreditEntry.source_key)).all()
        assert keys == [f"course:{enrolment_of(site, cast.wang)}"]


def test_starting_twice_is_one_enrolment(site, cast, wang):
    post(wang, "/learn/trial/start")
    with site.app.app_context():
        assert session().scalar(select(func.count(Enrolment.id))) == 1


def test_an_early_finish_says_how_long_to_wait(site, cast, sign_in):
    with site.app.app_context():
        published()
    phone = sign_in(cast.wang)
    post(phone, "/learn/trial/start")
    answer(phone, "/learn/trial/one", {1: "B"})
    early = finish(phone, "/learn/trial/one")
    assert early.location.endswith("/one#check")
    assert "请再看" in phone.get("/learn/trial/one").text
    told = finish(phone, "/learn/trial/one", Accept="application/json")
    assert (told.status_code, told.json["code"]) == (409, "not-yet")


def test_a_finish_without_right_answers_says_what_is_missing(wang):
    answer(wang, "/learn/trial/one", {1: "A"})
    fields = fields_of(wang.get("/learn/trial/one").text, "check")
    refused = wang.post("/learn/trial/one/finish", data=fields, follow_redirects=True)
    assert "还有 1 道自测题没有答对" in refused.text


def test_a_forged_opening_time_is_refused(wang):
    answer(wang, "/learn/trial/one", {1: "B"})
    fields = fields_of(wang.get("/learn/trial/one").text, "finished") | {"opened": "WzEsMiwzXQ.x"}
    assert wang.post("/learn/trial/one/finish", data=fields).status_code == 422


def test_the_phone_hands_in_what_waited_once(site, cast, wang):
    page = wang.get("/learn/trial/one").text
    lesson, enrolment = lesson_id(page), enrolment_of(site, cast.wang)
    graded = {"answers": {"1": "B"}, "right": [1, 2]}
    events = [
        {"op": "op-opened-1", "lesson": lesson, "kind": "opened", "value": {"token": "bad"}},
        {"op": "op-place-1", "lesson": lesson, "kind": "position", "value": {"percent": 55}},
        {"op": "op-check-1", "lesson": lesson, "kind": "check", "value": graded},
        {"op": "op-finish-1", "lesson": lesson, "kind": "finished", "value": {}},
    ]  # fmt: skip
    for _ in range(3):
        answered = hand_in(wang, enrolment, *events)
        assert answered.status_code == 200
        assert len(answered.json["stored"]) == 4
        assert answered.json["complete"] is False
    with site.app.app_context():
        assert session().scalar(select(func.count(Evidence.id))) == 4
    assert "已完成" in wang.get("/learn/trial").text


def test_where_one_stopped_is_where_one_goes_on(site, cast, wang):
    page = wang.get("/learn/trial/one").text
    enrolment = enrolment_of(site, cast.wang)
    place = {
        "op": "op-place-1",
        "lesson": lesson_id(page),
        "kind": "position",
        "value": {"percent": 55},
    }
    hand_in(wang, enrolment, place)
    assert 'data-resume="55"' in wang.get("/learn/trial/one").text
    with site.app.app_context():
        going = continue_lesson(cast.wang)
        assert (going.course_code, going.next_lesson_code, going.state) == ("trial", "one", "going")


@pytest.mark.parametrize(
    "event",
    [
        {"op": "short", "kind": "finished"},
        {"op": "x" * 60, "kind": "finished"},
        {"op": "op-12345", "kind": "graduated"},
        {"op": "op-12345", "kind": "position", "value": {"percent": 101}},
        {"op": "op-12345", "kind": "position", "value": {"percent": True}},
        {"op": "op-12345", "kind": "position", "value": None},
        {"op": "op-12345", "kind": "check", "value": {"answers": "B"}},
        {"op": "op-12345", "kind": "check", "value": {"answers": {"9": "B"}}},
        {"op": "op-12345", "kind": "finished", "lesson": 1},
    ],
)
def test_nonsense_is_refused_and_not_stored(site, cast, wang, event):
    lesson = lesson_id(wang.get("/learn/trial/one").text)
    answered = hand_in(wang, enrolment_of(site, cast.wang), {"lesson": lesson} | event)
    assert answered.json["stored"] == []
    assert len(answered.json["refused"]) == 1


@pytest.mark.parametrize(
    "body", [[], {"enrolment": "1"}, {"enrolment": 1, "events": [1]}, {"enrolment": True}]
)
def test_a_malformed_batch_is_refused(wang, body):
    token = wang.get("/learn/token").json["token"]
    answered = wang.post("/learn/evidence", json=body, headers={"X-CSRFToken": token})
    assert answered.status_code == 422


def test_evidence_needs_the_form_token(wang):
    assert wang.post("/learn/evidence", json={"enrolment": 1, "events": []}).status_code == 400


def test_another_persons_enrolment_does_not_exist(site, cast, wang, sign_in):
    enrolment = enrolment_of(site, cast.wang)
    lesson = lesson_id(wang.get("/learn/trial/one").text)
    stranger = sign_in(cast.zhao)
    event = {"op": "op-finish-1", "lesson": lesson, "kind": "finished", "value": {}}
    assert hand_in(stranger, enrolment, event).status_code == 404
    assert hand_in(stranger, 99_999, event).status_code == 404
    assert stranger.get("/learn/trial/one").location == "/learn/trial"
    with site.app.app_context():
        assert session().scalar(select(func.count(Evidence.id))) == 0


def test_an_enrolment_keeps_its_version(site, wang):
    with site.app.app_context():
        newer = published(course_files(body="全新的正文，也写得足够长，够二十个字以上才行。"))
        assert newer.no == 2
    assert "这里是正文" in wang.get("/learn/trial/one").text


def test_visitors_are_asked_to_sign_in(visitor, trial):
    assert "/sign-in" in visitor.get("/learn").location
    assert "/sign-in" in visitor.get("/learn/trial/one").location
    assert visitor.get("/learn/token", headers={"Accept": "application/json"}).status_code == 401


def test_the_learners_pages_issue_a_fixed_number_of_statements(site, cast, wang):
    def counts():
        found = []
        for path in ("/learn", "/learn/trial", "/learn/trial/one"):
            with count_statements() as seen:
                assert wang.get(path).status_code == 200
            found.append(len(seen))
        return found

    wang.get("/learn")
    before = counts()
    with site.app.app_context():
        for number in range(4):
            published(course_files(code=f"more-{number}"))
    answer(wang, "/learn/trial/one", {1: "B"})
    finish(wang, "/learn/trial/one")
    assert counts() == before
    assert max(before) <= 22


def test_due_courses_for_the_portal(site, cast):
    with site.app.app_context():
        owed = due_courses(cast.wang, clock.today())
        assert [course.kind for course in owed] == ["onboarding", "refresher"]
        assert owed[0].lessons == 12
        assert owed[0].next_lesson_code == "ethics-and-law"
        assert due_courses(cast.li, clock.today()) == []
