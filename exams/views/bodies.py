"""What the exam room's requests carry and answers say, as docs/exam-room.md has it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from exams.sittings import errors
from exams.sittings.answering import Acknowledgement
from exams.sittings.queries import Held


def milliseconds(moment: datetime) -> int:
    """An instant as the protocol writes it."""
    return round(moment.timestamp() * 1000)


def device_in(body: Mapping[str, Any]) -> str:
    """The device's token. Raises BadSteps."""
    device = body.get("device")
    if not isinstance(device, str) or not 22 <= len(device) <= 64 or not device.isascii():
        raise errors.BadSteps
    return device


def epoch_in(body: Mapping[str, Any]) -> int:
    """The epoch written under. Raises BadSteps."""
    epoch = body.get("epoch")
    if not isinstance(epoch, int) or isinstance(epoch, bool):
        raise errors.BadSteps
    return epoch


def acknowledged(done: Acknowledgement, now: datetime) -> dict[str, Any]:
    """The body of a 200 to ``/answers``."""
    return {
        "acked": done.acked,
        "refused": done.refused,
        "late": done.late,
        "too_long": done.too_long,
        "now": milliseconds(now),
        "deadline": milliseconds(done.deadline),
    }


def leaving(sitting: Any, event: Any) -> dict[str, Any]:
    """How often the page was left, and what the event says to it."""
    return {
        "mode": event.switch_mode,
        "limit": event.switch_limit,
        "count": sitting.left_count,
    }


def entered_body(
    sitting: Any, event: Any, epoch: int, last_seq: int, held: Mapping[int, Held], now: datetime
) -> dict[str, Any]:
    """The body of a 200 to ``/enter`` but for the questions; of a sitting and its event, or of one
    row with the columns of both."""
    return {
        "epoch": epoch,
        "last_seq": last_seq,
        "now": milliseconds(now),
        "deadline": milliseconds(sitting.deadline),
        "grace": sitting.grace_seconds,
        "paused": sitting.paused_at is not None,
        "leaving": leaving(sitting, event),
        "answers": answers_body(held),
    }


def answers_body(held: Mapping[int, Held]) -> dict[str, Any]:
    """The answers that the server holds, by position."""
    return {
        str(position): {"answer": a.answer, "seq": a.seq, "epoch": a.epoch}
        for position, a in held.items()
    }
