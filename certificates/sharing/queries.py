"""Reads of shared links."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from certificates.models import Certificate
from certificates.sharing.models import Share, ShareView
from certificates.sharing.operations import hashed, token_of
from lms.core.db import session


@dataclass(frozen=True, slots=True)
class Shared:
    """A link as its maker sees it; ``token`` only while it works."""

    id: int
    until: date
    name: bool
    photo: bool
    made_at: datetime
    is_open: bool
    token: str
    times: int
    last_on: date | None


@dataclass(frozen=True, slots=True)
class Opened:
    """What somebody who follows a link may see."""

    share_id: int
    certificate_id: int
    code: str
    holder: str | None
    photo: bool
    until: date


def shares_of(certificate_id: int, today: date) -> list[Shared]:
    """Every link to a certificate, newest first; one statement."""
    query = (
        select(Share, func.coalesce(func.sum(ShareView.times), 0), func.max(ShareView.day))
        .outerjoin(ShareView, ShareView.share_id == Share.id)
        .where(Share.certificate_id == certificate_id)
        .group_by(Share.id)
        .order_by(Share.id.desc())
    )
    return [
        _shared(share, int(times), last, today) for share, times, last in session().execute(query)
    ]


def _shared(share: Share, times: int, last: date | None, today: date) -> Shared:
    still = share.ended_at is None and share.until >= today
    token = token_of(share) if still else ""
    return Shared(
        share.id, share.until, share.name, share.photo, share.made_at, still, token, times, last
    )


def opened(token: str, today: date) -> Opened | None:
    """The link with this token, while it works; one statement."""
    query = (
        select(Share, Certificate.code, Certificate.holder_name)
        .join(Certificate, Certificate.id == Share.certificate_id)
        .where(Share.token_hash == hashed(token), Share.ended_at.is_(None), Share.until >= today)
    )
    row = session().execute(query).one_or_none()
    if row is None:
        return None
    share, code, holder = row
    name = holder if share.name else None
    return Opened(share.id, share.certificate_id, code, name, share.photo, share.until)
