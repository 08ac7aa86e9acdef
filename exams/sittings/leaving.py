"""Reports that the exam's page was left: counted on the server, each once. Callers commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from exams.entries.models import SwitchMode
from exams.sittings import errors
from exams.sittings.answering import Acknowledgement, record_answers
from exams.sittings.closing import close
from exams.sittings.models import Attempt, SittingEvent
from exams.sittings.rules import Step
from exams.sittings.starting import device_hash, ensure_open, note, own_attempt
from lms.core.access import SYSTEM, Actor
from lms.core.db import session


@dataclass(frozen=True, slots=True)
class Report:
    """What a phone tells: ``op`` names the report, so that sending it again counts once; ``steps``
    are answers still on the phone, kept before a report too many hands the paper in."""

    op: str | None
    seconds: int
    epoch: int = 0
    steps: Sequence[Step] = ()


def note_left(
    attempt_id: int, device: str, report: Report, actor: Actor, now: datetime
) -> tuple[Attempt, Acknowledgement | None]:
    """Write down that the page was left; one time more than the event allows hands the paper in.

    Leaving while the clock is paused is written down and not counted.

    Raises:
        OtherDevice; TimeUp; for ``steps`` also BadSteps and SequenceTaken.
    """
    attempt = own_attempt(attempt_id, actor.person_id, lock=True)
    if attempt.state != "open" or _known(attempt_id, report.op):
        return attempt, None
    if attempt.device_hash != device_hash(device):
        raise errors.OtherDevice
    ensure_open(attempt, now)
    counted = attempt.paused_at is None
    attempt.left_count += counted
    session().add(
        SittingEvent(
            attempt_id=attempt.id,
            kind="left",
            at=now,
            by=actor.person_id,
            details={"seconds": report.seconds, "counted": counted, "count": attempt.left_count},
            op=report.op,
        )
    )
    session().flush()
    event = attempt.entry.event
    if not counted or event.switch_mode != SwitchMode.HAND_IN:
        return attempt, None
    if attempt.left_count <= event.switch_limit:
        return attempt, None
    kept = None
    if report.steps:
        kept = record_answers(attempt.id, actor.person_id, device, report.epoch, report.steps, now)
    note(attempt.id, "left_too_often", SYSTEM, now, count=attempt.left_count)
    close(attempt, "handed_in", SYSTEM, now)
    return attempt, kept


def _known(attempt_id: int, op: str | None) -> bool:
    if op is None:
        return False
    query = select(SittingEvent.id).where(
        SittingEvent.attempt_id == attempt_id, SittingEvent.op == op
    )
    return session().scalar(query) is not None
