"""A letter is delivered once, whatever fails in between."""

from datetime import timedelta

import time_machine
from sqlalchemy import select

from lms.core import clock, outbox
from lms.core.db import session
from lms.core.outbox import Letter
from lms.core.uow import unit_of_work


def put(key, kind="mail"):
    with unit_of_work():
        return outbox.put(kind, key, {"to": 1})


def test_a_key_is_written_once(app):
    assert put("a")
    assert not put("a")


def test_a_letter_is_delivered_once(app):
    put("a")
    seen = []
    assert outbox.deliver_due({"mail": seen.append}) == 1
    assert outbox.deliver_due({"mail": seen.append}) == 0
    assert seen == [{"to": 1}]


def test_a_failed_delivery_waits_and_is_tried_again(app):
    put("a")

    def broken(_payload):
        raise OSError("receiver is down")

    seen = []
    with time_machine.travel(clock.now(), tick=False) as travel:
        assert outbox.deliver_due({"mail": broken}) == 0
        assert outbox.deliver_due({"mail": seen.append}) == 0
        travel.shift(timedelta(minutes=1))
        assert outbox.deliver_due({"mail": seen.append}) == 1
    assert seen


def test_a_letter_is_given_up_after_many_tries_and_says_so(app):
    put("a", kind="unknown")
    with time_machine.travel(clock.now(), tick=False) as travel:
        for _ in range(outbox.MOST_TRIES + 2):
            outbox.deliver_due({})
            travel.shift(timedelta(hours=2))
    letter = session().scalars(select(Letter).execution_options(populate_existing=True)).one()
    assert letter.tries == outbox.MOST_TRIES
    assert letter.failed_at is not None
    assert letter.error == "KeyError"


def test_what_a_failed_handler_wrote_is_rolled_back(app):
    put("a")

    def half(_payload):
        outbox.put("mail", "written-by-handler", {})
        raise OSError

    outbox.deliver_due({"mail": half})
    keys = set(session().scalars(select(Letter.key)))
    assert keys == {"a"}
