"""The public half of a ring: every key there ever was, since when it signs, and what became of it.

Written as ``<keys>/public/<ring>.json`` by whoever looks after the keys; web processes read
nothing else. A key stays listed for ever, so that what it signed can be verified for ever.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lms.core import clock
from lms.core.keys.purposes import BadPurpose, signed_bytes


def raw(public: Ed25519PublicKey) -> bytes:
    """The 32 bytes of a public key."""
    return public.public_bytes(Encoding.Raw, PublicFormat.Raw)


def key_id(public: Ed25519PublicKey) -> str:
    """The 16 hex digits that name a public key: the beginning of SHA-256 over its 32 bytes."""
    return sha256(raw(public)).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class RingKey:
    """One key: announced, signing from ``active_from`` until a newer one does or it is retired.

    ``compromised_from``: whatever it signed from then on is doubtful unless something else says
    when it was signed.
    """

    serial: int
    public: Ed25519PublicKey
    announced_at: datetime
    active_from: datetime
    retired_at: datetime | None = None
    compromised_from: datetime | None = None

    @property
    def kid(self) -> str:
        """The key's id."""
        return key_id(self.public)

    def may_sign(self, at: datetime) -> bool:
        """True from its first moment until it is retired."""
        return self.active_from <= at and (self.retired_at is None or at < self.retired_at)


class PublicRing:
    """The keys of one ring, oldest first."""

    def __init__(self, keys: tuple[RingKey, ...]) -> None:
        self.keys = keys
        self._named = {key.kid: key for key in keys}

    def signing_at(self, at: datetime) -> RingKey | None:
        """The key that signs at a moment: the one that began last of those that may."""
        able = [key for key in self.keys if key.may_sign(at)]
        return max(able, key=lambda key: (key.active_from, key.serial), default=None)

    @property
    def current(self) -> str:
        """The id of the key that signs now; empty when none does."""
        key = self.signing_at(clock.now())
        return key.kid if key else ""

    def find(self, kid: str) -> RingKey | None:
        """The key with this id."""
        return self._named.get(kid)

    def public_key(self, kid: str) -> Ed25519PublicKey | None:
        """The public key with this id, whatever became of it."""
        key = self._named.get(kid)
        return key.public if key else None

    def public_bytes(self) -> dict[str, bytes]:
        """Every public key, 32 bytes, by its id."""
        return {key.kid: raw(key.public) for key in self.keys}

    def verify(self, purpose: str, kid: str, signature: bytes, message: bytes) -> bool:
        """True if ``signature`` over ``message`` was made for ``purpose`` by a key of this ring."""
        public = self.public_key(kid)
        if public is None:
            return False
        try:
            public.verify(signature, signed_bytes(purpose, message))
        except (InvalidSignature, BadPurpose):
            return False
        return True


def dump(ring: PublicRing) -> bytes:
    """The ring as it is published and stored."""
    return json.dumps({"keys": [described(key) for key in ring.keys]}, indent=1).encode() + b"\n"


def described(key: RingKey) -> dict[str, Any]:
    """A key in plain values."""
    return {
        "kid": key.kid,
        "serial": key.serial,
        "algorithm": "Ed25519",
        "public": urlsafe_b64encode(raw(key.public)).decode().rstrip("="),
        "announced_at": _text(key.announced_at),
        "active_from": _text(key.active_from),
        "retired_at": _text(key.retired_at),
        "compromised_from": _text(key.compromised_from),
    }


def parse(content: bytes) -> PublicRing:
    """Read what ``dump`` wrote. Raises ValueError."""
    return PublicRing(tuple(_key(line) for line in json.loads(content)["keys"]))


def _key(line: dict[str, Any]) -> RingKey:
    public = Ed25519PublicKey.from_public_bytes(urlsafe_b64decode(line["public"] + "="))
    announced, active = _moment(line["announced_at"]), _moment(line["active_from"])
    if announced is None or active is None:
        raise ValueError("a key without its times")
    return RingKey(
        line["serial"],
        public,
        announced,
        active,
        _moment(line["retired_at"]),
        _moment(line["compromised_from"]),
    )


def _text(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat() if at else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


class HeldRing:
    """A ring as last read from its file; read again when the file has changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._ring = PublicRing(())

    def get(self) -> PublicRing:
        """The ring as it stands; empty while there is no file."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return PublicRing(())
        stamp = (found.st_mtime_ns, found.st_ino)  # before reading: a change meanwhile shows
        if stamp != self._stamp:
            self._ring, self._stamp = parse(self._path.read_bytes()), stamp
        return self._ring
