"""A sitting begun by the express lanes: the same outcome, bytes and facts as by the ordinary way,
and whatever is not usual is left to it."""

import gzip
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select, update

from exams.entries.admission import is_right, present_code
from exams.entries.models import CodeTry, Entry, ExamEvent
from exams.papers.allotting import paper_for
from exams.papers.models import Paper
from exams.sittings import beginning
from exams.sittings.models import Attempt, SittingEvent
from lms.core import clock
from lms.core.access import SYSTEM, Role
from lms.core.db import db, session
from lms.core.uow import unit_of_work
from lms.people import api as people
from lms.people.api import grant_role
from lms.people.models import Account, SignIn
from tests.exams.sittings.test_express import ordinary  # noqa: F401 - a fixture
from tests.factories.exams import Room, open_room, ready
from tests.factories.halls import hall
from tests.forms import token_from
from tests.statements import count_statements


def press(client, entry_id, **fields):
    token = token_from(client, "/exams")
    return client.post(f"/exams/{entry_id}/start", data={"csrf_token": token, **fields})


def alike(answer):
    """The headers that must not depend on the way; the token differs each time."""
    return {k: v for k, v in answer.headers if k not in {"Content-Length", "Content-Encoding"}}


def write(site, statement):
    with site.app.app_context(), unit_of_work():
        session().execute(statement)


def count(site, what):
    with site.app.app_context():
        return session().scalar(select(func.count()).select_from(what))


@pytest.fixture
def entry(site, cast):
    return ready(site.app, cast)


@pytest.fixture
def client(cast, sign_in):
    return sign_in(cast.wang)


def test_a_usual_beginning_never_enters_the_app(site, client, entry, ordinary):  # noqa: F811
    token = token_from(client, "/exams")
    room = Room(client, 0, token=token)
    ordinary.clear()
    with count_statements() as begun:
        started = client.post(f"/exams/{entry}/start", data={"csrf_token": token})
    room.attempt = int(started.location.rsplit("/", 1)[1])
    client.get(started.location)
    with count_statements() as shown:
        page = client.get(started.location)
    entered = room.enter()
    with count_statements() as again:
        reentered = room.enter()
    assert ordinary == []
    assert [a.status_code for a in (started, page, entered, reentered)] == [303, 200, 200, 200]
    assert len([s for s in begun if not s.startswith(("BEGIN", "SET"))]) <= 5
    assert len([s for s in shown if not s.startswith("BEGIN")]) == 1
    assert len([s for s in again if not s.startswith("BEGIN")]) == 3
    with site.app.app_context():
        attempt = session().get_one(Attempt, room.attempt)
        paper = session().get_one(Paper, attempt.paper_id)
        assert (paper.entry_id, paper.number, attempt.slots) == (entry, 1, paper.size)
        assert (attempt.number, attempt.state, attempt.epoch) == (1, "open", 1)
        assert attempt.deadline - attempt.started_at >= timedelta(minutes=90)
        kinds = list(session().scalars(select(SittingEvent.kind).order_by(SittingEvent.id)))
        assert kinds == ["started", "entered"]


def test_the_page_and_the_paper_are_those_of_the_ordinary_way(site, client, entry, monkeypatch):
    room = open_room(client, entry)
    room.answer(1, {"picked": [0]})
    body = {"device": room.device}

    def both():
        page = client.get(f"/exams/room/{room.attempt}")
        return page, room.post("/enter", body)

    with time_machine.travel(clock.now() + timedelta(minutes=1), tick=False):
        fast = both()
        monkeypatch.setattr(site.app.wsgi_app, "_door", lambda _environ: None)
        slow = both()
    tokens = [token_from_page(answer.text) for answer in (fast[0], slow[0])]
    assert fast[0].text.replace(tokens[0], "-") == slow[0].text.replace(tokens[1], "-")
    assert f'data-attempt="{room.attempt}"' in fast[0].text
    assert fast[1].json == slow[1].json
    assert fast[1].json["answers"]["1"]["answer"] == {"picked": [0]}
    for ours, theirs in zip(fast, slow, strict=True):
        assert alike(ours) == alike(theirs)
    room.token = tokens[0]
    assert room.answer(2, {"picked": [0]}).status_code == 200


def token_from_page(text):
    return text.split('data-csrf="', 1)[1].split('"', 1)[0]


@pytest.mark.parametrize(
    "look", [{"locale": "en"}, {"elder": True, "text_size": 28}, {"elder": False, "text_size": 18}]
)
def test_the_page_is_drawn_as_the_person_wants_to_see_it(site, client, entry, look, monkeypatch):
    room = open_room(client, entry)
    client.get(f"/exams/room/{room.attempt}")  # another look is remembered by now
    write(site, update(Account).values(**look))
    fast = client.get(f"/exams/room/{room.attempt}").text
    monkeypatch.setattr(site.app.wsgi_app, "_door", lambda _environ: None)
    slow = client.get(f"/exams/room/{room.attempt}").text
    assert fast.replace(token_from_page(fast), "-") == slow.replace(token_from_page(slow), "-")


