"""The paper of a stored certificate, drawn from its sealed facts only."""

from dataclasses import replace
from hashlib import sha256

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import undefer

from certificates.designs.queries import look_of
from certificates.errors import Damaged, NotPossibleNow
from certificates.issuing import photo_place, secrets_place
from certificates.keeping.doubts import is_doubtful
from certificates.models import Certificate
from certificates.offline.fact import signed_fact
from certificates.operations import standing_of
from certificates.paper.face import Private, face
from certificates.paper.render import Format, paper
from certificates.rules import Status
from certificates.sealing import commitment
from certificates.verification import trusted_facts
from lms.core import clock
from lms.core.config import Settings
from lms.core.db import Json, session
from lms.core.signing import signer
from lms.core.vault import VaultError, vault
from lms.people.api import mask_id

#: papers of a demonstration must never pass for real ones
DEMO_MARK = "演示样本"
PRINTABLE = frozenset({Status.VALID, Status.EXPIRED})


def paper_of(certificate_id: int, form: Format, masked: bool = False) -> bytes:
    """The PDF or PNG of a certificate; ``masked`` hides the id number and the photo stays.

    Raises:
        NotPossibleNow: it is revoked, suspended or corrected; such paper is not handed out.
        Damaged: what is stored does not fit its seal. GlyphMissing: a character has no drawing.
    """
    query = select(Certificate).where(Certificate.id == certificate_id)
    row = (
        session()
        .scalars(
            query.options(undefer(Certificate.secrets_sealed), undefer(Certificate.photo_sealed))
        )
        .one()
    )
    facts = trusted_facts(row)
    if facts is None:
        raise Damaged
    standing = standing_of(row, clock.today())
    if standing.status not in PRINTABLE or is_doubtful(row.key_id, row.id):
        raise NotPossibleNow
    private = _private(row, facts)
    if masked:
        private = replace(private, id_number=mask_id(private.id_number))
    settings: Settings = current_app.extensions["settings"]
    mark = DEMO_MARK if current_app.extensions.get("is_demo") else ""
    look = look_of(facts.get("design"))
    drawn = face(facts, row.digest, private, settings.base_url, mark, look)
    fact = signed_fact(facts, row.key_id, signer())
    if fact:
        drawn.texts["scan"] = f"{drawn.texts['url']}#{fact}"
    return paper(drawn, row.created_at, form)


def photo_of(certificate_id: int) -> bytes | None:
    """The photo of a certificate, None without one or when anything about it was altered."""
    query = select(Certificate).where(Certificate.id == certificate_id)
    secret = undefer(Certificate.secrets_sealed), undefer(Certificate.photo_sealed)
    row = session().scalars(query.options(*secret)).one()
    facts = trusted_facts(row)
    if facts is None:
        return None
    try:
        return _private(row, facts).photo
    except Damaged:
        return None


def _private(row: Certificate, facts: Json) -> Private:
    """The sealed secrets, believed only if the public facts commit to them."""
    try:
        salt, _, id_number = (
            vault().open_text(row.secrets_sealed, secrets_place(row.code)).partition("\n")
        )
        photo = vault().open(row.photo_sealed, photo_place(row.code)) if row.photo_sealed else None
    except VaultError as error:
        raise Damaged from error
    holder = facts["holder"]
    if commitment(salt, id_number) != holder["id_commitment"]:
        raise Damaged
    if (sha256(photo).hexdigest() if photo else None) != holder["photo"]:
        raise Damaged
    return Private(id_number, photo)
