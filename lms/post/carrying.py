"""Carrying deliveries outside: claimed by compare-and-set, sent by threads that know nothing of the
database, recorded under the claim.

A claim is a fencing token: whoever lost it records nothing but the try. A process that was frozen
sends nothing when it wakes up late. What remains is a death between sending and recording: then
the same delivery goes out again, with the same ``ref``.
"""

import logging
import queue
import secrets
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, update

from lms.core import clock
from lms.core.db import session
from lms.core.quiet import Quiet
from lms.core.rules import rule_on
from lms.core.uow import look_anew, unit_of_work
from lms.post import circuits
from lms.post.models import PostAttempt, PostCircuit, PostDelivery
from lms.post.packing import Unpackable, pack
from lms.post.parcels import AGAIN, DELIVERED, SENT, Channel, Outcome, Parcel, unreachable
from lms.post.rules import RULE, next_try, oldest
from lms.post.setup import post_room

log = logging.getLogger(__name__)
CLAIM = timedelta(minutes=4)
#: Seconds after a claim in which its parcels may be sent; the longest try takes half a minute.
FRESH = 150.0
FARTHEST = timedelta(days=2)
AT_ONCE = 40  # parcels of one target in a round
HANDS = 8  # targets at the same time
TARGETS = 200  # targets in a round


@dataclass(frozen=True, slots=True)
class Load:
    """What one hand carries: parcels by delivery, all to one target, under one claim."""

    target: str
    claim: str
    channel: Channel
    parcels: list[tuple[int, Parcel]]
    claimed_at: float  # seconds of the monotonic clock
    turn: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    ended: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True, slots=True)
class Try:
    """One parcel came back; ``outcome`` is None if it was not tried."""

    load: Load
    delivery_id: int
    outcome: Outcome | None
    milliseconds: int = 0


def carry() -> int:
    """Carry what is due, a round for each target; how many were tried or settled."""
    look_anew()
    now = clock.now()
    value = rule_on(RULE, clock.local_date(now)).value
    loads, settled = [], 0
    for target, channel in _due_targets(now):
        try:
            load, ended = _claim(target, channel, value)
        except Exception:
            log.exception("nothing could be claimed for %s", target)
            continue
        settled += ended
        if load is not None:
            loads.append(load)
    for done in _carried(loads):
        _record(done, value)
        settled += done.outcome is not None
    return settled


def _due_targets(now: datetime) -> list[tuple[str, str]]:
    """Targets with something due that are set up and not left alone: (target, channel)."""
    query = (
        select(PostDelivery.target, PostDelivery.channel)
        .where(PostDelivery.state == "waiting", _is_due(now))
        .distinct()
    )
    asleep = circuits.resting(now)
    found = session().execute(query).tuples()
    return [pair for pair in found if pair[0] not in asleep and post_room().has(pair[1])][:TARGETS]


def _is_due(now: datetime) -> ColumnElement[bool]:
    """Due, or put off farther than this code ever does: then the clock was put back meanwhile."""
    due = PostDelivery.due_at
    return or_(
        due <= now, due > now + FARTHEST, and_(PostDelivery.claim != "", due > now + 2 * CLAIM)
    )


def _claim(target: str, channel: str, value: Mapping[str, Any]) -> tuple[Load | None, int]:
    """Claim and pack what is due for a target; the load, and how many ended instead."""
    mine, begun = secrets.token_hex(16), time.monotonic()
    with unit_of_work():
        now = clock.now()
        ended = _give_up(target, value, now)
        due = (
            select(PostDelivery.id)
            .where(PostDelivery.state == "waiting", PostDelivery.target == target, _is_due(now))
            .order_by(PostDelivery.due_at, PostDelivery.id)
            .limit(AT_ONCE)
        )
        session().execute(
            update(PostDelivery)
            .where(PostDelivery.id.in_(due), PostDelivery.state == "waiting", _is_due(now))
            .values(claim=mine, due_at=now + CLAIM)
            .execution_options(synchronize_session=False)
        )
        claimed = select(PostDelivery).where(
            PostDelivery.claim == mine, PostDelivery.target == target
        )
        rows = session().scalars(
            claimed.order_by(PostDelivery.id).execution_options(populate_existing=True)
        ).all()  # fmt: skip
        packed = pack(rows, now)
        for row in rows:
            made = packed[row.id]
            if isinstance(made, Unpackable):
                row.state, row.reason, row.settled_at, row.claim = "failed", made.reason, now, ""
                ended += 1
    parcels = [(key, made) for key, made in packed.items() if isinstance(made, Parcel)]
    if not parcels:
        return None, ended
    return Load(target, mine, post_room().channels[channel], parcels, begun), ended


