"""Ed25519 signatures over canonical JSON, with rings of keys in ``<instance>/keys``.

A key id is the first 16 hex digits of SHA-256 over the raw public key. The newest key signs;
all of them verify for ever.
"""

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from flask import Flask, current_app

from lms.core.db import Json
from lms.core.files import private_folder, write_private


def canonical(value: Json) -> bytes:
    """One byte string per value: sorted keys, no spaces, UTF-8 (RFC 8785 for strings and ints).

    Raises:
        TypeError: for floats, whose text form is not the same everywhere.
    """
    _refuse_floats(value)
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def _refuse_floats(value: object) -> None:
    if isinstance(value, float):
        raise TypeError("canonical JSON takes no floats; use integers or strings")
    if isinstance(value, dict):
        for item in value.values():
            _refuse_floats(item)
    elif isinstance(value, list):
        for item in value:
            _refuse_floats(item)


def key_id(public: Ed25519PublicKey) -> str:
    """Return the 16 hex digits that name a public key."""
    return sha256(public.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


@dataclass(frozen=True)
class KeyRing:
    """The signing keys of this installation."""

    current: str
    private: dict[str, Ed25519PrivateKey]

    def sign(self, message: bytes) -> tuple[str, bytes]:
        """Return (key id, 64-byte signature) made with the current key."""
        return self.current, self.private[self.current].sign(message)

    def sign_as(self, kid: str, message: bytes) -> bytes | None:
        """The signature of key ``kid``, also of an older one; None if it cannot sign (any more)."""
        key = self.private.get(kid)
        return key.sign(message) if key else None

    def public_key(self, kid: str) -> Ed25519PublicKey | None:
        """The public key named ``kid``, or None."""
        key = self.private.get(kid)
        return key.public_key() if key else None

    def public_bytes(self) -> dict[str, bytes]:
        """Every public key, 32 bytes, by its id."""
        return {kid: key.public_key().public_bytes_raw() for kid, key in self.private.items()}

    def verify(self, kid: str, signature: bytes, message: bytes) -> bool:
        """True if ``signature`` over ``message`` was made by key ``kid`` of this ring."""
        public = self.public_key(kid)
        if public is None:
            return False
        try:
            public.verify(signature, message)
        except InvalidSignature:
            return False
        return True


def add_key(folder: Path, serial: int) -> None:
    """Write signing key number ``serial`` unless it is there."""
    pem = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    write_private(folder / f"{serial:04d}.pem", pem, replace=False)


def load_ring(folder: Path) -> KeyRing:
    """Read the ring; the file with the highest number is current. Creates the first key."""
    private_folder(folder)
    if not any(folder.glob("*.pem")):
        add_key(folder, 1)
    private: dict[str, Ed25519PrivateKey] = {}
    current = ""
    for path in sorted(folder.glob("*.pem")):
        key = load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise RuntimeError(f"{path.name} is not an Ed25519 key")
        current = key_id(key.public_key())
        private[current] = key
    return KeyRing(current, private)


def rotate_key(folder: Path) -> str:
    """Add a key that signs from now on; the older ones go on verifying. Returns its id."""
    serials = [int(path.stem) for path in folder.glob("*.pem")]
    add_key(folder, max(serials, default=0) + 1)
    return load_ring(folder).current


class _HeldRing:
    """The ring as last read; read again when another process has added a key."""

    def __init__(self, folder: Path) -> None:
        self._folder = private_folder(folder)
        self._stamp = folder.stat().st_mtime_ns  # before reading: a key added meanwhile shows
        self._ring = load_ring(folder)

    def get(self) -> KeyRing:
        stamp = self._folder.stat().st_mtime_ns
        if stamp != self._stamp:
            self._ring, self._stamp = load_ring(self._folder), stamp
        return self._ring


def init_signing(app: Flask, folder: Path) -> None:
    """Give the app its rings: one for seals, one for the checkpoints of the register's log."""
    app.extensions["signing"] = _HeldRing(folder / "signing")
    app.extensions["log_signing"] = _HeldRing(folder / "log")


def ring() -> KeyRing:
    """The ring that seals certificates."""
    held: _HeldRing = current_app.extensions["signing"]
    return held.get()


def log_ring() -> KeyRing:
    """The ring that signs checkpoints; its first key is the log's for ever."""
    held: _HeldRing = current_app.extensions["log_signing"]
    return held.get()
