"""Who signs. ``Signer`` is the door: keys in files, a process of their own, or a security module.

Whatever stands behind it takes a purpose and a message and gives a key id and a signature; no
caller ever sees a private key.
"""

from pathlib import Path
from typing import Protocol

from lms.core import clock
from lms.core.errors import NotFound, Unavailable
from lms.core.keys.folder import KeyFolder, held
from lms.core.keys.module import ModuleSettings
from lms.core.keys.purposes import KeyGone, ring_of, signed_bytes
from lms.core.keys.rings import HeldRing, PublicRing, RingKey
from lms.core.keys.safes import PrivateKey


class Signer(Protocol):
    """Signs messages of known purposes."""

    def sign(self, purpose: str, message: bytes, kid: str | None = None) -> tuple[str, bytes]:
        """(key id, signature) with the key that signs now, or with an earlier one, ``kid``.

        Raises:
            BadPurpose: not on the list, or not of that form. Unavailable: not just now.
            KeyGone: ``kid`` cannot sign (any more).
        """


class FolderSigner:
    """Signs with the keys of a folder, or of a module, looked for when they are first needed."""

    def __init__(self, keys: Path, module: ModuleSettings | None = None) -> None:
        self._keys, self._module = keys, module
        self._rings: dict[str, HeldRing] = {}
        self._private: dict[str, PrivateKey] = {}

    def sign(self, purpose: str, message: bytes, kid: str | None = None) -> tuple[str, bytes]:
        """See ``Signer``."""
        name = ring_of(purpose)
        data = signed_bytes(purpose, message)
        key = self._signing_key(name) if kid is None else self._earlier_key(name, kid)
        private = self._private.get(key.kid)
        if private is None:
            private = self._private[key.kid] = self._load(name, key)
        try:
            return key.kid, private.sign(data)
        except NotFound as error:
            raise KeyGone(key.kid) from error

    def ring(self, name: str) -> PublicRing:
        """The public half of a ring; makes the first key of a new installation."""
        if name not in self._rings:
            KeyFolder(self._keys, name, self._module).ensure()
            self._rings[name] = held(self._keys, name)
        return self._rings[name].get()

    def _signing_key(self, name: str) -> RingKey:
        key = self.ring(name).signing_at(clock.now())
        if key is None:
            raise Unavailable
        return key

    def _earlier_key(self, name: str, kid: str) -> RingKey:
        key = self.ring(name).find(kid)
        if key is None or key.compromised_from is not None or key.active_from > clock.now():
            raise KeyGone(kid)
        return key

    def _load(self, name: str, key: RingKey) -> PrivateKey:
        try:
            return KeyFolder(self._keys, name, self._module).private_key(key.serial)
        except NotFound as error:
            raise KeyGone(key.kid) from error