def _give_up(target: str, value: Mapping[str, Any], now: datetime) -> int:
    """End what has waited too long, if its target has not answered of late; how many."""
    row = session().get(PostCircuit, target, populate_existing=True)
    if row is None or not row.failures:
        return 0
    return circuits.give_up(target, oldest(value, now), now)


def _carried(loads: Sequence[Load]) -> Iterator[Try]:
    """Every try of every load, as it comes back."""
    back: queue.SimpleQueue[Try] = queue.SimpleQueue()
    awaited = sum(len(load.parcels) for load in loads)
    if not awaited:
        return
    with ThreadPoolExecutor(min(HANDS, len(loads)), "post") as hands:
        try:
            for load in loads:
                hands.submit(_walk, load, back)
            for _number in range(awaited):
                done = back.get()
                yield done
                done.load.turn.release()
        finally:
            for load in loads:
                load.ended.set()
                load.turn.release()


def _walk(load: Load, back: "queue.SimpleQueue[Try]") -> None:
    """Carry a load; every parcel comes back, tried or not. The next one leaves only when the last
    is on record, so that a death can repeat one message of each target and no more."""
    left = list(load.parcels)
    try:
        with load.channel.opened() as hand:
            while left:
                key, parcel = left[0]
                begun = time.monotonic()
                if begun - load.claimed_at > FRESH:
                    break
                outcome = hand(parcel)
                left.pop(0)
                back.put(Try(load, key, outcome, round((time.monotonic() - begun) * 1000)))
                if outcome.stops_here:
                    break
                load.turn.acquire()
                if load.ended.is_set():
                    return
    except Exception:
        log.exception("carrying to %s failed", load.target)
        if left:
            back.put(Try(load, left.pop(0)[0], unreachable("error")))
    for key, _parcel in left:
        back.put(Try(load, key, None))


def _record(done: Try, value: Mapping[str, Any]) -> None:
    """Write down what came of a try; the delivery itself only if the claim still holds."""
    with unit_of_work():
        now, outcome = clock.now(), done.outcome
        row = session().get_one(
            PostDelivery, done.delivery_id, populate_existing=True, with_for_update=True
        )
        if outcome is not None:
            _note_try(done, outcome, now)
            circuits.note(value, done.load.target, outcome, now)
        if row.claim != done.load.claim or row.state != "waiting":
            return
        row.claim = ""
        if outcome is None:
            row.due_at = now
        elif outcome.state in {SENT, DELIVERED}:
            row.state, row.reason, row.settled_at = outcome.state, "", now
        else:
            _failed(row, outcome, value, now)


def _note_try(done: Try, outcome: Outcome, now: datetime) -> None:
    session().add(
        PostAttempt(
            delivery_id=done.delivery_id, at=now, outcome=outcome.state,
            reason=outcome.reason[:40], milliseconds=done.milliseconds,
        )
    )  # fmt: skip


def _failed(row: PostDelivery, outcome: Outcome, value: Mapping[str, Any], now: datetime) -> None:
    row.failures += 1
    row.reason = outcome.reason[:40]
    again = next_try(value, row.failures, now) if outcome.state == AGAIN else None
    if again is None:
        row.state, row.settled_at = "failed", now
        return
    quiet = Quiet.read(row.quiet)
    row.due_at = quiet.awake(again) if quiet else again
