"""What the demo shows of the post room: a few reminders of a home, as they were carried."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update

from lms.core.db import session
from lms.core.notify import Notice, tell
from lms.core.vault import vault
from lms.post.choosing import masked
from lms.post.models import PostAddress, PostAttempt, PostDelivery
from lms.post.packing import address_place
from lms.post.sending import Message, Place, to_person, to_target

#: How e-mail went: state, and the reason of each try.
FATES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("failed", ("mailbox-550",)), ("sent", ("",)), ("sent", ("slow", "")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DemoReminder:
    """A reminder that somebody had; ``number`` picks whether e-mail went along, and how."""

    person_id: int
    message: Message
    place: Place
    number: int


def seed_reminders(reminders: Sequence[DemoReminder], at: datetime) -> int:
    """Write them down as carried at ``at``, in the present unit of work; how many deliveries."""
    for one in reminders:
        _tell(one, at)
        if one.number % 2 == 0:
            _confirm(one.person_id, one.number, at)
            to_target(one.message, one.place, "email", "email", person_id=one.person_id)
    keys = [one.message.letter for one in reminders]
    made = session().query(PostDelivery).filter(PostDelivery.letter.in_(keys)).all()
    numbers = {one.message.letter: one.number for one in reminders}
    for row in made:
        _carried(row, FATES[numbers[row.letter] // 2 % len(FATES)], at)
    session().flush()
    return len(made)


def _tell(one: DemoReminder, at: datetime) -> None:
    message = one.message
    facts: Mapping[str, Any] = message.facts
    tell(one.person_id, message.kind, message.letter, message.url, **facts)
    to_person(one.person_id, message, one.place, None)
    session().execute(
        update(Notice)
        .where(Notice.key == message.letter)
        .values(created_at=at, read_at=at + timedelta(hours=5))
    )


def _confirm(person_id: int, number: int, at: datetime) -> None:
    if session().get(PostAddress, person_id) is not None:
        return
    text = f"staff{number:02d}@example.cn"
    session().add(
        PostAddress(
            person_id=person_id, sealed=vault().seal(text, address_place(person_id)),
            hash=vault().blind(text, "post.address"), masked=masked(text),
            set_at=at - timedelta(days=30), verified_at=at - timedelta(days=30),
        )
    )  # fmt: skip


def _carried(row: PostDelivery, fate: tuple[str, tuple[str, ...]], at: datetime) -> None:
    row.created_at = row.since = row.due_at = at
    row.settled_at = at + timedelta(seconds=3)
    if row.channel != "email":
        return
    row.state, tries = fate
    row.reason = tries[-1]
    row.failures = sum(1 for reason in tries if reason)
    for number, reason in enumerate(tries):
        row.settled_at = at + timedelta(seconds=4, minutes=number)
        outcome = row.state if number == len(tries) - 1 else "again"
        session().add(
            PostAttempt(
                delivery_id=row.id, at=row.settled_at,
                outcome="refused" if outcome == "failed" else outcome, reason=reason,
                milliseconds=40 + 7 * number,
            )
        )  # fmt: skip
