"""Field encryption: AES-256-GCM with a key ring, and keyed hashes for exact search.

A sealed value is bound to its place (``"person.phone:<ref>"``): moved to another row or column
it no longer opens. Keys live in ``<instance>/keys/vault.json``, mode 0600.
"""

import base64
import hmac
import json
import secrets
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Flask, current_app

from lms.core.files import write_private


class VaultError(RuntimeError):
    """A sealed value was tampered with, moved, or its key is missing."""


@dataclass(frozen=True)
class Vault:
    """Seals and opens short texts and blobs."""

    current: str
    keys: dict[str, bytes]
    pepper: bytes

    def seal(self, plain: str | bytes, place: str) -> bytes:
        """Encrypt ``plain`` for ``place``; the result names the key it needs."""
        data = plain.encode() if isinstance(plain, str) else plain
        nonce = secrets.token_bytes(12)
        body = AESGCM(self.keys[self.current]).encrypt(nonce, data, place.encode())
        return self.current.encode() + b":" + nonce + body

    def open(self, sealed: bytes, place: str) -> bytes:
        """Decrypt what ``seal`` made for the same place.

        Raises:
            VaultError: when the value, its place or its key does not fit.
        """
        kid, _, rest = sealed.partition(b":")
        key = self.keys.get(kid.decode("ascii", "replace"))
        if key is None:
            raise VaultError("key of a sealed value is not in the ring")
        try:
            return AESGCM(key).decrypt(rest[:12], rest[12:], place.encode())
        except (InvalidTag, ValueError) as error:
            raise VaultError("a sealed value does not open in this place") from error

    def open_text(self, sealed: bytes, place: str) -> str:
        """Decrypt to text; see ``open``."""
        return self.open(sealed, place).decode()

    def blind(self, value: str, purpose: str) -> str:
        """Keyed hash (64 hex digits) of a value, for unique constraints and exact search."""
        return hmac.new(self.pepper, f"{purpose}\0{value}".encode(), sha256).hexdigest()


def load_vault(folder: Path) -> Vault:
    """Read the key ring, creating it at the first start."""
    path = folder / "vault.json"
    if not path.exists():
        fresh = {
            "current": "v1",
            "keys": {"v1": base64.b64encode(AESGCM.generate_key(256)).decode()},
            "pepper": base64.b64encode(secrets.token_bytes(32)).decode(),
        }
        write_private(path, json.dumps(fresh).encode(), replace=False)
    ring = json.loads(path.read_bytes())
    keys = {kid: base64.b64decode(key) for kid, key in ring["keys"].items()}
    return Vault(ring["current"], keys, base64.b64decode(ring["pepper"]))


def init_vault(app: Flask, folder: Path) -> None:
    """Give the app its vault."""
    app.extensions["vault"] = load_vault(folder)


def vault() -> Vault:
    """The vault of the present app."""
    held: Vault = current_app.extensions["vault"]
    return held
