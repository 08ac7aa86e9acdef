"""Keys that never leave a security module, through PKCS#11 (``pip install …[pkcs11]``).

A key is an Ed25519 pair on a token, labelled ``lms-RING-NNNN``; its private half is made there,
cannot be read out, and signs by the mechanism EDDSA. One session per process and token.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from lms.core.errors import NotFound, Unavailable

try:
    import pkcs11
    from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass
except ImportError:  # the extra ``pkcs11`` is not installed; a module that is set is then refused
    pkcs11 = None  # type: ignore[assignment]

T = TypeVar("T")
_ED25519 = bytes.fromhex("06032b6570")  # DER of the curve's object identifier, RFC 8410
_POINT = 32  # bytes; a module may wrap them as an octet string


@dataclass(frozen=True, slots=True)
class ModuleSettings:
    """The library of a module, the label of its token, and the file that holds the user's PIN."""

    library: Path
    token: str
    pin_file: Path


class Token:
    """A token with the one session of this process; opened again after a failure."""

    _known: dict[ModuleSettings, "Token"] = {}  # noqa: RUF012 - shared on purpose
    _opening = threading.Lock()

    def __init__(self, settings: ModuleSettings) -> None:
        self._settings = settings
        self._session: Any = None
        self._lock = threading.RLock()

    @classmethod
    def of(cls, settings: ModuleSettings) -> "Token":
        """The token of these settings."""
        with cls._opening:
            return cls._known.setdefault(settings, cls(settings))

    def ask(self, work: Callable[[Any], T]) -> T:
        """Do ``work`` with the session, once more with a fresh one if the first has gone.

        Raises:
            Unavailable: the module, its token or its PIN is not there.
        """
        if pkcs11 is None:
            raise Unavailable(
                "LMS_SIGNER_MODULE needs the extra: pip install elderly-care-lms[pkcs11]"
            )
        with self._lock:
            kept = self._session is not None
            try:
                return work(self._open())
            except (pkcs11.PKCS11Error, OSError) as error:
                self._forget(again=kept)
                if not kept:
                    raise Unavailable(self._words(error)) from error
            try:
                return work(self._open())
            except (pkcs11.PKCS11Error, OSError) as error:
                self._forget(again=True)
                raise Unavailable(self._words(error)) from error

    def _open(self) -> Any:
        if self._session is None:
            pin = self._settings.pin_file.read_text("utf-8").strip()
            library = pkcs11.lib(str(self._settings.library))
            token = library.get_token(token_label=self._settings.token)
            self._session = token.open(rw=True, user_pin=pin)
        return self._session

    def _forget(self, *, again: bool) -> None:
        session, self._session = self._session, None
        with suppress(pkcs11.PKCS11Error):
            if session is not None:
                session.close()
        with suppress(pkcs11.PKCS11Error, OSError):
            if again:  # a token taken out and put back is seen only anew
                pkcs11.lib(str(self._settings.library)).reinitialize()

    def _words(self, error: Exception) -> str:
        said = str(error) or type(error).__name__
        return f"the security module ({self._settings.library.name}) does not sign: {said}"


class TokenKey:
    """A private half on a token, found by its label when it is needed."""

    def __init__(self, token: Token, label: str) -> None:
        self._token, self._label = token, label
        self._held: tuple[Any, Any] | None = None  # the session and the key's handle in it

    def sign(self, data: bytes, /) -> bytes:
        """See ``PrivateKey``. Raises NotFound, Unavailable."""
        return self._token.ask(lambda session: self._sign(session, data))

    def public_key(self) -> Ed25519PublicKey:
        """See ``PrivateKey``."""
        found = self._token.ask(lambda s: _one(s, self._label, ObjectClass.PUBLIC_KEY))
        if found is None:
            raise NotFound(f"the token holds no {self._label}")
        return self._token.ask(lambda _session: _public(found))

    def _sign(self, session: Any, data: bytes) -> bytes:
        if self._held is None or self._held[0] is not session:
            found = _one(session, self._label, ObjectClass.PRIVATE_KEY)
            if found is None:
                raise NotFound(f"the token holds no {self._label}")
            self._held = session, found
        signature: bytes = self._held[1].sign(data, mechanism=Mechanism.EDDSA)
        return signature


class TokenSafe:
    """The private halves of one ring on a token."""

    def __init__(self, settings: ModuleSettings, ring: str) -> None:
        self._token, self._ring = Token.of(settings), ring

    def serials(self) -> list[int]:
        """See ``Safe``."""
        return self._token.ask(lambda session: sorted(self._listed(session)))

    def make(self, serial: int) -> Ed25519PublicKey:
        """See ``Safe``. Raises Unavailable also if the module would let the key out."""
        return self._token.ask(lambda session: self._make(session, serial))

    def key(self, serial: int) -> TokenKey:
        """See ``Safe``."""
        label = self._label(serial)
        if self._token.ask(lambda s: _one(s, label, ObjectClass.PRIVATE_KEY)) is None:
            raise NotFound(f"the token holds no {label}")
        return TokenKey(self._token, label)

    def destroy(self, serial: int) -> None:
        """See ``Safe``; the public half stays on the token."""
        label = self._label(serial)

        def work(session: Any) -> None:
            found = _one(session, label, ObjectClass.PRIVATE_KEY)
            if found is not None:
                found.destroy()

        self._token.ask(work)

    def _label(self, serial: int) -> str:
        return f"lms-{self._ring}-{serial:04d}"

    def _listed(self, session: Any) -> Iterator[int]:
        begins = self._label(0)[:-4]
        for key in session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY}):
            if key.label.startswith(begins) and key.label[len(begins) :].isdecimal():
                yield int(key.label[len(begins) :])

    def _make(self, session: Any, serial: int) -> Ed25519PublicKey:
        label = self._label(serial)
        if _one(session, label, ObjectClass.PRIVATE_KEY) is not None:
            raise FileExistsError(f"the token holds {label} already")
        curve = session.create_domain_parameters(
            KeyType.EC_EDWARDS, {Attribute.EC_PARAMS: _ED25519}, local=True
        )
        public, private = curve.generate_keypair(
            mechanism=Mechanism.EC_EDWARDS_KEY_PAIR_GEN, store=True, label=label,
            id=label.encode(),
            private_template={Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False},
        )  # fmt: skip
        if private[Attribute.EXTRACTABLE] or not private[Attribute.SENSITIVE]:
            private.destroy()
            raise Unavailable("the security module made a key that could be read out")
        return _public(public)


def _one(session: Any, label: str, kind: Any) -> Any:
    found = list(session.get_objects({Attribute.CLASS: kind, Attribute.LABEL: label}))
    return found[0] if found else None


def _public(key: Any) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(bytes(key[Attribute.EC_POINT])[-_POINT:])