def test_what_travels_compressed_unpacks_to_the_same_bytes(site, client, entry):
    room = open_room(client, entry)
    with time_machine.travel(clock.now() + timedelta(minutes=1), tick=False):
        for ask in (
            lambda **h: client.get(f"/exams/room/{room.attempt}", headers=h),
            lambda **h: client.post(
                f"/exams/room/{room.attempt}/enter",
                json={"device": room.device},
                headers={"X-CSRFToken": room.token, **h},
            ),
        ):
            packed = ask(**{"Accept-Encoding": "gzip, deflate, br"})
            plain = ask(**{"Accept-Encoding": "gzip;q=0"})
            assert packed.headers["Content-Encoding"] == "gzip"
            assert "Accept-Encoding" in packed.headers["Vary"]
            assert "Content-Encoding" not in plain.headers
            unpacked = gzip.decompress(packed.data)
            if packed.is_json or packed.mimetype == "application/json":
                assert json.loads(unpacked) == plain.json
            else:
                tokens = token_from_page(unpacked.decode()), token_from_page(plain.text)
                assert unpacked.decode().replace(tokens[0], tokens[1]) == plain.text
            assert len(packed.data) < len(plain.data) / 2


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (lambda: update(ExamEvent).values(status="closed"), 409),
        (lambda: update(ExamEvent).values(opens_at=clock.now() + timedelta(hours=1)), 409),
        (lambda: update(ExamEvent).values(admission="invigilator"), 409),
        (lambda: update(Entry).values(withdrawn_at=clock.now()), 404),
        (lambda: update(SignIn).values(ended_at=clock.now()), 302),
        (lambda: update(Account).values(status="disabled"), 302),
    ],
)
def test_whatever_keeps_from_starting_keeps_from_it_in_the_lane(
    site, client, entry, change, status
):
    token = token_from(client, "/exams")
    write(site, change())
    answer = client.post(f"/exams/{entry}/start", data={"csrf_token": token})
    assert answer.status_code == status
    assert status != 302 or "/sign-in" in answer.location
    assert count(site, Attempt) == 0


def test_without_the_forms_token_nothing_starts(site, client, entry):
    token_from(client, "/exams")
    for token in ("", "made-up"):
        answer = client.post(f"/exams/{entry}/start", data={"csrf_token": token})
        assert answer.status_code == 400
    assert count(site, Attempt) == 0


def test_nobody_starts_enters_or_opens_for_another(site, entry, cast, client, sign_in):
    other = sign_in(cast.zhao)
    assert press(other, entry).status_code == 404
    room = open_room(client, entry)
    strange = Room(other, room.attempt, room.device)
    assert strange.enter().status_code == 404
    assert other.get(f"/exams/room/{room.attempt}").status_code == 404


def test_somebody_with_a_role_goes_the_ordinary_way(site, client, entry, cast, ordinary):  # noqa: F811
    with site.app.app_context(), unit_of_work():
        day = clock.today()
        grant_role(cast.wang, Role.MARKER, SYSTEM, clock.now(), day, organisation_id=cast.base)
    room = open_room(client, entry)
    assert {f"/exams/{entry}/start", f"/exams/room/{room.attempt}/enter"} <= set(ordinary)


def test_a_second_sitting_is_left_to_the_ordinary_way(site, client, cast, ordinary):  # noqa: F811
    entry_id = ready(site.app, cast, attempts=2)
    room = open_room(client, entry_id)
    assert room.hand_in().status_code == 200
    ordinary.clear()
    again = open_room(client, entry_id)
    assert again.attempt != room.attempt
    assert f"/exams/{entry_id}/start" in ordinary


def test_another_device_meets_the_rules_of_the_ordinary_way(site, client, entry, sign_in, cast):
    room = open_room(client, entry)
    other = Room(sign_in(cast.wang), room.attempt)
    assert other.enter().json["code"] == "other-device"
    assert other.enter(take_over=True).json["epoch"] == 2
    assert room.enter().json["code"] == "other-device"
    assert room.enter(take_over=True).json["epoch"] == 3


def test_a_paused_sitting_gives_no_question_and_an_overdue_one_no_pen(site, client, entry):
    room = open_room(client, entry)
    write(site, update(Attempt).values(paused_at=clock.now()))
    assert room.enter().json["questions"] == []
    past = clock.now() - timedelta(hours=1)
    write(site, update(Attempt).values(paused_at=None, deadline=past))
    assert room.enter().json["code"] == "time-up"


