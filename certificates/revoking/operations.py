"""Proposing, deciding, and revoking piece by piece. Callers commit."""

import secrets
from datetime import datetime

from sqlalchemy import exists, insert, select

from certificates import operations
from certificates.errors import (
    NothingChosen,
    NotPossibleNow,
    ReasonNeeded,
    SecondPersonNeeded,
    TooManyChosen,
)
from certificates.models import Certificate
from certificates.policy import APPROVE_MANY, REVOKE_MANY
from certificates.revoking.choosing import MOST, Chosen, meant
from certificates.revoking.models import (
    MassRevocation,
    MassRevocationDecision,
    MassRevocationDone,
    MassRevocationItem,
)
from certificates.rules import SHORTEST_REASON
from lms.core import audit
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import Conflict, NotFound

CHUNK = 50


def propose(chosen: Chosen, reason: str, actor: Actor, now: datetime) -> MassRevocation:
    """Write down who is hit and why; nothing is revoked yet.

    Raises:
        ReasonNeeded. NothingChosen: nobody is hit. TooManyChosen: more than ``MOST``.
    """
    REVOKE_MANY.ensure(actor)
    reason = " ".join(reason.split())[:300]
    if len(reason) < SHORTEST_REASON:
        raise ReasonNeeded
    ids = meant(chosen, actor)
    if not ids:
        raise NothingChosen
    if len(ids) > MOST:
        raise TooManyChosen
    row = MassRevocation(
        ref=secrets.token_hex(16),
        chosen=chosen.as_json(),
        reason=reason,
        proposed_by=actor.person_id,
        proposed_at=now,
    )
    session().add(row)
    session().flush()
    items = [{"revocation_id": row.id, "certificate_id": number} for number in ids]
    session().execute(insert(MassRevocationItem), items)
    audit.record(
        actor, "certificate.revoke.propose", "mass_revocation", row.id,
        number=len(ids), reason=reason,
    )  # fmt: skip
    return row


def decide(row: MassRevocation, approved: bool, note: str, actor: Actor, now: datetime) -> None:
    """A second person's word; once.

    Raises:
        SecondPersonNeeded: it is her own proposal, or she holds one of the certificates.
        NotFound: one of them is beyond her scope. Conflict: decided already.
    """
    ensure_judge(row, actor)
    held = select(MassRevocation.id).where(MassRevocation.id == row.id).with_for_update()
    session().execute(held)
    if session().get(MassRevocationDecision, row.id, populate_existing=True) is not None:
        raise Conflict
    session().add(
        MassRevocationDecision(
            revocation_id=row.id,
            approved=approved,
            note=" ".join(note.split())[:300],
            decided_by=actor.person_id,
            decided_at=now,
        )
    )
    session().flush()
    what = "approve" if approved else "refuse"
    audit.record(actor, f"certificate.revoke.{what}", "mass_revocation", row.id)


def ensure_judge(row: MassRevocation, actor: Actor) -> None:
    """Raise unless ``actor`` may decide: another person, for every certificate, and for none of
    her own."""
    APPROVE_MANY.ensure(actor, row)
    hers = (
        select(Certificate.id)
        .join(MassRevocationItem, MassRevocationItem.certificate_id == Certificate.id)
        .where(MassRevocationItem.revocation_id == row.id, Certificate.person_id == actor.person_id)
    )
    if actor.person_id == row.proposed_by or session().scalar(hers.limit(1)) is not None:
        raise SecondPersonNeeded


def revoke_some(row: MassRevocation, actor: Actor, now: datetime) -> int:
    """Revoke the next ``CHUNK`` certificates of an approved proposal and tell each holder; how
    many were looked at, 0 when none is left."""
    left = (
        select(MassRevocationItem.certificate_id)
        .where(
            MassRevocationItem.revocation_id == row.id,
            ~exists().where(
                MassRevocationDone.revocation_id == row.id,
                MassRevocationDone.certificate_id == MassRevocationItem.certificate_id,
            ),
        )
        .order_by(MassRevocationItem.certificate_id)
        .limit(CHUNK)
    )
    ids = list(session().scalars(left))
    for certificate_id in ids:
        session().add(
            MassRevocationDone(
                revocation_id=row.id,
                certificate_id=certificate_id,
                outcome=_revoke(certificate_id, row.reason, actor, now),
                done_at=now,
            )
        )
        session().flush()
    return len(ids)


def _revoke(certificate_id: int, reason: str, actor: Actor, now: datetime) -> str:
    try:
        operations.revoke(certificate_id, reason, actor, now)
    except NotPossibleNow:
        return "skipped"
    return "revoked"


def with_ref(ref: str) -> MassRevocation:
    """The proposal with this reference. Raises NotFound."""
    row = session().scalar(select(MassRevocation).where(MassRevocation.ref == ref))
    if row is None:
        raise NotFound
    return row
