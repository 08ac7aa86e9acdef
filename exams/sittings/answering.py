"""The hot path: take answer steps, judge their time, append them, acknowledge. Callers commit.

Two statements on the usual path (read the attempt, append), three when something was sent again.
No ORM objects are made.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import TextClause, bindparam, select, text

from exams.entries.models import Entry
from exams.sittings import errors, rules
from exams.sittings.limits import Limits, has_text, limits_of
from exams.sittings.models import AnswerStep, Attempt
from exams.sittings.rules import Arrival, Step
from exams.sittings.starting import device_hash
from lms.core.db import session
from lms.core.errors import NotFound


def _append_statement() -> TextClause:
    """One row of the log, or nothing if its number or operation is there already. As text with
    typed parameters, because SQLAlchemy compiles an ON CONFLICT anew at each execution."""
    columns = [c for c in AnswerStep.__table__.columns if not c.primary_key]
    names = ", ".join(c.name for c in columns)
    values = ", ".join(f":{c.name}" for c in columns)
    into = f"INSERT INTO answer_step ({names})"
    return text(f"{into} VALUES ({values}) ON CONFLICT DO NOTHING").bindparams(
        *(bindparam(c.name, type_=c.type) for c in columns)
    )


APPEND = _append_statement()
#: What ``verdict`` needs to know of a sitting.
COLUMNS = (
    Attempt.id,
    Attempt.state,
    Attempt.deadline,
    Attempt.grace_seconds,
    Attempt.epoch,
    Attempt.device_hash,
    Attempt.slots,
    Attempt.paused_at,
    Attempt.paper_id,
    Attempt.most_steps,
)
#: Read FOR SHARE: many posts may pass together, but none passes a hand-in.
_ATTEMPT = select(*COLUMNS).join(Entry, Entry.id == Attempt.entry_id)


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What is stored now, by sequence number, and the deadline. ``refused`` will never be stored:
    for coming too late, or (those in ``too_long`` too) for being longer than the question takes."""

    acked: list[int]
    refused: list[int]
    late: list[int]
    deadline: datetime
    too_long: list[int] = field(default_factory=list)


def parse_steps(value: object) -> list[Step]:
    """Read the ``steps`` of a request. Raises BadSteps; nothing of a bad batch is kept."""
    if not isinstance(value, list) or len(value) > rules.MOST_STEPS:
        raise errors.BadSteps
    steps = [_step(item) for item in value]
    distinct = len({step.seq for step in steps}), len({step.op for step in steps})
    if distinct != (len(steps), len(steps)):
        raise errors.BadSteps
    return steps


def _step(item: object) -> Step:
    if not isinstance(item, dict):
        raise errors.BadSteps
    seq, op, position = item.get("seq"), item.get("op"), item.get("position")
    if not _whole(seq) or not _whole(position) or not rules.is_answer(item.get("answer")):
        raise errors.BadSteps
    if not rules.is_op(op):
        raise errors.BadSteps
    return Step(seq, op, position, item["answer"], _claimed(item.get("at")))  # type: ignore[arg-type]


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value < 2**31


def _claimed(milliseconds: object) -> datetime | None:
    if not isinstance(milliseconds, int) or not 0 <= milliseconds < 2**42:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def record_answers(
    attempt_id: int, person_id: int, device: str, epoch: int, steps: Sequence[Step], now: datetime
) -> Acknowledgement:
    """Append steps and say which are stored. The same step sent again is acknowledged again.

    Raises:
        NotFound, OtherDevice, AttemptClosed, Paused, TimeUp, BadSteps, TooManySteps,
        SequenceTaken.
    """
    query = _ATTEMPT.where(Attempt.id == attempt_id, Entry.person_id == person_id)
    attempt = session().execute(query.with_for_update(read=True, of=Attempt)).first()
    if attempt is None:
        raise NotFound
    limits = limits_of(attempt.paper_id) if has_text(steps) else {}
    rows, acknowledged = verdict(attempt, device, epoch, steps, now, limits)
    _append(attempt_id, rows)
    return acknowledged


def verdict(
    attempt: Any, device: str, epoch: int, steps: Sequence[Step], now: datetime, limits: Limits
) -> tuple[list[dict[str, Any]], Acknowledgement]:
    """What is to be appended, and what to acknowledge once it is; from a row of ``COLUMNS``.
    ``limits`` are those of its paper, needed only where there are texts.

    Raises:
        OtherDevice, AttemptClosed, Paused, TimeUp, BadSteps, TooManySteps.
    """
    grace = timedelta(seconds=attempt.grace_seconds)
    ensure_writable(attempt, device, epoch, now)
    if not all(1 <= step.position <= attempt.slots for step in steps):
        raise errors.BadSteps
    if any(step.seq > attempt.most_steps for step in steps):
        raise errors.TooManySteps
    too_long = [step.seq for step in steps if rules.is_too_long(step, limits)]
    judged = [(step, rules.arrival(step.at, now, attempt.deadline, grace)) for step in steps]
    rows = [
        _row(attempt.id, epoch, step, arrived is Arrival.LATE, now)
        for step, arrived in judged
        if arrived is not Arrival.REFUSED and step.seq not in too_long
    ]
    taken = {row["seq"] for row in rows}
    return rows, Acknowledgement(
        [row["seq"] for row in rows],
        [step.seq for step in steps if step.seq not in taken],
        [row["seq"] for row in rows if row["late"]],
        attempt.deadline,
        too_long,
    )


def ensure_writable(attempt: Any, device: str, epoch: int, now: datetime) -> None:
    """Raises AttemptClosed, OtherDevice, Paused, TimeUp; of a row of ``COLUMNS``."""
    if attempt.state != "open":
        raise errors.AttemptClosed
    if attempt.epoch != epoch or attempt.device_hash != device_hash(device):
        raise errors.OtherDevice
    if attempt.paused_at is not None:
        raise errors.Paused
    if now > attempt.deadline + timedelta(seconds=attempt.grace_seconds):
        raise errors.TimeUp


def _row(attempt_id: int, epoch: int, step: Step, late: bool, now: datetime) -> dict[str, Any]:
    return {
        "attempt_id": attempt_id,
        "seq": step.seq,
        "op": step.op,
        "epoch": epoch,
        "position": step.position,
        "answer": step.answer,
        "client_at": step.at,
        "received_at": now,
        "late": late,
    }


def _append(attempt_id: int, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    sess = session()
    added = sess.execute(APPEND, rows)
    if added.rowcount == len(rows):  # type: ignore[attr-defined]
        return
    # Something was there already: fine if it is the same operation, a clash if it is another.
    stored = set(
        sess.scalars(
            select(AnswerStep.op).where(
                AnswerStep.attempt_id == attempt_id,
                AnswerStep.op.in_([row["op"] for row in rows]),
            )
        )
    )
    if any(row["op"] not in stored for row in rows):
        raise errors.SequenceTaken
