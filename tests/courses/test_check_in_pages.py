"""The doors of checking in without a signal, and the pages on which doubts are decided."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from courses import central
from courses.classroom import codes, review
from courses.classroom.models import AttendanceFact
from courses.classroom.operations import sessions
from courses.classroom.scan_models import HallKey
from lms.core import clock
from lms.core.access import Role
from lms.core.db import session
from lms.core.errors import Conflict
from lms.core.uow import unit_of_work
from lms.people.api import actor_of, grant_role
from tests.factories.central import NINE, book, close, code_now, come, open_session, teacher
from tests.factories.phones import Phone, base64url, bring, come_by
from tests.forms import post, token_from
from tests.statements import count_statements

BEFORE = NINE - timedelta(days=3)
LUNCH = NINE + timedelta(hours=5)


@pytest.fixture(autouse=True)
def over_lunch():
    with time_machine.travel(LUNCH, tick=False):
        yield


@pytest.fixture
def hall(do, cast):
    row = do(open_session, cast, capacity=300)
    do(book, row, [cast.wang, cast.li], cast, BEFORE)
    return row


@pytest.fixture
def phone(do, hall, cast):
    return do(Phone, cast.wang, BEFORE, "a")


def ask(client, path, body):
    return client.post(
        path, json=body, headers={"X-CSRFToken": token_from(client), "Accept": "application/json"}
    )


def states(row):
    return {doubt.fact.id: doubt.state for doubt in review.doubts_of(row)}


def test_each_scan_is_answered_by_itself(do, hall, phone, cast, sign_in):
    good = do(phone.scan, hall, NINE)
    bad = do(phone.scan, hall, NINE, kind="out") | {"kind": "in"}
    foreign = do(do(Phone, cast.zhao, BEFORE).scan, hall, NINE)
    wang = sign_in(cast.wang)
    answer = ask(wang, "/check-in/scans", {"scans": [good, bad, foreign, "x", good]})
    assert "今天已签到" in wang.get("/learn/central").text
    said = answer.get_json()["answers"]
    assert [one["state"] for one in said] == ["counted", "refused", "kept", "refused", "counted"]
    assert [one["code"] for one in said] == ["", "scan-forged", "scan-foreign", "invalid", ""]
    assert said[1]["scan"] == bad["scan"]
    assert all(one["text"] for one in said[1:4])


@pytest.mark.parametrize("body", [None, [], {}, {"scans": []}, {"scans": ["x"] * 6}, {"scans": 1}])
def test_a_delivery_of_the_wrong_shape_is_refused(hall, cast, sign_in, body):
    assert ask(sign_in(cast.wang), "/check-in/scans", body).status_code == 422


def test_guessing_digits_ends_soon(do, hall, phone, cast, sign_in):
    """Each guess has to be signed and brought; after forty deliveries an hour nothing is read."""
    wang, statuses = sign_in(cast.wang), []
    right = do(phone.scan, hall, NINE, typed=True)
    for minute in range(5):
        with time_machine.travel(LUNCH + timedelta(minutes=minute + 1), tick=False):
            for _guess in range(9):
                guess = right | {"code": "0" * 10}
                statuses.append(ask(wang, "/check-in/scans", {"scans": [guess]}).status_code)
    assert statuses == [200] * 40 + [429] * 5


def test_a_delivery_needs_a_person_and_the_form_s_token(hall, cast, sign_in, visitor):
    asks_json = {"Accept": "application/json"}
    assert visitor.get("/learn/token", headers=asks_json).status_code == 401
    assert visitor.post("/check-in/scans", json={}, headers=asks_json).status_code == 401
    wang = sign_in(cast.wang)
    assert wang.post("/check-in/scans", json={}, headers=asks_json).status_code == 400


def test_a_phone_registers_its_key_and_fetches_what_it_needs(do, hall, phone, cast, sign_in):
    wang = sign_in(cast.wang)
    made = ask(wang, "/check-in/keys", {"key": base64url(phone.point)}).get_json()["key"]
    near = wang.get("/check-in/near").get_json()["sessions"]
    person_id, point, mark = do(key_named, made)
    assert (person_id, point, len(mark)) == (cast.wang, phone.point, 32)
    assert [one["ref"] for one in near] == [hall.ref]
    assert ask(wang, "/check-in/keys", {"key": "x"}).status_code == 422


def key_named(ref):
    row = session().scalars(select(HallKey).where(HallKey.ref == ref)).one()
    return row.person_id, row.public_key, row.device


def test_a_phone_has_one_mark_whether_it_scans_or_keeps(do, hall, phone, cast, sign_in):
    """Two phones of one model are two phones, and the first answer gives the mark."""
    wang, zhao = sign_in(cast.wang), sign_in(cast.zhao)
    code = do(lambda: codes.typed_code(sessions.secret_of(hall), codes.step_of(LUNCH, 15)))
    assert post(wang, "/learn/check-in", {"code": code, "kind": "in"}).status_code == 303
    body = {"key": base64url(phone.point)}
    hers, other = (ask(c, "/check-in/keys", body).get_json()["key"] for c in (wang, zhao))
    scanned = do(lambda: session().scalars(select(AttendanceFact.device)).one())
    assert do(key_named, hers)[2] == scanned
    assert do(key_named, other)[2] != scanned


def test_the_page_for_no_signal_says_nothing_about_anybody(hall, cast, sign_in, visitor):
    assert "王桂兰" not in sign_in(cast.wang).get("/check-in/offline").text
    assert visitor.get("/check-in/offline").status_code == 200


def test_the_screen_shows_ten_digits_and_takes_them_online_too(do, hall, cast, sign_in):
    screen = sign_in(cast.chen).get(f"/sessions/{hall.id}/screen").text
    full = do(lambda: codes.full_code(sessions.secret_of(hall), codes.step_of(LUNCH, 15)))
    assert f">{full[:3]}</span> <span>{full[3:6]}<" in screen
    assert f">{full[6:]}<" in screen
    answer = post(sign_in(cast.wang), "/learn/check-in", {"code": full, "kind": "in"})
    assert answer.status_code == 303


def test_the_page_says_the_facts_in_words(do, hall, phone, cast, sign_in):
    other = do(open_session, cast, venue="三十里外", title="另一场")
    do(come_by, other, cast.wang, "b", NINE + timedelta(minutes=20))
    do(come_by, hall, cast.li, "a")
    value = do(phone.scan, hall, NINE, phone_at=NINE + timedelta(hours=2))
    do(bring, value, cast.wang, LUNCH)
    chen = sign_in(cast.chen)
    page = chen.get(f"/sessions/{hall.id}/check-ins").text
    assert "同一部手机为 2 人签到：王桂兰、李敏。" in page
    assert "相隔 20 分钟还在另一处签到：另一场，三十里外" in page
    assert "相差 120 分钟" in page
    assert "晚了 300 分钟" in page
    assert "没有信号时记下" in page
    assert "2 人待核实，共 2 条" in chen.get(f"/sessions/{hall.id}").text
    assert "还有 2 条签到待核实" in chen.get(f"/sessions/{hall.id}/close").text
    assert "学时只算到现在" in chen.get(f"/sessions/{hall.id}/close").text


def test_teacher_and_county_decide_and_nobody_else(do, hall, cast, sign_in):
    first, second = do(come_by, hall, cast.wang, "a"), do(come_by, hall, cast.li, "a")
    address = f"/sessions/{hall.id}/check-ins"
    for person, status in (
        (cast.chen, 200), (cast.county, 200), (cast.city, 200), (cast.province, 200),
        (cast.other_county, 404), (cast.li, 403), (cast.wang, 403), (cast.zhou, 403),
    ):  # fmt: skip
        assert sign_in(person).get(address).status_code == status
    for person in (cast.other_county, cast.li, cast.wang):
        told = post(sign_in(person), f"{address}/{first}/accepted", {"reason": "没问题"})
        assert told.status_code in {403, 404}
    chen = sign_in(cast.chen)
    post(chen, f"{address}/{first}/accepted", {"reason": ""})
    assert "请写明核实的情况" in chen.get(address).text
    assert do(states, hall) == {first: "open", second: "open"}
    post(chen, f"{address}/{first}/accepted", {"reason": "手机没电，借用"})
    post(sign_in(cast.county), f"{address}/{second}/struck", {"reason": "本人在单位"})
    seen = sign_in(cast.county).get(address).text
    assert "手机没电，借用" in seen
    assert "陈建国" in seen
    assert do(states, hall) == {first: "accepted", second: "struck"}
    assert "没有采用：本人在单位" in sign_in(cast.li).get("/?as=learner").text


def test_a_county_sees_a_session_of_the_whole_city_and_decides_nothing(do, cast, sign_in):
    row = do(open_session, cast, region="1401")
    first = do(come_by, row, cast.wang, "a")
    do(come_by, row, cast.li, "a")
    county, address = sign_in(cast.county), f"/sessions/{row.id}/check-ins"
    assert "待核实" in county.get(address).text
    assert f"{address}/{first}/accepted" not in county.get(address).text
    assert post(county, f"{address}/{first}/accepted", {"reason": "没问题"}).status_code == 404


def test_a_teacher_who_came_as_a_learner_does_not_decide_about_herself(do, hall, cast, sign_in):
    do(make_teacher, cast)
    first = do(come_by, hall, cast.wang, "a")
    do(come_by, hall, cast.li, "a")
    wang, address = sign_in(cast.wang), f"/sessions/{hall.id}/check-ins"
    assert f"{address}/{first}/accepted" not in wang.get(address).text
    post(wang, f"{address}/{first}/accepted", {"reason": "是我"})
    assert do(states, hall)[first] == "open"


def make_teacher(cast):
    with unit_of_work():
        day = NINE.date() - timedelta(days=9)
        grant_role(cast.wang, Role.TEACHER, teacher(cast), BEFORE, day, organisation_id=cast.base)


def test_the_list_needs_as_many_statements_for_many_as_for_few(do, hall, cast, sign_in):
    do(come_by, hall, cast.wang, "a")
    do(come_by, hall, cast.li, "a")
    chen = sign_in(cast.chen)
    pages = [f"/sessions/{hall.id}", f"/sessions/{hall.id}/check-ins"]
    chen.get(pages[0])
    few = [statements(chen, page) for page in pages]
    for person in (cast.zhao, cast.sun, cast.zhou, cast.county, cast.city):
        do(come_by, hall, person, "a")
    do(come, hall, cast.li, cast, NINE + timedelta(minutes=3), LUNCH)
    assert [statements(chen, page) for page in pages] == few


def statements(client, page):
    with count_statements() as seen:
        assert client.get(page).status_code == 200
    return len(seen)


def test_digits_are_typed_where_guesses_are_counted(do, hall, cast, sign_in):
    wang = sign_in(cast.wang)
    assert wang.get(f"/check-in/{hall.ref}/{do(code_now, hall, clock.now())}").status_code == 404


def test_a_teacher_notes_nothing_for_herself(do, hall, cast):
    def noting(at):
        actor = actor_of(cast.chen, clock.now())
        return central.correct(hall.id, cast.chen, "in", at, "", actor, clock.now())

    with pytest.raises(Conflict, match="自己"):
        do(noting, clock.now())
    assert do(lambda: session().scalar(select(AttendanceFact.id))) is None


def test_the_screen_of_a_closed_session_invites_nobody(do, hall, cast, sign_in):
    chen = sign_in(cast.chen)
    path = f"/sessions/{hall.id}/screen"
    assert "hall-digits" in chen.get(path).text
    do(close, hall, cast)
    text = chen.get(path).text
    assert "hall-digits" not in text
    assert "没有开放签到" in text
