"""Each message once to each receiver by its number; nobody waits for somebody who is dead."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from lms.core import clock
from lms.core.db import db, session
from lms.core.uow import unit_of_work
from lms.people.api import actor_of
from lms.post import carrying, choosing, endpoints
from lms.post.carrying import carry
from lms.post.models import PostCircuit
from lms.post.office.checks import Verdict
from lms.post.retrying import NotFailed, retry
from tests.post.world import (
    NOON,
    attempts,
    chose,
    confirmed_mail,
    deliveries,
    endpoint,
    endpoint_row,
    remind,
    url_of,
)


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def states(do):
    return {(row.channel, row.target): row.state for row in do(deliveries)}


def run(do):
    while do(carry):
        pass


def test_one_letter_goes_every_way_she_chose(do, cast, office):
    do(confirmed_mail, cast.wang)
    do(chose, cast.wang, sms=True)
    hook, _secret = do(endpoint, cast, url_of(office), people=True)
    for _time in range(2):
        do(remind, cast.wang, cast)
    run(do)
    assert states(do) == {
        ("site", "site"): "delivered", ("email", "email"): "sent", ("sms", "sms"): "sent",
        ("webhook", f"endpoint:{hook}"): "delivered",
    }  # fmt: skip
    assert Counter(came.way for came in office.journal) == {"email": 1, "sms": 1, "webhook": 1}
    refs = {row.channel: row.ref for row in do(deliveries)}
    came = {one.way: one.ref for one in office.journal}
    assert came == {
        "email": f"msg_{refs['email']}", "sms": refs["sms"], "webhook": f"msg_{refs['webhook']}",
    }  # fmt: skip


def test_who_chose_nothing_is_told_on_the_site_alone(do, cast, office):
    do(remind, cast.wang, cast)
    run(do)
    assert states(do) == {("site", "site"): "delivered"}
    assert office.journal == []


def test_figures_go_to_robots_names_do_not(do, cast, office):
    do(endpoint, cast, url_of(office, "wecom"), "wecom", people=True)
    do(endpoint, cast, url_of(office), people=False)
    do(remind, cast.wang, cast)
    run(do)
    assert office.journal == []


def test_another_homes_system_hears_nothing(do, cast, office):
    do(endpoint, cast, url_of(office), people=True)
    do(remind, cast.zhao, cast, home=False)
    run(do)
    assert office.journal == []


def test_what_fails_is_tried_again_on_a_fixed_schedule_and_given_up(do, cast, office, noon):
    office.watch = lambda _came: "451 later"
    do(confirmed_mail, cast.wang)
    do(remind, cast.wang, cast)
    waits = []
    for _try in range(10):
        run(do)
        row = do(deliveries, "email")[0]
        if row.state != "waiting":
            break
        waits.append(round((row.due_at - clock.now()).total_seconds() / 60))
        noon.move_to(row.due_at)
    # 12:00 and 21 minutes of tries; four hours later it is 17:21, twelve later night: until 08:00.
    assert waits[:5] == [1, 5, 15, 60, 240]
    assert waits[5] == 14 * 60 + 39
    assert (row.state, row.reason, row.failures) == ("failed", "letter-451", 7)
    assert [one.outcome for one in do(attempts)] == ["again"] * 7
    assert len({came.ref for came in office.journal}) == 1


def test_a_failed_one_is_sent_again_when_somebody_asks(do, cast, office):
    office.watch = lambda _came: "554 no"
    do(confirmed_mail, cast.wang)
    do(remind, cast.wang, cast)
    run(do)
    row = do(deliveries, "email")[0]
    assert row.state == "failed"
    office.watch = lambda _came: None
    do(asked_again, row.id, cast.li)
    assert do(deliveries, "email")[0].reason == ""
    run(do)
    assert do(deliveries, "email")[0].state == "sent"
    assert len({came.ref for came in office.journal}) == 1
    with pytest.raises(NotFailed):
        do(asked_again, row.id, cast.li)


def asked_again(delivery_id, person_id):
    with unit_of_work():
        row = next(one for one in deliveries() if one.id == delivery_id)
        retry(row, actor_of(person_id, NOON), NOON)


def test_a_dead_receiver_is_left_alone_and_holds_nobody_up(do, cast, office, noon):
    do(endpoint, cast, "http://127.0.0.1:9/dead", people=True)  # the discard port: nobody listens
    do(endpoint, cast, url_of(office), people=True)
    for number in range(30):
        do(remind, cast.wang, cast, f"s{number}")
    run(do)
    assert len(office.journal) == 30
    dead = [one for one in do(attempts) if one.outcome == "again"]
    assert len(dead) == 3  # then it is left alone
    run(do)
    assert len(do(attempts)) == 33
    noon.shift(timedelta(minutes=5, seconds=1))
    run(do)
    assert len(do(attempts)) == 34  # one knock at the door


def test_a_receiver_that_comes_back_gets_everything_once(do, cast, office, noon):
    office.watch = lambda _came: Verdict(503, {})
    hook, _secret = do(endpoint, cast, url_of(office), people=True)
    for number in range(8):
        do(remind, cast.wang, cast, f"s{number}")
    run(do)
    office.journal.clear()
    office.watch = lambda _came: None
    noon.shift(timedelta(hours=2))
    run(do)
    assert states(do)["webhook", f"endpoint:{hook}"] == "delivered"
    assert sorted(Counter(came.ref for came in office.journal).values()) == [1] * 8


def test_what_waited_too_long_for_a_dead_receiver_ends(do, cast, noon):
    do(endpoint, cast, "http://127.0.0.1:9/dead", people=True)
    for number in range(5):
        do(remind, cast.wang, cast, f"s{number}")
    run(do)
    noon.shift(timedelta(hours=73))
    run(do)
    assert {(row.state, row.reason) for row in do(deliveries, "webhook")} == {("failed", "too-old")}


def test_two_carriers_at_once_send_each_once(do, cast, office, site):
    do(endpoint, cast, url_of(office), people=True)
    do(confirmed_mail, cast.wang)
    for number in range(60):
        do(remind, cast.wang, cast, f"s{number}")
    together = threading.Barrier(4)

    def work():
        together.wait()
        with site.app.app_context():
            while carry():
                pass
            db.session.remove()

    hands = [threading.Thread(target=work) for _n in range(4)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    run(do)
    assert sorted(Counter(came.ref for came in office.journal).values()) == [1] * 120
    assert set(states(do).values()) == {"sent", "delivered"}


def test_who_lost_the_claim_notes_the_try_and_changes_nothing(do, cast, office, monkeypatch):
    do(endpoint, cast, url_of(office), people=True)
    do(remind, cast.wang, cast)
    real, stolen = carrying._record, []

    def late(done, value):
        if not stolen:
            stolen.append(done)
            with unit_of_work():
                deliveries("webhook")[0].claim = "somebody else"
        real(done, value)

    monkeypatch.setattr(carrying, "_record", late)
    do(carry)
    row = do(deliveries, "webhook")[0]
    assert (row.state, row.claim) == ("waiting", "somebody else")
    assert [one.outcome for one in do(attempts)] == ["delivered"]


def test_a_carrier_that_was_frozen_past_its_claim_sends_nothing(do, cast, office, monkeypatch):
    do(endpoint, cast, url_of(office), people=True)
    do(remind, cast.wang, cast)
    monkeypatch.setattr(carrying, "FRESH", -1.0)
    assert do(carry) == 0
    assert office.journal == []
    monkeypatch.undo()
    run(do)
    assert len(office.journal) == 1


class Killed(BaseException):
    """The process ended here."""


def test_a_hundred_deaths_between_sending_and_recording_lose_nothing(
    do, cast, office, noon, monkeypatch
):
    """Each death may send one message a second time, under the number it had."""
    do(endpoint, cast, url_of(office), people=True)
    real = carrying._record

    def die(_done, _value):
        raise Killed

    for number in range(100):
        do(remind, cast.wang, cast, f"s{number}")
        monkeypatch.setattr(carrying, "_record", die)
        with pytest.raises(Killed):
            do(carry)
        do(db.session.rollback)
        monkeypatch.setattr(carrying, "_record", real)
        noon.shift(timedelta(minutes=5) if number % 3 else timedelta(minutes=-2))
    noon.shift(timedelta(minutes=30))
    run(do)
    known = {f"msg_{row.ref}" for row in do(deliveries, "webhook")}
    assert len(known) == 100
    assert {came.ref for came in office.journal} == known
    assert {row.state for row in do(deliveries, "webhook")} == {"delivered"}


def test_a_clock_that_was_a_year_ahead_for_a_moment_holds_nothing_up(
    do, cast, office, noon, monkeypatch
):
    do(endpoint, cast, url_of(office), people=True)
    do(remind, cast.wang, cast)
    noon.shift(timedelta(days=365))
    office.watch = lambda _came: Verdict(503, {})
    do(carry)
    office.watch = lambda _came: None
    noon.move_to(NOON)
    run(do)
    assert do(deliveries, "webhook")[0].state == "delivered"


def test_nobody_is_disturbed_at_night_a_program_is(do, cast, office, noon):
    do(confirmed_mail, cast.wang)
    do(endpoint, cast, url_of(office), people=True)
    noon.move_to(NOON.replace(hour=22))
    do(remind, cast.wang, cast)
    run(do)
    assert [came.way for came in office.journal] == ["webhook"]
    noon.move_to(NOON.replace(day=24, hour=8))
    run(do)
    assert [came.way for came in office.journal] == ["webhook", "email"]


def test_her_own_quiet_hours_are_kept_too(do, cast, office, noon):
    do(confirmed_mail, cast.wang)
    do(chose, cast.wang, quiet=choosing.Quiet.of("18:00", "09:30"))
    noon.move_to(NOON.replace(hour=18))
    do(remind, cast.wang, cast)
    assert do(deliveries, "email")[0].due_at == NOON.replace(day=24, hour=9, minute=30)


def test_who_stops_mail_while_it_waits_gets_none(do, cast, office):
    do(confirmed_mail, cast.wang)
    do(remind, cast.wang, cast)
    do(stop, cast.wang)
    run(do)
    row = do(deliveries, "email")[0]
    assert (row.state, row.reason) == ("failed", "switched-off")
    assert office.journal == []


def stop(person_id):
    with unit_of_work():
        choosing.stop_mail(person_id, NOON)


def test_an_endpoint_that_was_ended_gets_nothing_more_and_forgets_its_secrets(do, cast, office):
    hook, _secret = do(endpoint, cast, url_of(office), people=True)
    do(remind, cast.wang, cast)
    do(ended, hook, cast.li)
    run(do)
    row = do(deliveries, "webhook")[0]
    assert (row.state, row.reason) == ("failed", "ended")
    kept = do(endpoint_row, hook)
    assert kept.secret_sealed is None
    assert office.journal == []


def ended(endpoint_id, person_id):
    with unit_of_work():
        endpoints.end(endpoint_row(endpoint_id), actor_of(person_id, NOON), NOON)


def test_a_letter_is_in_her_language(do, cast, office):
    do(confirmed_mail, cast.wang)
    do(chose, cast.wang, locale="en")
    do(remind, cast.wang, cast)
    run(do)
    (came,) = office.journal
    assert "You have not" in came.text
    assert came.headers["content-language"] == "en"


def test_how_a_receiver_does_is_known(do, cast, office):
    hook, _secret = do(endpoint, cast, url_of(office), people=True)
    office.watch = lambda _came: Verdict(500, {})
    do(remind, cast.wang, cast)
    run(do)
    row = do(lambda: session().scalars(select(PostCircuit)).one())
    assert (row.target, row.failures, row.reason) == (f"endpoint:{hook}", 1, "status-500")
