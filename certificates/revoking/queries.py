"""Reads of proposals to revoke many."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select

from certificates.models import Certificate
from certificates.policy import reaches_only
from certificates.revoking.models import (
    MassRevocation,
    MassRevocationDecision,
    MassRevocationDone,
    MassRevocationItem,
)
from lms.core.access import Actor
from lms.core.db import session
from lms.core.paging import SIZE, Page, offset_of

SHOWN = 200


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a proposal was carried out."""

    total: int
    revoked: int
    skipped: int

    @property
    def is_done(self) -> bool:
        """True when nothing is left."""
        return self.revoked + self.skipped >= self.total


@dataclass(frozen=True, slots=True)
class Hit:
    """A certificate that is hit; ``outcome`` once something was done."""

    number: str
    holder: str
    title: str
    outcome: str | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A line of the list; ``approved`` is None while nobody decided."""

    ref: str
    reason: str
    proposed_by: int
    proposed_at: datetime
    approved: bool | None
    decided_by: int | None
    total: int


def progress_of(revocation_id: int) -> Progress:
    """Two statements."""
    total = session().scalar(
        select(func.count()).select_from(MassRevocationItem).where(
            MassRevocationItem.revocation_id == revocation_id
        )
    )  # fmt: skip
    query = (
        select(MassRevocationDone.outcome, func.count())
        .where(MassRevocationDone.revocation_id == revocation_id)
        .group_by(MassRevocationDone.outcome)
    )
    done = {str(row[0]): int(row[1]) for row in session().execute(query)}
    return Progress(total or 0, done.get("revoked", 0), done.get("skipped", 0))


def hits_of(revocation_id: int, most: int | None = SHOWN) -> list[Hit]:
    """Who is hit, in the order of issue; one statement. ``most=None`` gives all of them."""
    query = (
        select(Certificate.number, Certificate.holder_name, Certificate.title,
               MassRevocationDone.outcome)
        .join(MassRevocationItem, MassRevocationItem.certificate_id == Certificate.id)
        .outerjoin(
            MassRevocationDone,
            (MassRevocationDone.revocation_id == MassRevocationItem.revocation_id)
            & (MassRevocationDone.certificate_id == Certificate.id),
        )
        .where(MassRevocationItem.revocation_id == revocation_id)
        .order_by(Certificate.id)
        .limit(most)
    )  # fmt: skip
    return [Hit(*row) for row in session().execute(query)]


def named(certificate_ids: list[int]) -> list[Hit]:
    """These certificates as a preview names them; one statement, none for none."""
    if not certificate_ids:
        return []
    query = (
        select(Certificate.number, Certificate.holder_name, Certificate.title)
        .where(Certificate.id.in_(certificate_ids))
        .order_by(Certificate.id)
    )
    return [Hit(row.number, row.holder_name, row.title, None) for row in session().execute(query)]


def decision_of(row: MassRevocation) -> MassRevocationDecision | None:
    """The second person's word, if there is one."""
    return session().get(MassRevocationDecision, row.id)


def proposals_for(actor: Actor, number: int) -> Page[Proposal]:
    """One page of the proposals that are the actor's own or hers to judge, newest first; two
    statements."""
    mine = or_(MassRevocation.proposed_by == actor.person_id, reaches_only(actor))
    total = session().scalar(select(func.count()).select_from(MassRevocation).where(mine)) or 0
    number = min(number, max(1, -(-total // SIZE)))
    hit = (
        select(func.count())
        .where(MassRevocationItem.revocation_id == MassRevocation.id)
        .scalar_subquery()
    )
    query = (
        select(MassRevocation, MassRevocationDecision, hit)
        .outerjoin(
            MassRevocationDecision, MassRevocationDecision.revocation_id == MassRevocation.id
        )
        .where(mine)
        .order_by(MassRevocation.id.desc())
        .limit(SIZE)
        .offset(offset_of(number))
    )
    rows = [
        Proposal(
            row.ref, row.reason, row.proposed_by, row.proposed_at,
            word.approved if word else None, word.decided_by if word else None, count,
        )
        for row, word, count in session().execute(query)
    ]  # fmt: skip
    return Page(rows, number, total)
