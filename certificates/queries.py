"""Reads of the register: frozen values, a fixed number of statements."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select, true

from certificates import rules
from certificates.models import Certificate, CertificateEvent
from certificates.rules import EventFact, Status
from lms.core import clock
from lms.core.db import session

_MOST = 2000


@dataclass(frozen=True, slots=True)
class CertificateCard:
    """A certificate in its holder's wallet."""

    id: int
    code: str
    number: str
    kind: str
    title: str
    rung: int | None
    issued_on: date
    status: Status
    valid_to: date | None = None


def status_on(status: str, valid_to: date | None, on: date) -> Status:
    """The projected status, or expired when its last day has passed."""
    if status == "valid" and valid_to is not None and on > valid_to:
        return Status.EXPIRED
    return Status(status)


def certificates_of(person_id: int) -> list[CertificateCard]:
    """Every certificate a person was ever issued, newest first."""
    query = (
        select(Certificate)
        .where(Certificate.person_id == person_id)
        .order_by(Certificate.issued_on.desc(), Certificate.id.desc())
    )
    today = clock.today()
    return [
        CertificateCard(
            row.id,
            row.code,
            row.number,
            row.kind,
            row.title,
            row.rung,
            row.issued_on,
            status_on(row.status, row.valid_to, today),
            row.valid_to,
        )
        for row in session().scalars(query)
    ]


def issued_for(sources: Sequence[str]) -> dict[str, int]:
    """Source → id of the certificate that was issued for it; one statement per 500."""
    found: dict[str, int] = {}
    for start in range(0, len(sources), _MOST):
        some = Certificate.source.in_(sources[start : start + _MOST])
        rows = session().execute(select(Certificate.source, Certificate.id).where(some))
        found |= {row.source: row.id for row in rows}
    return found


def expiring(
    person_ids: Iterable[int], since: date, until: date
) -> dict[int, list[tuple[str, date]]]:
    """Person → (title, last day) of the valid certificates that end between two days and that
    no newer one of the same kind and title outlasts; one statement per 2,000 persons."""
    wanted = sorted(set(person_ids))
    last: dict[tuple[int, str, str], date | None] = {}
    for start in range(0, len(wanted), _MOST):
        query = select(
            Certificate.person_id, Certificate.kind, Certificate.title, Certificate.valid_to
        ).where(
            Certificate.person_id.in_(wanted[start : start + _MOST]), Certificate.status == "valid"
        )
        for person_id, kind, title, ends in session().execute(query):
            key = (person_id, kind, title)
            known = last.get(key, date.min)
            last[key] = None if ends is None or known is None else max(known, ends)
    found: dict[int, list[tuple[str, date]]] = {}
    for (person_id, _kind, title), ends in sorted(last.items(), key=lambda item: item[0]):
        if ends is not None and since <= ends <= until:
            found.setdefault(person_id, []).append((title, ends))
    return found


def rung_held(person_id: int, on: date) -> int | None:
    """The highest rung for which the person held a valid skill certificate on that day."""
    return rungs_held([person_id], on).get(person_id)


def rungs_held(
    person_ids: Iterable[int], on: date, as_known_at: datetime | None = None
) -> dict[int, int]:
    """The highest rung each person held on that day, with ``as_known_at`` by what was on record
    then; two statements per 2,000 persons."""
    wanted = sorted(set(person_ids))
    held: dict[int, int] = {}
    for start in range(0, len(wanted), _MOST):
        held |= _some_rungs(wanted[start : start + _MOST], on, as_known_at)
    return held


def _some_rungs(person_ids: list[int], on: date, as_known_at: datetime | None) -> dict[int, int]:
    known = true() if as_known_at is None else Certificate.created_at <= as_known_at
    rows = (
        session()
        .execute(
            select(Certificate.id, Certificate.person_id, Certificate.rung, Certificate.valid_to)
            .where(
                Certificate.person_id.in_(person_ids),
                Certificate.kind == "skill",
                Certificate.issued_on <= on,
                or_(Certificate.valid_to.is_(None), Certificate.valid_to >= on),
                known,
            )
            .order_by(Certificate.id)
        )
        .all()
    )
    end = clock.start_of(date.fromordinal(on.toordinal() + 1))
    if as_known_at is not None:
        end = min(end, as_known_at + timedelta(microseconds=1))
    events = _later_events(person_ids, end) if rows else {}
    held: dict[int, int] = {}
    for row in rows:
        standing = rules.fold(events.get(row.id, ()), row.valid_to, on)
        if standing.status is Status.VALID and row.rung is not None:
            held[row.person_id] = max(row.rung, held.get(row.person_id, 0))
    return held


def _later_events(person_ids: list[int], end: datetime) -> dict[int, list[EventFact]]:
    """What happened after issue to the skill certificates of these persons, before ``end``."""
    query = (
        select(CertificateEvent.certificate_id, CertificateEvent.kind, CertificateEvent.at)
        .join(Certificate, Certificate.id == CertificateEvent.certificate_id)
        .where(
            Certificate.person_id.in_(person_ids),
            Certificate.kind == "skill",
            CertificateEvent.kind != "issued",
            CertificateEvent.at < end,
        )
        .order_by(CertificateEvent.id)
    )
    found: dict[int, list[EventFact]] = defaultdict(list)
    for certificate_id, kind, at in session().execute(query):
        found[certificate_id].append(EventFact(kind, at))
    return found
