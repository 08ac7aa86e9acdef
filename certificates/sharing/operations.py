"""Making, ending and counting shared links. Callers commit."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from certificates.errors import TooManyShares
from certificates.models import Certificate
from certificates.sharing.models import Share, ShareView
from lms.core import audit, clock
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import NotFound
from lms.core.vault import vault

DAYS = (7, 30, 90)
MOST_OPEN = 20
_PLACE = "certificate.share"


def hashed(token: str) -> str:
    """What is searched by."""
    return sha256(token.encode()).hexdigest()


def make(
    certificate_id: int, days: int, shows: tuple[bool, bool], actor: Actor, now: datetime
) -> Share:
    """Make a link for ``days`` days; ``shows``: the whole name, the photo.

    Raises:
        TooManyShares: she has enough open links to this certificate.
    """
    today = clock.local_date(now)
    # Two links at once wait for each other, or both would see room for one more.
    session().execute(
        select(Certificate.id).where(Certificate.id == certificate_id).with_for_update()
    )
    count = select(func.count()).select_from(Share).where(
        Share.certificate_id == certificate_id, Share.ended_at.is_(None), Share.until >= today
    )  # fmt: skip
    if (session().scalar(count) or 0) >= MOST_OPEN:
        raise TooManyShares
    token = secrets.token_urlsafe(24)
    share = Share(
        certificate_id=certificate_id,
        token_hash=hashed(token),
        token_sealed=vault().seal(token, f"{_PLACE}:{hashed(token)}"),
        name=shows[0],
        photo=shows[1],
        until=today + timedelta(days=days),
        made_at=now,
    )
    session().add(share)
    session().flush()
    audit.record(actor, "certificate.share", "certificate_share", share.id, days=days)
    return share


def token_of(share: Share) -> str:
    """The token of a link, for its maker."""
    return vault().open_text(share.token_sealed, f"{_PLACE}:{share.token_hash}")


def end(certificate_id: int, share_id: int, actor: Actor, now: datetime) -> None:
    """End a link at once. Raises NotFound for a link of another certificate."""
    share = session().get(Share, share_id)
    if share is None or share.certificate_id != certificate_id:
        raise NotFound(action="certificates.share")
    session().execute(
        update(Share).where(Share.id == share_id, Share.ended_at.is_(None)).values(ended_at=now)
    )
    audit.record(actor, "certificate.share.end", "certificate_share", share_id)


def count_view(share_id: int, now: datetime) -> None:
    """Count one opening."""
    dialect = postgresql if session().get_bind().dialect.name == "postgresql" else sqlite
    row = {"share_id": share_id, "day": clock.local_date(now), "times": 1}
    session().execute(
        dialect.insert(ShareView)
        .values(row)
        .on_conflict_do_update(
            index_elements=["share_id", "day"], set_={"times": ShareView.times + 1}
        )
    )
