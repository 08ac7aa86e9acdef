"""What may be signed: a short list, each kind of message told from every other.

A message of our own making is signed behind the purpose's name, so that a signature for one
purpose never passes for another. Published formats fix their bytes; for them the form is checked,
and none of them can begin like one of ours.
"""

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Callable
from dataclasses import dataclass

SEALS, LOG = "signing", "log"  # the two rings: seals of every kind, checkpoints of the log
LARGEST = 256 * 1024  # bytes of a message
_OURS = b"lms."
_CHECKPOINT = re.compile(rb"[^\s+]+\n(0|[1-9][0-9]{0,18})\n[A-Za-z0-9+/]{43}=\n")
_SUCCESSOR = re.compile(rb"([^\s+]+)\nlog successor\n\1\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}\n")
_JWT = re.compile(rb"([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+")


class KeyGone(LookupError):
    """The key that was asked for does not exist, was stolen, or has no private half any more."""


class BadPurpose(ValueError):
    """The purpose is not on the list, or the message is none of that purpose."""


def _is_checkpoint(message: bytes) -> bool:
    """The body of a C2SP checkpoint: origin, size, root."""
    return _CHECKPOINT.fullmatch(message) is not None


def _is_successor(message: bytes) -> bool:
    """The body of a note in which a log's key names the key that follows it."""
    return _SUCCESSOR.fullmatch(message) is not None


def _is_digest_pair(message: bytes) -> bool:
    """The two SHA-256 digests of a W3C Data Integrity proof (``eddsa-rdfc-2022``)."""
    return len(message) == 64


def _is_jwt(message: bytes) -> bool:
    """The signing input of a JWS whose header says EdDSA."""
    found = _JWT.fullmatch(message)
    if found is None:
        return False
    try:
        header = json.loads(urlsafe_b64decode(found[1] + b"=" * (-len(found[1]) % 4)))
    except ValueError:
        return False
    return isinstance(header, dict) and header.get("alg") in ("EdDSA", "Ed25519")


@dataclass(frozen=True, slots=True)
class Purpose:
    """One line of the list. With a ``form`` the message is signed as it is, else behind a name."""

    ring: str
    form: Callable[[bytes], bool] | None = None


PURPOSES: dict[str, Purpose] = {
    "lms.certificate/1": Purpose(SEALS),
    "lms.fact/1": Purpose(SEALS),
    "lms.statuses/1": Purpose(SEALS),
    "lms.webhook/1": Purpose(SEALS),
    "data-integrity": Purpose(SEALS, _is_digest_pair),
    "jwt": Purpose(SEALS, _is_jwt),
    "checkpoint": Purpose(LOG, _is_checkpoint),
    "log-successor": Purpose(LOG, _is_successor),
}


def ring_of(purpose: str) -> str:
    """The ring whose key signs for a purpose. Raises BadPurpose."""
    known = PURPOSES.get(purpose)
    if known is None:
        raise BadPurpose(f"nothing is signed for {purpose!r}")
    return known.ring


def signed_bytes(purpose: str, message: bytes) -> bytes:
    """The bytes a signature for ``purpose`` is made over. Raises BadPurpose."""
    ring_of(purpose)
    form = PURPOSES[purpose].form
    if len(message) > LARGEST:
        raise BadPurpose("the message is too long")
    if form is None:
        return purpose.encode() + b"\n" + message
    if message.startswith(_OURS) or not form(message):
        raise BadPurpose(f"the message is no {purpose}")
    return message
