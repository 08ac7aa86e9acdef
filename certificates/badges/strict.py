"""Reading what strangers hand in: one meaning for each text, nothing doubtful passes."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from typing import Any

from lms.core.db import Json

LARGEST = 512 * 1024  # bytes; a status list has at most some tens of KiB


class Refused(Exception):
    """A document that proves nothing, and why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def parse(text: str | bytes) -> Json:
    """A JSON object. Raises Refused for anything else, also for a name said twice."""
    if len(text) > LARGEST:
        raise Refused("larger than any credential")
    try:
        found = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Refused("not JSON") from error
    if not isinstance(found, dict):
        raise Refused("not a JSON object")
    return found


def _once(pairs: list[tuple[str, Any]]) -> Json:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name said twice")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def b64(data: bytes) -> str:
    """Base64url without padding."""
    return urlsafe_b64encode(data).decode().rstrip("=")


def from_b64(text: str) -> bytes:
    """What ``b64`` wrote; refuses every other spelling of the same bytes."""
    try:
        data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (Base64Error, ValueError) as error:
        raise Refused("not base64url") from error
    if b64(data) != text:
        raise Refused("not base64url")
    return data
