"""Multibase and Multikey: how Data Integrity writes Ed25519 keys and signatures."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_PLACES = {char: place for place, char in enumerate(_ALPHABET)}
_LONGEST = 120  # characters; a key or a signature needs fewer
_ED25519 = b"\xed\x01"


def base58(data: bytes) -> str:
    """``z`` and the base-58 digits of ``data``."""
    number = int.from_bytes(data)
    digits = ""
    while number:
        number, rest = divmod(number, 58)
        digits = _ALPHABET[rest] + digits
    zeros = len(data) - len(data.lstrip(b"\0"))
    return "z" + "1" * zeros + digits


def from_base58(text: str) -> bytes:
    """The bytes ``base58`` wrote. Raises ValueError."""
    if not text.startswith("z") or len(text) > _LONGEST:
        raise ValueError("not base58btc")
    number = 0
    for char in text[1:]:
        if char not in _PLACES:
            raise ValueError("not a digit of base58btc")
        number = number * 58 + _PLACES[char]
    body = text[1:].lstrip("1")
    zeros = len(text) - 1 - len(body)
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8)


def multikey(public: Ed25519PublicKey) -> str:
    """``z6Mk…``."""
    return base58(_ED25519 + public.public_bytes_raw())


def from_multikey(text: str) -> Ed25519PublicKey:
    """The key. Raises ValueError for anything but an Ed25519 Multikey."""
    data = from_base58(text)
    if len(data) != 34 or not data.startswith(_ED25519):
        raise ValueError("not an Ed25519 Multikey")
    return Ed25519PublicKey.from_public_bytes(data[2:])