def test_fifty_presses_at_once_start_one_sitting(site, client, entry):
    token = token_from(client, "/exams")

    def send(_n):
        browser = site.app.test_client()
        for cookie in client._cookies.values():
            browser.set_cookie(cookie.key, cookie.value)
        return browser.post(f"/exams/{entry}/start", data={"csrf_token": token})

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(50)))
    assert {(a.status_code, a.location) for a in answers} == {(303, answers[0].location)}
    assert count(site, Attempt) == count(site, SittingEvent) == 1


@pytest.fixture
def with_code(site, cast):
    """An event that asks for the code of the room, with 王桂兰 in seat 1; the room's id too."""
    entry_id = ready(site.app, cast)
    with site.app.app_context(), unit_of_work():
        event = session().get_one(Entry, entry_id).event
        room = hall(event, cast)
        event.admission = "code"
        return entry_id, room.id


def test_the_code_read_out_lets_in_by_the_lane(site, client, with_code, ordinary):  # noqa: F811
    entry_id, room_id = with_code
    token = token_from(client, "/exams")
    ordinary.clear()
    with site.app.app_context():
        code, _left = present_code(room_id, clock.now())
    typed = {"csrf_token": token, "code": f" {code[:3]} {code[3:]}"}
    answer = client.post(f"/exams/{entry_id}/start", data=typed)
    assert (answer.status_code, ordinary) == (303, [])
    assert "/exams/room/" in answer.location
    with site.app.app_context():
        attempt = session().query(Attempt).one()
        assert session().get_one(Entry, entry_id).admitted_at == attempt.started_at


def test_wrong_codes_are_counted_and_after_too_many_the_right_one_waits(site, client, with_code):
    entry_id, room_id = with_code
    with site.app.app_context():
        code, _left = present_code(room_id, clock.now())
    wrong = f"{(int(code) + 1) % 10**6:06}"
    assert press(client, entry_id).status_code == 409
    for typed in ("12345", wrong, wrong, wrong, wrong, wrong, wrong):
        assert press(client, entry_id, code=typed).location == f"/exams/{entry_id}"
    tried = count(site, CodeTry)
    assert tried >= 5
    assert press(client, entry_id, code=code).location == f"/exams/{entry_id}"
    assert (count(site, CodeTry), count(site, Attempt)) == (tried, 0)


def test_a_message_for_the_next_page_is_not_swallowed(site, client, with_code, ordinary):  # noqa: F811
    entry_id, room_id = with_code
    with site.app.app_context():
        code, _left = present_code(room_id, clock.now())
    form = {"csrf_token": token_from(client, "/exams")}
    client.post(f"/exams/{entry_id}/start", data=form | {"code": "12345"})
    started = client.post(f"/exams/{entry_id}/start", data=form | {"code": code})
    ordinary.clear()
    page = client.get(started.location)
    assert ordinary == [started.location]
    assert "notice-bad" in page.text


@pytest.mark.parametrize("mode", [{"paper_mode": "forms", "forms": 2}])
def test_forms_are_dealt_as_the_ordinary_way_deals_them(site, cast, sign_in, mode):
    entry_id = ready(site.app, cast, **mode)
    fast = open_room(sign_in(cast.wang), entry_id)
    with site.app.app_context():
        given = session().get_one(Attempt, fast.attempt).paper_id
        entry = session().get_one(Entry, entry_id)
        assert paper_for(entry, entry.event, 1, clock.now()).id == given


def test_a_locked_entry_is_left_to_the_ordinary_way(site, client, entry, monkeypatch):
    """As when it is withdrawn at this moment: nothing is opened by what was read before."""
    monkeypatch.setattr(beginning.Statements, "find", lambda *_args: [])
    assert press(client, entry).status_code == 303
    assert count(site, Attempt) == 1


def test_guesses_sent_together_do_not_outrun_the_count(site, client, with_code):
    """After a wrong code the next ones are judged one at a time, by the ordinary way."""
    entry_id, room_id = with_code
    with site.app.app_context():
        code, _left = present_code(room_id, clock.now())
        held = client.get_cookie(people.cookie_name(secure=False))
        wrong = beginning.Start(
            people.hashed(held.value), entry_id, f"{(int(code) + 1) % 10**6:06}"
        )
        right = beginning.Start(wrong.session_hash, entry_id, code)
        begin = beginning.Beginning(is_right)
        for items in ([wrong, right], [right]):
            with db.engine.connect() as connection:
                assert set(begin(connection, items)) == {None}
                connection.rollback()
        with time_machine.travel(clock.now() + timedelta(minutes=30)), db.engine.connect() as later:
            anew, _left = present_code(room_id, clock.now())
            assert begin(later, [beginning.Start(wrong.session_hash, entry_id, anew)]) != [None]
            later.rollback()
