"""Where private halves lie: in files of the signer's own, or in a security module
(``lms.core.keys.module``). Nothing here knows what a key is for."""

from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from lms.core.errors import NotFound
from lms.core.files import write_private


class PrivateKey(Protocol):
    """A private half: a key in memory, or a handle of one that never leaves its module."""

    def sign(self, data: bytes, /) -> bytes:
        """The 64 bytes of an Ed25519 signature over ``data``."""

    def public_key(self) -> Ed25519PublicKey:
        """The public half."""


class Safe(Protocol):
    """The private halves of one ring, by serial."""

    def serials(self) -> list[int]:
        """Those it holds, ascending."""

    def make(self, serial: int) -> Ed25519PublicKey:
        """Make a key; its public half."""

    def key(self, serial: int) -> PrivateKey:
        """A key to sign with. Raises NotFound when it is not here."""

    def destroy(self, serial: int) -> None:
        """Remove a key for good; none to remove is no fault."""


class FileSafe:
    """``NNNN.pem`` in a folder, mode 0600."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def serials(self) -> list[int]:
        """See ``Safe``."""
        return sorted(int(path.stem) for path in self._folder.glob("*.pem"))

    def make(self, serial: int) -> Ed25519PublicKey:
        """See ``Safe``."""
        pem = Ed25519PrivateKey.generate().private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        )
        write_private(self.path(serial), pem, replace=False)
        return self.key(serial).public_key()

    def key(self, serial: int) -> Ed25519PrivateKey:
        """See ``Safe``."""
        try:
            key = load_pem_private_key(self.path(serial).read_bytes(), password=None)
        except FileNotFoundError as error:
            raise NotFound(f"key {serial:04d} has no private half here") from error
        if not isinstance(key, Ed25519PrivateKey):
            raise RuntimeError(f"{serial:04d}.pem is not an Ed25519 key")
        return key

    def destroy(self, serial: int) -> None:
        """See ``Safe``."""
        self.path(serial).unlink(missing_ok=True)

    def path(self, serial: int) -> Path:
        """The file of a key."""
        return self._folder / f"{serial:04d}.pem"
