"""What the register knows without a database: codes, numbers, statuses and their changes."""

import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

CODE_LENGTH = 26
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_BITS = 5 * CODE_LENGTH
_LOOKALIKE = str.maketrans("OIL", "011")
_DASHES = re.compile(r"[\s\-‐-―_.·]+")
SHORTEST_REASON = 4
#: Reasons that the platform itself gives; pages say them in the reader's language.
LOST_GROUND = {"voided": "ground.voided", "corrected": "ground.corrected"}
REGAINED_GROUND = "ground.regained"


class Status(StrEnum):
    """What one large word on the verification page says."""

    VALID = "valid"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    CORRECTED = "corrected"
    EXPIRED = "expired"
    DOUBTFUL = "doubtful"
    DAMAGED = "damaged"
    ABSENT = "absent"


class Fault(StrEnum):
    """What does not fit in a damaged certificate."""

    SEAL = "seal"
    REGISTER = "register"
    LOG = "log"


@dataclass(frozen=True, slots=True)
class EventFact:
    """An event as the fold reads it."""

    kind: str
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a certificate stands: its status, since when, and the reason given."""

    status: Status
    since: datetime | None = None
    reason: str = ""


#: event kind -> the statuses it may follow
ALLOWED: dict[str, frozenset[Status]] = {
    "suspended": frozenset({Status.VALID, Status.EXPIRED}),
    "reinstated": frozenset({Status.SUSPENDED}),
    "revoked": frozenset({Status.VALID, Status.SUSPENDED, Status.EXPIRED}),
    "corrected": frozenset({Status.VALID, Status.EXPIRED}),
    "reprinted": frozenset({Status.VALID, Status.EXPIRED}),
}
_LEADS_TO = {
    "issued": Status.VALID,
    "suspended": Status.SUSPENDED,
    "reinstated": Status.VALID,
    "revoked": Status.REVOKED,
    "corrected": Status.CORRECTED,
}
#: statuses that say nothing against a certificate
UNHARMED = frozenset({Status.VALID, Status.EXPIRED})
_FINAL = frozenset({Status.REVOKED, Status.CORRECTED})


def fold(events: Iterable[EventFact], valid_to: date | None, on: date) -> Standing:
    """The standing after ``events`` (oldest first) as a reader on ``on`` sees it.

    Revocation and correction are final: nothing that follows them counts.
    """
    standing = Standing(Status.VALID)
    for event in events:
        status = _LEADS_TO.get(event.kind)
        if status is None or standing.status in _FINAL:
            continue
        standing = Standing(status, event.at, event.reason)
    if standing.status is Status.VALID and valid_to is not None and on > valid_to:
        return Standing(Status.EXPIRED)
    return standing


def allowed(step: str, status: Status) -> bool:
    """True if ``step`` may follow ``status``."""
    return status in ALLOWED[step]


def steps_from(status: Status) -> list[str]:
    """The steps that may follow ``status``."""
    return [step for step in ALLOWED if allowed(step, status)]


def valid_throughout(
    events: Sequence[EventFact],
    period: tuple[date, date | None],
    day: tuple[date, datetime, datetime],
) -> bool:
    """Was the certificate valid for the whole of a day?

    Args:
        events: all events, oldest first.
        period: first and last day of validity.
        day: the day with the instants at which it begins and ends.
    """
    on, begins, ends = day
    if on < period[0] or (period[1] is not None and on > period[1]):
        return False
    before = [event for event in events if event.at < begins]
    during = [event for event in events if begins <= event.at < ends]
    stays = [fold(before, None, on)] + [
        fold([*before, *during[: n + 1]], None, on) for n in range(len(during))
    ]
    return all(standing.status is Status.VALID for standing in stays)


def new_code() -> str:
    """130 random bits in Crockford's base 32, upper case: short in a QR, safe to read aloud."""
    value = secrets.randbits(_CODE_BITS)
    return "".join(_CROCKFORD[(value >> shift) & 31] for shift in range(_CODE_BITS - 5, -1, -5))


def normal_code(text: str) -> str | None:
    """The code meant by what was typed or scanned; None if it cannot be one."""
    code = _DASHES.sub("", text).upper().translate(_LOOKALIKE)
    if len(code) != CODE_LENGTH or any(char not in _CROCKFORD for char in code):
        return None
    return code


def normal_number(text: str) -> str:
    """A certificate number as typed, without blanks and dashes, in capitals."""
    return _DASHES.sub("", text).upper()


def grouped(code: str) -> str:
    """A code in groups that an eye can follow: ``7Q2M-K0V9-…``."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def number_prefix(rule: dict[str, Any], rung: int | None, parts: dict[str, str]) -> str | None:
    """Everything of a number before its serial, or None if the rule does not know the rung."""
    levels = rule.get("levels")
    level = "" if levels is None else levels.get(str(rung))
    if level is None:
        return None
    pattern = str(rule["pattern"])
    if not pattern.endswith("{serial}"):
        raise ValueError("a number pattern must end with its serial")
    return pattern.removesuffix("{serial}").format(level=level, **parts)


def full_number(rule: dict[str, Any], prefix: str, serial: int) -> str | None:
    """The number with its serial, or None when the series has no more digits."""
    digits = int(rule["serial_digits"])
    return f"{prefix}{serial:0{digits}d}" if 0 < serial < 10**digits else None
