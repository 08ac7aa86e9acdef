"""The answers to a sheet: the same checks as the page makes, a hundred certificates at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from sqlalchemy import or_, select
from sqlalchemy.orm import undefer

from certificates import rules
from certificates.keeping.doubts import is_doubtful
from certificates.log.leaves import Happened
from certificates.log.queries import intact_of
from certificates.models import Certificate, CertificateEvent
from certificates.rules import EventFact, Status
from certificates.sheet.plan import Asked
from certificates.verification import is_holder, trusted_facts, was_valid
from lms.core import clock
from lms.core.db import session

_BATCH = 100  # certificates for which the log's hashes are fetched together


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to one line; ``certificate`` is None for what is absent, or not to be told."""

    asked: Asked
    status: Status
    certificate: Certificate | None = None
    holder_fits: bool | None = None
    grade: str | None = None
    valid_then: bool | None = None


def answers(asked: Sequence[Asked], now: datetime, on: date | None) -> Iterator[Found]:
    """The answers in the order of the sheet, a batch at a time; five statements a batch."""
    for start in range(0, len(asked), _BATCH):
        yield from _answered(asked[start : start + _BATCH], now, on)


def _answered(batch: Sequence[Asked], now: datetime, on: date | None) -> Iterator[Found]:
    query = (
        select(Certificate)
        .where(
            or_(
                Certificate.code.in_([line.code for line in batch if line.code]),
                Certificate.number.in_([line.number for line in batch if line.number]),
            )
        )
        .options(undefer(Certificate.secrets_sealed))
    )
    rows = session().scalars(query).all()
    by_key = {row.code: row for row in rows} | {row.number: row for row in rows}
    happened = _happened(rows)
    intact = intact_of(happened)
    for line in batch:
        row = by_key.get(line.code or line.number or "")
        fits = is_holder(row, line.holder) if line.holder else None
        if row is None or (line.code is None and not fits):
            yield Found(line, Status.ABSENT)
            continue
        yield _found(line, row, fits, happened[row.id] if intact[row.id] else None, (now, on))


def _found(
    line: Asked,
    row: Certificate,
    fits: bool | None,
    happened: Sequence[Happened] | None,
    asked_at: tuple[datetime, date | None],
) -> Found:
    now, on = asked_at
    facts = trusted_facts(row)
    if facts is None or happened is None:
        return Found(line, Status.DAMAGED, row)
    events = tuple(EventFact(event.kind, event.at, event.reason) for event in happened)
    standing = rules.fold(events, row.valid_to, clock.local_date(now))
    if standing.status in rules.UNHARMED and is_doubtful(row.key_id, row.id):
        standing = rules.Standing(Status.DOUBTFUL)
    then = None if on is None else was_valid(events, (row.issued_on, row.valid_to), on)
    if standing.status is Status.DOUBTFUL:
        then = None if on is None else False
    return Found(line, standing.status, row, fits, (facts["award"] or {}).get("grade"), then)


def _happened(rows: Sequence[Certificate]) -> dict[int, list[Happened]]:
    """What happened to each certificate, oldest first; one statement."""
    query = (
        select(
            CertificateEvent.certificate_id,
            CertificateEvent.kind,
            CertificateEvent.at,
            CertificateEvent.actor_id,
            CertificateEvent.reason,
        )
        .where(CertificateEvent.certificate_id.in_([row.id for row in rows]))
        .order_by(CertificateEvent.certificate_id, CertificateEvent.id)
    )
    digests = {row.id: row.digest for row in rows}
    found: dict[int, list[Happened]] = {row.id: [] for row in rows}
    for key, group in groupby(session().execute(query), lambda event: event.certificate_id):
        found[key] = [
            Happened(digests[key], nth, event.kind, event.at, event.actor_id, event.reason)
            for nth, event in enumerate(group, start=1)
        ]
    return found
