"""The rotating check-in code: proves that somebody saw the hall's screen at a moment.

A step lasts some seconds. Its code is an HMAC under the session's secret: six digits to type, and a
longer token for the QR code. With a signal only the present step and the one before are accepted.

A phone without a signal brings its code later. The token names its step and proves it; the six
digits alone could be guessed among a day's steps, so the screen shows four more for such phones,
and the step is found by looking for all ten among the steps of the session's hours.
"""

import hmac
import re
from collections.abc import Iterable
from datetime import UTC, datetime

_LENGTH = 6
_TAIL = 4
_TOKEN = re.compile(r"([0-9a-f]{1,9})-[0-9a-f]{16}")


def step_of(at: datetime, seconds: int) -> int:
    """The number of the step that ``at`` falls in."""
    return int(at.timestamp()) // seconds


def step_began(step: int, seconds: int) -> datetime:
    """The moment (UTC) at which a step began."""
    return datetime.fromtimestamp(step * seconds, UTC)


def seconds_left(at: datetime, seconds: int) -> int:
    """Seconds until the next step begins; at least 1."""
    return seconds - int(at.timestamp()) % seconds


def typed_code(secret: bytes, step: int) -> str:
    """Six digits for those who cannot scan."""
    return _digits(secret, f"typed:{step}", _LENGTH)


def tail_code(secret: bytes, step: int) -> str:
    """The four digits that a phone without a signal needs besides."""
    return _digits(secret, f"tail:{step}", _TAIL)


def full_code(secret: bytes, step: int) -> str:
    """All ten digits."""
    return typed_code(secret, step) + tail_code(secret, step)


def scan_code(secret: bytes, step: int) -> str:
    """The token in the QR code: the step and 16 hex digits of its HMAC."""
    mac = hmac.digest(secret, f"scan:{step}".encode(), "sha256").hex()[:16]
    return f"{step:x}-{mac}"


def accepted_step(secret: bytes, code: str, at: datetime, seconds: int) -> int | None:
    """The step a code belongs to, if it is the present one or the one before; else None."""
    now = step_of(at, seconds)
    given = plain(code)
    found = None
    for step in (now, now - 1):
        for make in (typed_code, full_code, scan_code):
            if hmac.compare_digest(make(secret, step).encode(), given.encode()):
                found = step
    return found


def proven_step(secret: bytes, code: str, steps: Iterable[int]) -> int | None:
    """The step that a code brought later proves, or None: a token proves its own, ten digits one
    of ``steps``."""
    given = plain(code)
    token = _TOKEN.fullmatch(given)
    if token:
        step = int(token[1], 16)
        right = scan_code(secret, step)
        return step if hmac.compare_digest(right.encode(), given.encode()) else None
    if len(given) != _LENGTH + _TAIL or not given.isascii():
        return None
    found = None
    for step in steps:
        if hmac.compare_digest(full_code(secret, step).encode(), given.encode()):
            found = step
    return found


def plain(code: str) -> str:
    """A code as typed, without blanks and in small letters."""
    return code.strip().replace(" ", "").lower()


def method_of(code: str) -> str:
    """``code`` for typed digits, ``qr`` for the scanned token."""
    return "qr" if "-" in code else "code"


def _digits(secret: bytes, message: str, length: int) -> str:
    digest = hmac.digest(secret, message.encode(), "sha256")
    return f"{int.from_bytes(digest[:8]) % 10**length:0{length}d}"
