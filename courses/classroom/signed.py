"""The record that a phone signs in the hall: its shape, its bytes, its signature. Pure.

The phone signs (ECDSA P-256, SHA-256) the lines ``lms.hall/1``, scan id, key, session, ``in`` or
``out``, code and the milliseconds of its own clock, joined by line feeds.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from flask_babel import gettext as _

from lms.core.errors import Invalid

FORMAT = "lms.hall/1"
_HALF = 32  # bytes of r and of s
_LATEST_MS = 4_102_444_800_000  # the year 2100
_SHAPES = {
    "scan": re.compile(r"[0-9a-f]{32}"),
    "key": re.compile(r"[0-9a-f]{32}"),
    "ref": re.compile(r"[0-9a-f]{16}"),
    "kind": re.compile(r"in|out"),
    "code": re.compile(r"[0-9a-f]{1,9}-[0-9a-f]{16}|[0-9]{10}"),
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Record:
    """A scan as the phone signed it; ``at`` in milliseconds by the phone's clock."""

    scan: str
    key: str
    ref: str
    kind: str
    code: str
    at: int
    signature: bytes

    @property
    def message(self) -> bytes:
        """The bytes under the signature."""
        lines = (FORMAT, self.scan, self.key, self.ref, self.kind, self.code, str(self.at))
        return "\n".join(lines).encode()

    @property
    def phone_at(self) -> datetime:
        """What the phone's clock said (UTC)."""
        return _EPOCH + timedelta(milliseconds=self.at)


def read(value: object) -> Record:
    """A record as it came over the wire. Raises Invalid."""
    given = value if isinstance(value, dict) else {}
    texts = {name: given.get(name) for name in _SHAPES}
    right = all(isinstance(t, str) and _SHAPES[n].fullmatch(t) for n, t in texts.items())
    at = given.get("at")
    if not right or type(at) is not int or not 0 <= at <= _LATEST_MS:
        raise Invalid(_("这条签到记录不完整，请对着大屏幕再扫一次。"))
    signature = unpacked(given.get("signature"), 2 * _HALF)
    return Record(**{name: str(text) for name, text in texts.items()}, at=at, signature=signature)


def unpacked(value: object, size: int) -> bytes:
    """base64url without padding of exactly ``size`` bytes. Raises Invalid."""
    try:
        text = value if isinstance(value, str) else ""
        found = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        found = b""
    if len(found) != size:
        raise Invalid(_("这条签到记录不完整，请对着大屏幕再扫一次。"))
    return found


def point(value: object) -> bytes:
    """A public key as the phone names it: an uncompressed point that lies on P-256.

    Raises:
        Invalid: it is not one.
    """
    data = unpacked(value, 2 * _HALF + 1)
    try:
        _loaded(data)
    except ValueError:
        raise Invalid(_("这部手机的签到钥匙不对，请刷新后再试。")) from None
    return data


def is_genuine(record: Record, public: bytes) -> bool:
    """True if the key's phone signed exactly this."""
    r, s = (int.from_bytes(record.signature[at : at + _HALF]) for at in (0, _HALF))
    try:
        _loaded(public).verify(
            encode_dss_signature(r, s), record.message, ec.ECDSA(hashes.SHA256())
        )
    except InvalidSignature:
        return False
    return True


def _loaded(public: bytes) -> ec.EllipticCurvePublicKey:
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
