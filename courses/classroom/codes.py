"""The rotating check-in code: proves that somebody saw the hall's screen just now.

A step lasts some seconds. Its code is an HMAC under the session's secret: six digits to type,
and a longer token for the QR code. The present step and the one before are accepted.
"""

import hmac
from datetime import datetime
from hashlib import sha256

_LENGTH = 6


def step_of(at: datetime, seconds: int) -> int:
    """The number of the step that ``at`` falls in."""
    return int(at.timestamp()) // seconds


def seconds_left(at: datetime, seconds: int) -> int:
    """Seconds until the next step begins; at least 1."""
    return seconds - int(at.timestamp()) % seconds


def typed_code(secret: bytes, step: int) -> str:
    """Six digits for those who cannot scan."""
    digest = hmac.new(secret, f"typed:{step}".encode(), sha256).digest()
    return f"{int.from_bytes(digest[:8]) % 10**_LENGTH:0{_LENGTH}d}"


def scan_code(secret: bytes, step: int) -> str:
    """The token in the QR code: the step and 16 hex digits of its HMAC."""
    mac = hmac.new(secret, f"scan:{step}".encode(), sha256).hexdigest()[:16]
    return f"{step:x}-{mac}"


def accepted_step(secret: bytes, code: str, at: datetime, seconds: int) -> int | None:
    """The step a code belongs to, if it is the present one or the one before; else None."""
    now = step_of(at, seconds)
    given = code.strip().replace(" ", "").lower()
    found = None
    for step in (now, now - 1):
        for right in (typed_code(secret, step), scan_code(secret, step)):
            if hmac.compare_digest(right.encode(), given.encode()):
                found = step
    return found


def method_of(code: str) -> str:
    """``code`` for typed digits, ``qr`` for the scanned token."""
    return "qr" if "-" in code else "code"
