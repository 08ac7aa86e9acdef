"""A lease in the database: one holder at a time, with a fencing number that only grows."""

from datetime import datetime, timedelta

from sqlalchemy import String, or_, update
from sqlalchemy.orm import Mapped, mapped_column

from lms.core import clock
from lms.core.db import Model, session
from lms.core.errors import Conflict


class Lease(Model):
    """Who may act under ``name`` until ``until``; ``fence`` grows with every new holder."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(String(64), default="")
    until: Mapped[datetime]
    fence: Mapped[int] = mapped_column(default=0)


def take(name: str, holder: str, term: timedelta) -> int | None:
    """Take or renew a lease in the present unit of work; returns the fence, or None if held."""
    now = clock.now()
    sess = session()
    if sess.get(Lease, name) is None:
        sess.add(Lease(name=name, holder="", until=now - term, fence=0))
        sess.flush()
    # Nobody can hold one for longer than a term: then the clock was put back meanwhile, and a dead
    # holder would block the work until it comes round to that hour again.
    ahead = Lease.until > now + 2 * term
    sess.execute(
        update(Lease)
        .where(Lease.name == name, or_(Lease.holder == holder, Lease.until < now, ahead))
        .values(holder=holder, until=now + term, fence=Lease.fence + 1)
    )
    lease = sess.get_one(Lease, name, populate_existing=True)
    return lease.fence if lease.holder == holder else None


def check(name: str, fence: int) -> None:
    """Raise Conflict in a unit of work whose lease has passed to another holder."""
    lease = session().get_one(Lease, name, populate_existing=True, with_for_update=True)
    if lease.fence != fence:
        raise Conflict
