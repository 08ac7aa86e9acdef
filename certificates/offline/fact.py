"""The signed fact in the QR, small enough to print; its bytes are told in
``docs/offline-verification.md``."""

import re
from base64 import b32encode
from datetime import date

from lms.core.db import Json
from lms.core.keys.purposes import KeyGone
from lms.core.keys.signers import Signer
from lms.people.api import mask_name

VERSION = 1
PURPOSE = "lms.fact/1"  # never passes for a seal or a list of statuses
KINDS = {"skill": 1, "course": 2, "central": 3, "ce": 4}
_OTHER_KIND = 255
_EPOCH = date(2000, 1, 1)
_KEY_BYTES = 4
_PLAIN = re.compile(r"[0-9A-Z]{1,24}")
_LONGEST_NAME = 24  # bytes


def signed_fact(facts: Json, kid: str, signer: Signer) -> str | None:
    """What follows ``#`` in the QR: fact and signature in base 32, the same at every drawing.

    It is signed by the key that sealed the certificate, so that a rotation changes no paper.
    None if that key signs no longer; the QR then leads to the online check only.
    """
    said = payload(facts, kid)
    try:
        _kid, signature = signer.sign(PURPOSE, message(facts["code"], said), kid)
    except KeyGone:
        return None
    return b32encode(said + signature).decode().rstrip("=")


def message(code: str, said: bytes) -> bytes:
    """What is signed behind its purpose; the check code binds the fact to its address."""
    return code.encode() + said


def payload(facts: Json, kid: str) -> bytes:
    """The fact: kind, level, dates, key, number, masked name."""
    award = facts["award"] or {}
    return b"".join(
        (
            bytes((VERSION, KINDS.get(facts["kind"], _OTHER_KIND), award.get("rung", 0))),
            _day(facts["issued_on"]),
            _day(facts["valid_to"]),
            bytes.fromhex(kid)[:_KEY_BYTES],
            _number(facts["number"]),
            _name(facts["holder"]["name"]),
        )
    )


def _day(iso: str | None) -> bytes:
    """Days since 2000-01-01 in two bytes; 0 for no day."""
    days = (date.fromisoformat(iso) - _EPOCH).days if iso else 0
    return min(max(days, 0), 0xFFFF).to_bytes(2, "big")


def _number(number: str) -> bytes:
    """Its length, then its digits and capitals as one number in base 36; 0 for any other."""
    if not _PLAIN.fullmatch(number):
        return b"\0"
    return bytes((len(number),)) + int(number, 36).to_bytes(packed_length(len(number)), "big")


def packed_length(characters: int) -> int:
    """Bytes that the largest number of so many characters needs."""
    largest: int = 36**characters - 1
    return (largest.bit_length() + 7) // 8


def _name(name: str) -> bytes:
    """Its length in bytes, then the masked name; of a long one fewer stars."""
    masked = mask_name(name)
    if len(masked.encode()) > _LONGEST_NAME:
        masked = f"{masked[0]}***{masked[-1]}"
    data = masked.encode()
    return bytes((len(data),)) + data
