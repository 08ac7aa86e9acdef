"""What a proposal reaches, for the rules of who may judge it."""

from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import select

from certificates.models import Certificate
from certificates.revoking.models import MassRevocationItem
from lms.core.db import session


class Proposed(Protocol):
    """What a rule needs to know of a proposal."""

    id: int
    proposed_by: int


@dataclass(frozen=True, slots=True)
class Reach:
    """An issuer whose certificates are named, as the rules of the register read it."""

    issuer_id: int
    issuer_region: str
    person_id: int = 0


def reach_of(proposal: Proposed) -> list[Reach]:
    """Every issuer whose certificates a proposal names; one statement."""
    query = (
        select(Certificate.issuer_id, Certificate.issuer_region)
        .join(MassRevocationItem, MassRevocationItem.certificate_id == Certificate.id)
        .where(MassRevocationItem.revocation_id == proposal.id)
        .distinct()
    )
    return [Reach(row.issuer_id, row.issuer_region) for row in session().execute(query)]
