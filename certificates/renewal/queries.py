"""What a certificate continues, and what continues it."""

from dataclasses import dataclass

from sqlalchemy import or_, select

from certificates.models import Certificate
from certificates.renewal.models import Renewal
from lms.core.db import session


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A certificate before or after, as its holder knows it."""

    code: str
    number: str


@dataclass(frozen=True, slots=True)
class Chain:
    """The neighbours of a certificate in the chain of renewals."""

    renews: Neighbour | None = None
    renewed_by: Neighbour | None = None


def chain_of(certificate_id: int) -> Chain:
    """One statement."""
    query = (
        select(Renewal.renews_id, Certificate.code, Certificate.number)
        .join(
            Certificate,
            or_(
                (Renewal.certificate_id == certificate_id) & (Certificate.id == Renewal.renews_id),
                (Renewal.renews_id == certificate_id) & (Certificate.id == Renewal.certificate_id),
            ),
        )
        .where(or_(Renewal.certificate_id == certificate_id, Renewal.renews_id == certificate_id))
    )
    found = {row.renews_id == certificate_id: Neighbour(row.code, row.number)
             for row in session().execute(query)}  # fmt: skip
    return Chain(found.get(False), found.get(True))
