"""Signed checkpoints as in C2SP ``signed-note`` and ``tlog-checkpoint``; plain values in and out.

    example.org/log
    42
    qINS1GRFhWHwdkUeqLEoP4yEMkTBBzxBkGwGQlVlVcs=

    — example.org/log kH0RjJX…

The key of a log is handed to witnesses as ``name+hash+key`` (a verifier key of ``signed-note``).
"""

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_ED25519 = b"\x01"
_DASH = "\u2014 "
_SUCCESSOR = "log successor"


class BadNote(ValueError):
    """The text is no checkpoint, or not signed by the key it has to be signed by."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log says of itself: so many leaves, with this root."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The body of the note."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True)
class Verifier:
    """A name and the public key that signs under it."""

    name: str
    key: Ed25519PublicKey

    @property
    def hash(self) -> bytes:
        """The four bytes that name the key in a signature line."""
        return sha256(self.name.encode() + b"\n" + _ED25519 + _raw(self.key)).digest()[:4]

    @property
    def text(self) -> str:
        """The verifier key as it is handed to witnesses."""
        return f"{self.name}+{self.hash.hex()}+{b64encode(_ED25519 + _raw(self.key)).decode()}"


def verifier(text: str) -> Verifier:
    """Read a verifier key. Raises BadNote."""
    name, first, rest = text.strip().partition("+")
    named, second, encoded = rest.partition("+")
    try:
        data = b64decode(encoded, validate=True)
        found = Verifier(name, Ed25519PublicKey.from_public_bytes(data[1:]))
    except (Base64Error, ValueError) as error:
        raise BadNote("not a verifier key") from error
    if not (first and second) or data[:1] != _ED25519 or found.hash.hex() != named:
        raise BadNote("not a verifier key")
    return found


def signed_text(text: str, signers: Sequence[tuple[Verifier, Callable[[bytes], bytes]]]) -> str:
    """A note: a text that ends its last line, and a signature line by each signer."""
    lines = (
        f"{_DASH}{who.name} {b64encode(who.hash + sign(text.encode())).decode()}\n"
        for who, sign in signers
    )
    return f"{text}\n{''.join(lines)}"


def successor_text(following: Verifier) -> str:
    """The body of a note by which a log's key names the one that follows it."""
    return f"{following.name}\n{_SUCCESSOR}\n{following.text}\n"


def successor(note: str, known: Verifier) -> Verifier:
    """The key that ``known`` names as the one that follows it. Raises BadNote."""
    name, word, key, *rest = [*_body(note, known).split("\n"), "", "", ""]
    following = verifier(key)
    if (name, word, any(rest)) != (known.name, _SUCCESSOR, False) or following.name != known.name:
        raise BadNote("no word on a successor")
    return following


def opened(note: str, known: Verifier) -> Checkpoint:
    """The checkpoint in a note signed by a known log. Raises BadNote with the reason."""
    checkpoint = _read(_body(note, known))
    if checkpoint.origin != known.name:
        raise BadNote("the checkpoint of another log")
    return checkpoint


def signers_of(note: str) -> list[str]:
    """The names and key hashes of a note's signature lines, unchecked."""
    found = []
    for line in note.partition("\n\n")[2].splitlines():
        name, _space, encoded = line.removeprefix(_DASH).partition(" ")
        with suppress(Base64Error, ValueError):
            found.append(f"{name}+{b64decode(encoded, validate=True)[:4].hex()}")
    return found


def _body(note: str, known: Verifier) -> str:
    """The text of a note that a known log signed. Raises BadNote."""
    text, separator, lines = note.partition("\n\n")
    text += "\n"
    if not separator or not lines.endswith("\n"):
        raise BadNote("no signed note")
    if not any(_is_by(known, line, text) for line in lines.splitlines()):
        raise BadNote("not signed by the known key")
    return text


def _is_by(known: Verifier, line: str, text: str) -> bool:
    name, _space, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or name != known.name:
        return False
    try:
        data = b64decode(encoded, validate=True)
        known.key.verify(data[4:], text.encode())
    except (Base64Error, ValueError, InvalidSignature):
        return False
    return data[:4] == known.hash


def _read(text: str) -> Checkpoint:
    origin, size, root, *_more = [*text.split("\n"), "", ""]
    try:
        read = Checkpoint(origin, int(size), b64decode(root, validate=True))
    except (Base64Error, ValueError) as error:
        raise BadNote("no checkpoint") from error
    if not origin or str(read.size) != size or read.size < 0 or len(read.root) != 32:
        raise BadNote("no checkpoint")
    return read


def _raw(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)
