"""A whole exam sat by a client made from docs/exam-room.md alone, against a live server."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from sqlalchemy import update

from exams.jobs import close_overdue
from exams.sittings.models import Attempt
from lms.core.db import session
from lms.core.uow import unit_of_work
from tests.factories.signing_in import give_password
from tests.factories.sittings import PLACES, begin_sittings
from tests.journeys.protocol_client import Client, Refused, Sitting, some_answer, text_of
from tests.journeys.served import served

pytestmark = pytest.mark.journey
PASSWORD = "a-long-enough-password-7"


@pytest.fixture
def hall(site, cast, settings):
    give_password(site.app, cast.wang, PASSWORD, "wang-in-the-hall")
    attempts = begin_sittings(site.app, cast, 2)
    with served(site, settings) as url:
        yield site, url, attempts


def phone(url: str, attempt: int) -> Sitting:
    client = Client(url)
    client.sign_in("wang-in-the-hall", PASSWORD)
    return Sitting(client, f"/exams/room/{attempt}")


def move_deadline(site, attempt: int, seconds: float) -> None:
    moment = datetime.now(UTC) + timedelta(seconds=seconds)
    with site.app.app_context(), unit_of_work():
        session().execute(update(Attempt).where(Attempt.id == attempt).values(deadline=moment))


def test_a_client_made_from_the_document_sits_a_whole_exam(hall):
    site, url, (attempt, _other) = hall
    typed: dict[int, dict] = {}

    def answer(sitting: Sitting, position: int, **more: bool) -> None:
        typed[position] = some_answer(sitting.questions[position - 1]) | more
        sitting.type(position, typed[position])

    first = phone(url, attempt)
    assert first.enter()["answers"] == {}
    assert {q["kind"] for q in first.questions} == {
        "single", "multiple", "judge", "numeric", "fill", "matching", "ordering", "short", "essay",
    }  # fmt: skip
    assert [q["case"]["part"] for q in first.questions if "case" in q] == [1, 2]
    for position in range(1, 5):
        answer(first, position)
        assert first.send()

    # An outage: everything stays on the phone, and goes out once, in order, afterwards.
    first.client.online = False
    for position in range(5, 8):
        answer(first, position, flag=position == 6)
        assert not first.send()
    assert len(first.phone) == 3
    first.client.online = True
    again = first.message()
    assert first.send()
    assert first.call("/answers", again)["acked"] == [s["seq"] for s in again["steps"]]
    assert first.call("/clock?unsent=0")["open"] is True

    # Another phone takes over; the first one has something unsent and is refused.
    first.type(1, {"picked": [0]})
    second = phone(url, attempt)
    with pytest.raises(Refused) as refusal:
        second.enter()
    assert (refusal.value.status, refusal.value.code) == (409, "other-device")
    held = second.enter(take_over=True)["answers"]
    assert {int(p): a["answer"] for p, a in held.items()} == typed
    answer(second, 8)
    typed[1] = {"picked": [1]}
    second.type(1, typed[1])
    assert second.send()
    with pytest.raises(Refused) as refusal:
        first.send()
    assert refusal.value.code == "other-device"
    assert first.call("/clock")["epoch"] > first.epoch

    # Back on the first one: its older answer gives way to what the second one has sent since.
    first.enter(take_over=True)
    assert first.dropped == [1]
    answer(first, 9)
    answer(first, 10)
    assert first.send()

    # Typed before the deadline, delivered within the grace time; and one typed after it.
    answer(first, 11)
    move_deadline(site, attempt, 0)
    first.phone[-1]["at"] -= 5_000
    lied = first.seq + 1
    first.call("/clock")
    first.type(2, {"picked": [1]})
    first.phone[-1]["at"] = first.deadline + 1
    told = first.hand_in()
    assert first.late == [lied - 1]
    assert first.refused == [lied]
    assert first.hand_in()["receipt"] == told["receipt"]
    assert (told["answered"], told["questions"]) == (PLACES, PLACES)

    # The receipt, checked by somebody who only holds the file.
    text = text_of(attempt, typed)
    assert sha256(text.encode()).hexdigest() == told["digest"]
    anybody = Client(url)
    status, page, _headers = anybody.request("GET", f"/exams/receipt/{told['receipt']}")
    assert status == 200
    assert told["digest"] in page
    _status, file, _headers = first.client.request("GET", f"{first.base}/receipt.txt")
    assert file.split("\n")[-1] == text
    assert re.search(rf"/exams/receipt/{told['receipt']}", file)


def test_after_the_grace_time_nothing_is_taken_and_the_sitting_closes_by_itself(hall):
    site, url, (_other, attempt) = hall
    sitting = phone(url, attempt)
    sitting.enter()
    sitting.type(1, {"picked": [1]})
    assert sitting.send()
    sitting.type(2, {"picked": [1]})
    move_deadline(site, attempt, -sitting.grace - 1)
    with pytest.raises(Refused) as refusal:
        sitting.send()
    assert (refusal.value.status, refusal.value.code) == (409, "time-up")
    assert sitting.call("/clock")["open"] is True
    with site.app.app_context():
        close_overdue()
    assert sitting.call("/clock")["open"] is False
    _status, file, _headers = sitting.client.request("GET", f"{sitting.base}/receipt.txt")
    assert file.split("\n")[-1] == text_of(attempt, {1: {"picked": [1]}})
