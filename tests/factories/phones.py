"""A phone in the hall: its own key, and scans signed as the browser signs them."""

import base64
import secrets

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from courses import central
from courses.classroom import codes, signed
from courses.classroom.operations import attendance, delivering, sessions
from lms.core.uow import unit_of_work
from tests.factories.central import NINE, learner


def base64url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class Phone:
    """One person's phone; ``mark`` is the browser's, the same for all who use it."""

    def __init__(self, person_id, registered_at, mark="phone"):
        self.person_id = person_id
        self.private = ec.generate_private_key(ec.SECP256R1())
        with unit_of_work():
            row = delivering.register_key(self.point, mark, learner(person_id), registered_at)
        self.ref = row.ref

    @property
    def point(self):
        public = self.private.public_key()
        return public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def scan(self, row, shown_at, kind="in", phone_at=None, typed=False, **changed):
        """What the page would send for the code shown at a moment; ``changed`` after signing."""
        make = codes.full_code if typed else codes.scan_code
        value = {
            "scan": secrets.token_hex(16),
            "key": self.ref,
            "ref": row.ref,
            "kind": kind,
            "code": make(sessions.secret_of(row), codes.step_of(shown_at, 15)),
            "at": int((phone_at or shown_at).timestamp() * 1000),
        }
        return value | {"signature": self.sign(value)} | changed

    def sign(self, value):
        """ECDSA as WebCrypto gives it: r and s, 32 bytes each."""
        lines = [
            signed.FORMAT,
            *(str(value[n]) for n in ("scan", "key", "ref", "kind", "code", "at")),
        ]
        der = self.private.sign("\n".join(lines).encode(), ec.ECDSA(hashes.SHA256()))
        return base64url(b"".join(n.to_bytes(32, "big") for n in decode_dss_signature(der)))


def bring(value, person_id, now):
    """Deliver a scan as the person signed in; returns what became of it."""
    with unit_of_work():
        return central.deliver(signed.read(value), learner(person_id), now)


def come_by(row, person_id, device, at=NINE, method="qr"):
    """Somebody checks in with a phone that has a signal; the fact's id."""
    with unit_of_work():
        noted = attendance.scan(row.id, "in", int(at.timestamp()), method, device,
                                learner(person_id), at)  # fmt: skip
    return noted.fact_id
