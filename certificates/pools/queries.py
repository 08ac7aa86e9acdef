"""Reads of pools."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from certificates.pools.claiming import run_of
from certificates.pools.models import NumberPool, NumberRange
from certificates.pools.rules import Run
from lms.core.access import Actor, Role
from lms.core.db import session
from lms.people.api import OrganisationCard, organisation_cards


@dataclass(frozen=True, slots=True)
class PoolRow:
    """A pool with how much of it is used."""

    id: int
    issuer_id: int
    issuer: str
    issuer_region: str
    kind: str
    rung: int | None
    title: str
    total: int
    used: int
    warn_at: int
    created_at: datetime
    closed_at: datetime | None
    closed_reason: str

    @property
    def left(self) -> int:
        """How many numbers were not claimed yet."""
        return self.total - self.used


def pools_for(actor: Actor) -> list[PoolRow]:
    """The pools of the issuers an actor answers for; three statements."""
    pools = list(session().scalars(select(NumberPool).order_by(NumberPool.id.desc())))
    cards = organisation_cards({pool.issuer_id for pool in pools})
    mine = actor.organisations(Role.EXAMINER)
    seen = [
        pool
        for pool in pools
        if pool.issuer_id in mine
        or actor.covers(cards[pool.issuer_id].region, Role.OFFICER, Role.ADMIN)
    ]
    return _rows(seen, cards)


def pool_row(pool_id: int) -> PoolRow | None:
    """One pool."""
    pool = session().get(NumberPool, pool_id)
    return next(iter(_rows([pool], organisation_cards([pool.issuer_id]))), None) if pool else None


def _rows(pools: list[NumberPool], cards: dict[int, OrganisationCard]) -> list[PoolRow]:
    size = func.sum(NumberRange.last - NumberRange.first + 1)
    query = (
        select(NumberRange.pool_id, size, func.sum(NumberRange.used))
        .where(NumberRange.pool_id.in_([pool.id for pool in pools]))
        .group_by(NumberRange.pool_id)
    )
    sums = {row[0]: (int(row[1]), int(row[2])) for row in session().execute(query)}
    return [
        PoolRow(
            pool.id,
            pool.issuer_id,
            cards[pool.issuer_id].name,
            cards[pool.issuer_id].region,
            pool.kind,
            pool.rung,
            pool.title,
            *sums.get(pool.id, (0, 0)),
            pool.warn_at,
            pool.created_at,
            pool.closed_at,
            pool.closed_reason,
        )
        for pool in pools
    ]


def ranges_of(pool_id: int, most: int = 200) -> list[tuple[Run, int]]:
    """(run, how many are used) in order."""
    query = (
        select(NumberRange)
        .where(NumberRange.pool_id == pool_id)
        .order_by(NumberRange.position)
        .limit(most)
    )
    return [(run_of(row), row.used) for row in session().scalars(query)]
