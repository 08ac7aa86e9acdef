"""Leaving alone who does not answer, so that nobody else waits for them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from lms.core.db import session
from lms.post.models import PostCircuit, PostDelivery
from lms.post.parcels import Outcome
from lms.post.rules import pause_until

LONGEST = timedelta(days=1)


def resting(now: datetime) -> dict[str, PostCircuit]:
    """Targets that are left alone just now. A pause longer than any rule gives comes from a clock
    that was put back, and counts no more."""
    query = select(PostCircuit).where(
        PostCircuit.open_until > now, PostCircuit.open_until < now + LONGEST
    )
    return {row.target: row for row in session().scalars(query)}


def circuits() -> dict[str, PostCircuit]:
    """How every target did lately."""
    return {row.target: row for row in session().scalars(select(PostCircuit))}


def note(value: Mapping[str, Any], target: str, outcome: Outcome, now: datetime) -> None:
    """Write down how a target did, in the present unit of work."""
    sess = session()
    make: Any = postgresql.insert if sess.get_bind().dialect.name == "postgresql" else sqlite.insert
    # Two carriers may meet a target for the first time together.
    sess.execute(
        make(PostCircuit).values(target=target, failures=0, reason="").on_conflict_do_nothing()
    )
    row = sess.get_one(PostCircuit, target, populate_existing=True, with_for_update=True)
    if outcome.stops_here:
        row.failures += 1
        row.bad_at = now
        row.reason = outcome.reason
        row.open_until = pause_until(value, row.failures, now)
    else:
        row.failures, row.open_until, row.reason, row.good_at = 0, None, "", now


def forgive(target: str) -> None:
    """Try a target again at once, in the present unit of work: somebody says it is mended."""
    session().execute(
        update(PostCircuit).where(PostCircuit.target == target).values(failures=0, open_until=None)
    )


def give_up(target: str, before: datetime, now: datetime) -> int:
    """End what has waited since ``before`` for a target that does not answer; how many."""
    ended = session().execute(
        update(PostDelivery)
        .where(
            PostDelivery.state == "waiting",
            PostDelivery.target == target,
            PostDelivery.claim == "",
            PostDelivery.since < before,
        )
        .values(state="failed", reason="too-old", claim="", settled_at=now)
    )
    return int(ended.rowcount)  # type: ignore[attr-defined]
