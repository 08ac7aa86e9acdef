"""Tampering: whatever is changed, the seal no longer fits, and the page says so."""

from __future__ import annotations

import dataclasses
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import assume, given
from hypothesis import strategies as st
from sqlalchemy import select, text

from certificates.models import Certificate
from certificates.sealing import Sealed, open_facts, seal
from lms.core.db import db, session
from lms.core.keys.purposes import KeyGone, signed_bytes
from lms.core.keys.rings import PublicRing, RingKey
from lms.core.uow import unit_of_work
from tests.factories.certificates import NOW, issue_now, skill_request


class Ring(PublicRing):
    """A ring of one key that signs by itself."""

    def __init__(self) -> None:
        self._key = Ed25519PrivateKey.generate()
        super().__init__((RingKey(1, self._key.public_key(), NOW, NOW),))

    def sign(self, purpose: str, message: bytes, kid: str | None = None) -> tuple[str, bytes]:
        if kid not in (None, self.keys[0].kid):
            raise KeyGone(kid)
        return self.keys[0].kid, self._key.sign(signed_bytes(purpose, message))

    def sign_raw(self, message: bytes) -> bytes:
        """What a thief of the key could do."""
        return self._key.sign(message)


def new_ring() -> Ring:
    return Ring()


RING = new_ring()
FACTS = {"v": 1, "number": "S000014000123265000001", "holder": {"name": "王桂兰䶮"}, "rung": 2}
SEALED = seal(FACTS, RING)


def test_what_was_sealed_opens():
    assert open_facts(SEALED, RING) == FACTS


@given(st.integers(0, len(SEALED.text.encode()) - 1), st.integers(1, 255))
def test_any_flipped_byte_of_the_facts_is_noticed(place, change):
    data = bytearray(SEALED.text.encode())
    data[place] ^= change
    spoilt = dataclasses.replace(SEALED, text=bytes(data).decode("utf-8", "surrogateescape"))
    try:
        assert open_facts(spoilt, RING) is None
    except UnicodeEncodeError:
        pytest.fail("bytes that are no text must not raise")


@given(st.integers(0, 63), st.integers(1, 255))
def test_any_flipped_byte_of_the_signature_is_noticed(place, change):
    data = bytearray(SEALED.signature)
    data[place] ^= change
    assert open_facts(dataclasses.replace(SEALED, signature=bytes(data)), RING) is None


@given(st.text(max_size=64).filter(lambda text: text != SEALED.digest))
def test_another_digest_is_noticed(digest):
    assert open_facts(dataclasses.replace(SEALED, digest=digest), RING) is None


def test_another_key_is_noticed():
    other = Ring()
    assert open_facts(SEALED, other) is None
    assert open_facts(dataclasses.replace(SEALED, key_id=other.keys[0].kid), other) is None


@given(st.sampled_from(sorted(FACTS)), st.integers() | st.text(max_size=8))
def test_facts_resealed_without_the_key_do_not_open(field, value):
    assume(value != FACTS[field])
    changed = FACTS | {field: value}
    forged = seal(changed, Ring())
    assert open_facts(dataclasses.replace(forged, key_id=SEALED.key_id), RING) is None
    assert (
        open_facts(Sealed(forged.text, forged.digest, SEALED.key_id, SEALED.signature), RING)
        is None
    )


COLUMNS = {
    "facts": json.dumps({"v": 1}),
    "digest": "0" * 64,
    "number": "S000014000123261000001",
    "holder_name": "李四",
    "rung": 6,
    "title": "养老护理员 一级/高级技师",
    "issued_on": "2020-01-01",
    "valid_to": "2099-01-01",
    "person_id": 2,
    "issuer_id": 1,
    "key_id": "0" * 16,
    "source": "forged",
}


@pytest.mark.parametrize("column", sorted(COLUMNS))
def test_a_column_changed_behind_the_products_back_shows_as_damaged(site, visitor, cast, column):
    with site.app.app_context():
        issued = issue_now(skill_request(cast.wang, cast.base))
        with unit_of_work():
            for name in ("update", "delete"):
                drop = f"DROP TRIGGER certificate_frozen_{name}"
                if db.engine.dialect.name == "postgresql":
                    drop += " ON certificate"
                session().execute(text(drop))
            session().execute(
                text(f"UPDATE certificate SET {column} = :value"), {"value": COLUMNS[column]}
            )
        assert session().scalar(select(Certificate.status)) == "valid"
    page = visitor.get(f"/v/{issued.code}")
    assert "数据异常，请勿采信" in page.text
    assert "cert-ok" not in page.text
    answer = visitor.get(f"/v/{issued.code}", headers={"Accept": "application/json"}).json
    assert answer.keys() == {"status", "as_of", "fault"}
    assert answer["status"] == "damaged"


def test_a_status_set_back_to_valid_behind_the_events_changes_nothing(site, visitor, cast):
    with site.app.app_context():
        issued = issue_now(skill_request(cast.wang, cast.base))
        with unit_of_work():
            session().execute(
                text(
                    "INSERT INTO certificate_event (certificate_id, kind, at, actor_id, reason) "
                    "VALUES (:id, 'revoked', '2026-11-21 02:00:00+00:00', 0, 'x')"
                ),
                {"id": issued.certificate_id},
            )
    assert "已吊销" in visitor.get(f"/v/{issued.code}").text
