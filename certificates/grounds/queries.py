"""Reads of lost grounds."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select

from certificates.grounds.models import LostGround, RegainedGround
from certificates.models import Certificate
from certificates.policy import visible_to
from lms.core.access import Actor
from lms.core.db import session

_MOST = 500


@dataclass(frozen=True, slots=True)
class Waiting:
    """A certificate that waits for a decision, and why."""

    code: str
    number: str
    title: str
    holder: str
    issuer_id: int
    cause: str
    url: str
    at: datetime


def open_grounds(certificate_id: int) -> list[LostGround]:
    """What a certificate has lost and not regained, oldest first; one statement."""
    query = _open().where(LostGround.certificate_id == certificate_id)
    return list(session().scalars(query.order_by(LostGround.id)))


def open_by_ref(ref: str, cause: str) -> list[LostGround]:
    """What was lost for one cause and not regained."""
    query = _open().where(LostGround.ref == ref, LostGround.cause == cause)
    return list(session().scalars(query.order_by(LostGround.certificate_id)))


def waiting_for(actor: Actor) -> list[Waiting]:
    """Suspended certificates of the actor's scope whose ground is lost, oldest first; one
    statement. Revoked, they are decided and no longer in it."""
    query = (
        _open()
        .join(Certificate, Certificate.id == LostGround.certificate_id)
        .add_columns(Certificate)
        .where(Certificate.status == "suspended", visible_to(actor))
        .order_by(LostGround.id)
        .limit(_MOST)
    )
    return [
        Waiting(
            row.code, row.number, row.title, row.holder_name, row.issuer_id, lost.cause, lost.url,
            lost.at,
        )
        for lost, row in session().execute(query).all()
    ]  # fmt: skip


def _open() -> Select[tuple[LostGround]]:
    return (
        select(LostGround)
        .outerjoin(RegainedGround, RegainedGround.lost_id == LostGround.id)
        .where(RegainedGround.lost_id.is_(None))
    )
