"""Checking a credential file: who signed it, what it says, and how fresh the word on its status is.

Works without any network: keys come from this site's ring or from saved DID documents, statuses
from saved status lists. Without a status nothing is said to be valid today.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from certificates.badges import bitstring, contexts, integrity, jose
from certificates.badges.baking import baked
from certificates.badges.integrity import Keys
from certificates.badges.strict import Refused, parse
from lms.core.db import Json

_PNG = b"\x89PNG"
_JWT = b"eyJ"
_MUST_HAVE = frozenset({"id", "type", "issuer", "validFrom", "credentialSubject"})


@dataclass(frozen=True, slots=True)
class Checked:
    """A credential that its issuer signed. ``status`` is one of valid, revoked, suspended,
    expired, not-yet and unknown; ``status_as_of`` says when it was looked up. An unknown status
    with a moment was unharmed then, but that is too long ago."""

    document: Json
    status: str
    status_as_of: datetime | None
    message: str = ""

    @property
    def number(self) -> str:
        """The certificate's number."""
        return str(self.document["credentialSubject"].get("licenseNumber", ""))

    @property
    def issuer(self) -> str:
        """The DID that issued it."""
        return issuer_of(self.document)


def presented(content: bytes) -> str | None:
    """The credential in a file (JSON, JWT or baked PNG), unchecked; None if it is no such file."""
    if content.startswith(_PNG):
        return baked(content)
    start = content.lstrip()[:4]
    if start.startswith((b"{", _JWT)):
        try:
            return content.decode().strip()
        except UnicodeDecodeError:
            return None
    return None


def opened(text: str, keys: Keys) -> Json:
    """The document, if a key of its issuer signed all of it. Raises Refused."""
    try:
        if not text.startswith("{"):
            return jose.opened(text, keys)
        document = parse(text)
        integrity.check(document, keys)
    except RecursionError as error:
        raise Refused("nested deeper than any credential") from error
    return document


def check(text: str, keys: Keys, saved: Mapping[str, str], now: datetime) -> Checked:
    """Check a credential and look its status up in ``saved`` lists (address -> signed text).

    A bit that is set counts however old its list is; one that is not set counts only while the
    list is fresh.

    Raises:
        Refused: it was not signed by its issuer, is no Open Badge, or a list does not fit.
    """
    document = opened(text, keys)
    _must_be(document, "OpenBadgeCredential")
    if document.get("@context") != [contexts.CREDENTIALS, contexts.OPEN_BADGES]:
        raise Refused("not an Open Badge")
    period = _period(document, now)
    words = [_look_up(entry, issuer_of(document), keys, saved, now) for entry in _entries(document)]
    said = {word.purpose: word for word in words if word is not None}
    for purpose, status in (("revocation", "revoked"), ("suspension", "suspended")):
        if purpose in said and said[purpose].is_set:
            message = said["message"].message if "message" in said else ""
            return Checked(document, status, said[purpose].as_of, message)
    if period != "valid":
        return Checked(document, period, now)
    return _unharmed(document, [said.get("revocation"), said.get("suspension")])


def _unharmed(document: Json, words: list["_Word | None"]) -> Checked:
    known = [word for word in words if word is not None]
    if len(known) < len(words):
        return Checked(document, "unknown", None)
    as_of = min(word.as_of for word in known)
    return Checked(document, "valid" if all(word.fresh for word in known) else "unknown", as_of)


def list_id(text: str) -> str:
    """The address that a saved status list says it has. Raises Refused."""
    if text.startswith("{"):
        return str(parse(text).get("id"))
    return str(jose.unchecked(text).get("id"))


def _must_be(document: Json, kind: str) -> None:
    types = document.get("type")
    subject = document.get("credentialSubject")
    if not isinstance(types, list) or kind not in types or not isinstance(subject, dict):
        raise Refused(f"not a {kind}")
    if not set(document) >= _MUST_HAVE:
        raise Refused(f"not a whole {kind}")


def _period(document: Json, now: datetime) -> str:
    if now < _moment(document["validFrom"]):
        return "not-yet"
    until = document.get("validUntil")
    return "expired" if until is not None and now > _moment(until) else "valid"


@dataclass(frozen=True, slots=True)
class _Word:
    """What a status list says of one place."""

    purpose: str
    is_set: bool
    as_of: datetime
    fresh: bool
    message: str


def _entries(document: Json) -> list[Json]:
    entries = document.get("credentialStatus", [])
    entries = entries if isinstance(entries, list) else [entries]
    return [entry for entry in entries if isinstance(entry, dict)]


def _look_up(
    entry: Json, issuer: str, keys: Keys, saved: Mapping[str, str], now: datetime
) -> _Word | None:
    """What the saved list says, None when there is none. Raises Refused."""
    text = saved.get(str(entry.get("statusListCredential")))
    if text is None:
        return None
    document = opened(text, keys)
    _must_be(document, "BitstringStatusListCredential")
    subject = document["credentialSubject"]
    said = (document["id"], issuer_of(document), subject.get("statusPurpose"))
    if said != (entry.get("statusListCredential"), issuer, entry.get("statusPurpose")):
        raise Refused("the status list is another one")
    as_of = _moment(document["validFrom"])
    if now < as_of:
        raise Refused("the status list is from the future")
    is_set = bitstring.is_set(bitstring.decode(str(subject.get("encodedList"))), _index(entry))
    fresh = now <= _moment(document.get("validUntil"))
    return _Word(said[2], is_set, as_of, fresh, _message(entry) if is_set else "")


def _index(entry: Json) -> int:
    text = str(entry.get("statusListIndex"))
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise Refused("no place in a status list")
    return int(text)


def _message(entry: Json) -> str:
    for line in entry.get("statusMessage", ()):
        if line.get("status") == "0x1":
            return str(line.get("message"))
    return ""


def issuer_of(document: Json) -> str:
    """The issuer's DID."""
    issuer = document.get("issuer")
    return str(issuer.get("id") if isinstance(issuer, dict) else issuer)


def _moment(text: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise Refused("a date nobody can read") from error
    if moment.tzinfo is None:
        raise Refused("a date without its offset")
    return moment
