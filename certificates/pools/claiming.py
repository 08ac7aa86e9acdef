"""Taking the next number of a pool, under its lock. Callers commit."""

from collections.abc import Sequence

from sqlalchemy import Select, func, select, update

from certificates.errors import NumbersExhausted
from certificates.models import Certificate
from certificates.pools.models import NumberPool, NumberRange, VoidedNumber
from certificates.pools.rules import Run, split
from lms.core import clock
from lms.core.access import Role
from lms.core.db import session
from lms.core.notify import tell
from lms.people.api import role_holders


def run_of(row: NumberRange) -> Run:
    """The numbers of a range."""
    return Run(row.head, row.width, row.first, row.last)


def claim(issuer_id: int, kind: str, rung: int | None) -> tuple[str, str] | None:
    """The next number and the stamp of its pool; None where the issuer has no open pool.

    The pools' rows stay locked until commit. A unit of work that is rolled back gives its number
    back. Numbers that were voided, or that a certificate bears already, are passed over.

    Raises:
        NumbersExhausted: there are pools, and nothing is left in them.
    """
    query = open_pools(issuer_id, kind, rung).order_by(NumberPool.id).with_for_update()
    pools = session().scalars(query.execution_options(populate_existing=True)).all()
    if not pools:
        return None
    while True:
        row = _next_range([pool.id for pool in pools])
        if row is None:
            raise NumbersExhausted
        number = run_of(row).number(row.first + row.used)
        session().execute(
            update(NumberRange).where(NumberRange.id == row.id).values(used=row.used + 1)
        )
        if not _is_taken(number):
            _warn(pools)
            return number, f"pool:{row.pool_id}"


def open_pools(issuer_id: int, kind: str, rung: int | None) -> Select[tuple[NumberPool]]:
    """The open pools of an issuer for a kind and rung."""
    same_rung = NumberPool.rung.is_(None) if rung is None else NumberPool.rung == rung
    return select(NumberPool).where(
        NumberPool.issuer_id == issuer_id,
        NumberPool.kind == kind,
        same_rung,
        NumberPool.closed_at.is_(None),
    )


def _next_range(pool_ids: Sequence[int]) -> NumberRange | None:
    size = NumberRange.last - NumberRange.first + 1
    query = (
        select(NumberRange)
        .where(NumberRange.pool_id.in_(pool_ids), NumberRange.used < size)
        .order_by(NumberRange.pool_id, NumberRange.position)
        .limit(1)
    )
    return session().scalar(query.execution_options(populate_existing=True))


def _is_taken(number: str) -> bool:
    voided = select(VoidedNumber.number).where(VoidedNumber.number == number)
    borne = select(Certificate.number).where(Certificate.number == number)
    return session().scalar(voided.union_all(borne).limit(1)) is not None


def left_in(pool_ids: Sequence[int]) -> int:
    """How many numbers of these pools were not claimed yet; one statement."""
    size = NumberRange.last - NumberRange.first + 1 - NumberRange.used
    query = select(func.sum(size)).where(NumberRange.pool_id.in_(pool_ids))
    return int(session().scalar(query) or 0)


def left_for(issuer_id: int, kind: str, rung: int | None) -> int | None:
    """How many numbers wait in the open pools; None where the rule gives numbers without end."""
    pools = session().scalars(open_pools(issuer_id, kind, rung)).all()
    return left_in([pool.id for pool in pools]) if pools else None


def _warn(pools: Sequence[NumberPool]) -> None:
    """Tell the issuer's examiners, once each, when numbers run short and when the last is gone."""
    left, newest = left_in([pool.id for pool in pools]), pools[-1]
    if left > newest.warn_at:
        return
    kind = "certificate.pool.low" if left else "certificate.pool.empty"
    for person_id in role_holders(newest.issuer_id, [Role.EXAMINER], clock.today()):
        key = f"pool:{newest.id}:{kind}:{person_id}"
        tell(person_id, kind, key, f"/pools/{newest.id}", title=newest.title, left=left)


def pool_end(number: str) -> str | None:
    """The last number of the range that ``number`` lies in; None if it is in no pool, open or
    closed: such a number a rule may give."""
    try:
        head, width, serial = split(number)
    except ValueError:
        return None
    row = session().scalar(
        select(NumberRange).where(
            NumberRange.head == head,
            NumberRange.width == width,
            NumberRange.first <= serial,
            NumberRange.last >= serial,
        )
    )
    return run_of(row).ends if row is not None else None
