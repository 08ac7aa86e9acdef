"""What became of every number: claimed without a certificate, missing in a sequence, voided."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select

from certificates.models import Certificate, NumberSeries
from certificates.pools.claiming import pool_end, run_of
from certificates.pools.models import NumberPool, NumberRange, VoidedNumber
from certificates.pools.rules import Run, runs_of, split
from lms.core.db import session


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers that no certificate bears though their turn has passed. ``kind``: ``claimed`` (of a
    pool), ``missing`` (of a rule's sequence) or ``voided`` (with the reason)."""

    kind: str
    run: Run
    reason: str = ""


def gaps_of(issuer_id: int) -> list[Gap]:
    """The gaps among an issuer's numbers: its pools, and the sequences its certificates use."""
    rows = session().scalars(select(VoidedNumber).where(VoidedNumber.issuer_id == issuer_id))
    voided = {row.number: row.reason for row in rows}
    found = [*_of_pools(issuer_id, voided), *_of_series(issuer_id, voided)]
    for number, reason in voided.items():
        head, width, serial = split(number)
        found.append(Gap("voided", Run(head, width, serial, serial), reason))
    order = {"missing": 0, "claimed": 1, "voided": 2}
    return sorted(found, key=lambda gap: (order[gap.kind], gap.run.begins))


def _of_pools(issuer_id: int, voided: Collection[str]) -> Iterator[Gap]:
    query = (
        select(NumberRange)
        .join(NumberPool, NumberPool.id == NumberRange.pool_id)
        .where(NumberPool.issuer_id == issuer_id, NumberRange.used > 0)
        .order_by(NumberRange.pool_id, NumberRange.position)
    )
    for row in session().scalars(query).all():
        run = run_of(row)
        last = row.first + row.used - 1
        borne = _borne(run.begins, run.number(last))
        passed = (run.number(serial) for serial in range(row.first, last + 1))
        yield from _gaps("claimed", (n for n in passed if n not in borne and n not in voided))


def _of_series(issuer_id: int, voided: Collection[str]) -> Iterator[Gap]:
    for series in session().scalars(select(NumberSeries).order_by(NumberSeries.prefix)).all():
        own = select(Certificate.number).where(
            Certificate.issuer_id == issuer_id,
            Certificate.number.startswith(series.prefix, autoescape=True),
        )
        sample = session().scalar(own.limit(1))
        if sample is None:
            continue
        digits = len(sample) - len(series.prefix)
        if digits < 1:
            continue
        numbers = [f"{series.prefix}{n:0{digits}d}" for n in range(1, series.last + 1)]
        borne = _borne(numbers[0], numbers[-1])
        absent = (n for n in numbers if n not in borne and n not in voided)
        yield from _gaps("missing", (n for n in absent if pool_end(n) is None))


def _borne(begins: str, ends: str) -> set[str]:
    """The numbers between these two that certificates bear."""
    number = in_order(Certificate.number)
    return set(session().scalars(select(Certificate.number).where(number.between(begins, ends))))


def in_order(column: object) -> ColumnElement[str]:
    """A column compared byte by byte, whatever language the database sorts in."""
    is_postgresql = session().get_bind().dialect.name == "postgresql"
    ordered: ColumnElement[str] = column.collate("C" if is_postgresql else "BINARY")  # type: ignore[attr-defined]
    return ordered


def _gaps(kind: str, numbers: Iterable[str]) -> Iterator[Gap]:
    parts = [split(number) for number in numbers]
    for head, width in sorted({(head, width) for head, width, _serial in parts}):
        serials = (serial for *where, serial in parts if tuple(where) == (head, width))
        for run in runs_of(serials, head, width):
            yield Gap(kind, run)
