"""The express lane: answers of many candidates checked and appended in one transaction.

It takes only what it can accept without a second thought: a living session of a learner without
other roles, her own open sitting, the right device and epoch, in time, nothing sent before. All
else gets None and goes the ordinary way, which judges anew and names the reason. The rules are
the same functions (``answering.verdict``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, select

from exams.entries.models import Entry
from exams.sittings.answering import APPEND, COLUMNS, Acknowledgement, verdict
from exams.sittings.models import Attempt
from exams.sittings.rules import Step
from lms.core import clock
from lms.core.errors import DomainError
from lms.people import api as people


class SentBefore(Exception):
    """Something of the group was there already; none of it was kept."""


@dataclass(frozen=True, slots=True)
class Post:
    """One request to save answers, as it came."""

    session_hash: str
    attempt_id: int
    device: str
    epoch: int
    steps: list[Step]


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of it: who sent it, what is stored, and the instant by which it was judged."""

    person_id: int
    acknowledged: Acknowledgement
    now: datetime


def _statement() -> Select[Any]:
    signed = people.learner_sessions().subquery()
    return (
        select(signed.c.token_hash, signed.c.session_id, signed.c.person_id, signed.c.seen_at)
        .add_columns(*COLUMNS)
        .join(Entry, Entry.person_id == signed.c.person_id)
        .join(Attempt, Attempt.entry_id == Entry.id)
        .where(
            signed.c.token_hash.in_(bindparam("sessions", expanding=True)),
            Attempt.id.in_(bindparam("attempts", expanding=True)),
        )
        # Whoever is handing in at this moment goes the ordinary way and waits there.
        .with_for_update(read=True, of=Attempt, skip_locked=True)
    )


_SITTINGS = _statement()


def take(connection: Connection, posts: Sequence[Post]) -> Sequence[Taken | None]:
    """Append what can be taken at once; one outcome for each post, None for the ordinary way."""
    now = clock.now()
    asked = {
        "sessions": list({post.session_hash for post in posts}),
        "attempts": list({post.attempt_id for post in posts}),
        "now": now,
        "idle_since": now - people.IDLE,
    }
    found = connection.execute(_SITTINGS, asked)
    sittings = {(row.token_hash, row.id): row for row in found}
    outcomes: list[Taken | None] = []
    rows: list[dict[str, Any]] = []
    for post in posts:
        sitting = sittings.get((post.session_hash, post.attempt_id))
        taken = None if sitting is None else _judge(sitting, post, now)
        outcomes.append(None if taken is None else taken[1])
        rows += [] if taken is None else taken[0]
    if rows and connection.execute(APPEND, rows).rowcount != len(rows):
        # Something was sent before: undo, and let each of them be looked at alone.
        raise SentBefore
    people.note_seen(connection, {row.session_id: row.seen_at for row in sittings.values()}, now)
    return outcomes


def _judge(
    sitting: Row[Any], post: Post, now: datetime
) -> tuple[list[dict[str, Any]], Taken] | None:
    try:
        rows, acknowledged = verdict(sitting, post.device, post.epoch, post.steps, now)
    except DomainError:
        return None
    return rows, Taken(sitting.person_id, acknowledged, now)
