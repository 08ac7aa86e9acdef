"""A verifier by itself: written from docs/offline-verification.md, with nothing of the site."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Refused(Exception):
    """Why it is not believed."""


@dataclass
class Fact:
    code: str
    kind: int
    rung: int
    issued: date
    ends: date | None
    number: str | None
    name: str


def read_ring(answer: dict) -> dict[str, bytes]:
    ring = {}
    for key in answer["keys"]:
        if key["stolen"]:
            continue
        public = base64.urlsafe_b64decode(key["public"] + "=" * (-len(key["public"]) % 4))
        if hashlib.sha256(public).hexdigest()[:16] != key["id"]:
            raise Refused("key id")
        ring[key["id"]] = public
    return ring


def _signed(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def read_fact(address: str, ring: dict[str, bytes]) -> Fact:
    found = re.search(r"/v/([0-9A-HJKMNP-TV-Z]{26})#([A-Z2-7]+)$", address)
    if not found:
        raise Refused("no fact")
    code, text = found.groups()
    try:
        data = base64.b32decode(text + "=" * (-len(text) % 8))
    except ValueError as error:
        raise Refused("base 32") from error
    if base64.b32encode(data).decode().rstrip("=") != text:
        raise Refused("base 32")
    said, signature = data[:-64], data[-64:]
    if len(said) < 13 or said[0] != 1:
        raise Refused("version")
    keys = [public for kid, public in ring.items() if bytes.fromhex(kid)[:4] == said[7:11]]
    if not keys:
        raise Refused("unknown key")
    message = b"lms.fact/1\n" + code.encode("ascii") + said
    if not any(_signed(public, signature, message) for public in keys):
        raise Refused("signature")
    return _fields(code, said)


def _fields(code: str, said: bytes) -> Fact:
    epoch = date(2000, 1, 1)
    issued, ends = (int.from_bytes(said[at : at + 2], "big") for at in (3, 5))
    n, at = said[11], 12
    number = None
    if n:
        k = next(k for k in range(1, 20) if 256**k >= 36**n)
        value, digits = int.from_bytes(said[at : at + k], "big"), ""
        while value:
            value, digit = divmod(value, 36)
            digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[digit] + digits
        number, at = digits.rjust(n, "0"), at + k
    if len(said) != at + 1 + said[at]:
        raise Refused("length")
    name = said[at + 1 :].decode()
    until = epoch + timedelta(days=ends) if ends else None
    return Fact(code, said[1], said[2], epoch + timedelta(days=issued), until, number, name)


@dataclass
class Statuses:
    as_of: datetime
    marks: dict[str, set[bytes]]

    def of(self, code: str) -> str | None:
        mark = hashlib.sha256(b"lms.status/1\n" + code.encode()).digest()[:6]
        return next((status for status, marks in self.marks.items() if mark in marks), None)


def read_statuses(data: bytes, ring: dict[str, bytes]) -> Statuses:
    body, kid, signature = data[:-72], data[-72:-64].hex(), data[-64:]
    if body[:5] != b"LMSS\x01":
        raise Refused("version")
    if kid not in ring:
        raise Refused("unknown key")
    if not _signed(ring[kid], signature, b"lms.statuses/1\n" + data[:-64]):
        raise Refused("signature")
    counts = [int.from_bytes(body[at : at + 4], "big") for at in (13, 17, 21)]
    if len(body) != 25 + 6 * sum(counts):
        raise Refused("length")
    at, marks = 25, {}
    for status, count in zip(("revoked", "suspended", "corrected"), counts, strict=True):
        group = [body[at + 6 * n : at + 6 * n + 6] for n in range(count)]
        marks[status], at = set(group), at + 6 * count
    return Statuses(datetime.fromtimestamp(int.from_bytes(body[5:13], "big"), UTC), marks)
