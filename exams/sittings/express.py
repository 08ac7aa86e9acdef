"""The express lane: answers of many candidates checked and appended in one transaction.

It takes only what it can accept without a second thought: a living session of a learner without
other roles, her own open sitting, the right device and epoch, in time, nothing sent before. All
else gets None and goes the ordinary way, which judges anew and names the reason. The rules are
the same functions (``answering.verdict``).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Select

from exams.entries.models import Entry
from exams.sittings.answering import COLUMNS, Acknowledgement, verdict
from exams.sittings.limits import has_text, known_limits
from exams.sittings.models import AnswerStep, Attempt
from exams.sittings.pairs import PairQuery, sessions_asking
from exams.sittings.rules import Step
from lms.core import clock
from lms.core.errors import DomainError
from lms.core.quick import QuickInsert, cursor_of
from lms.people import api as people


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


def sitting_of(found: Select[Any], signed: Any, attempt_id: Any) -> Select[Any]:
    """Add the sitting of the person signed in, if it is hers."""
    return (
        found.join(Attempt, Attempt.id == attempt_id)
        .join(Entry, (Entry.id == Attempt.entry_id) & (Entry.person_id == signed.c.person_id))
        .add_columns(*COLUMNS)
    )


class _Statements:
    """The lane's two statements for one kind of database."""

    def __init__(self, dialect: Dialect) -> None:
        found = sitting_of(*sessions_asking(dialect))
        # Whoever is handing in at this moment goes the ordinary way and waits there.
        found = found.with_for_update(read=True, of=Attempt, skip_locked=True)
        self.find = PairQuery(found, dialect)
        self.append = QuickInsert(AnswerStep.__table__, dialect)


_statements: Callable[[Dialect], _Statements] = lru_cache(4)(_Statements)


def take(connection: Connection, posts: Sequence[Post]) -> Sequence[Taken | None]:
    """Append what can be taken at once; one outcome for each post, None for the ordinary way.

    If something was sent before the database refuses the group; each is then looked at alone.
    """
    now, statements, cursor = clock.now(), _statements(connection.dialect), cursor_of(connection)
    pairs = {(post.session_hash, post.attempt_id) for post in posts}
    found = statements.find.rows(cursor, pairs, now)
    sittings = {(row.token_hash, row.id): row for row in found}
    outcomes: list[Taken | None] = []
    rows: list[dict[str, Any]] = []
    for post in posts:
        sitting = sittings.get((post.session_hash, post.attempt_id))
        taken = None if sitting is None else _judge(sitting, post, now)
        outcomes.append(None if taken is None else taken[1])
        rows += [] if taken is None else taken[0]
    people.note_seen(connection, {row.session_id: row.seen_at for row in found}, now)
    statements.append.run(cursor, rows)
    return outcomes


def _judge(sitting: Any, post: Post, now: datetime) -> tuple[list[dict[str, Any]], Taken] | None:
    limits = known_limits(sitting.paper_id) if has_text(post.steps) else {}
    if limits is None:
        return None
    try:
        rows, acknowledged = verdict(sitting, post.device, post.epoch, post.steps, now, limits)
    except DomainError:
        return None
    return rows, Taken(sitting.person_id, acknowledged, now)
