"""The register as staff read it: lists, one certificate with its history, rows for export."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true

from certificates import rules
from certificates.keeping.doubts import is_doubtful
from certificates.models import Certificate
from certificates.policy import visible_to
from certificates.queries import status_on
from certificates.rules import Status
from certificates.verification import trusted_facts
from certificates.words import reason_said
from lms.core import clock
from lms.core.access import Actor
from lms.core.db import session

PER_PAGE = 50
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class RegisterFilter:
    """What a list is narrowed to; empty values narrow nothing."""

    q: str = ""
    status: str = ""
    kind: str = ""
    rung: int | None = None
    since: date | None = None
    until: date | None = None

    @property
    def active(self) -> int:
        """How many of the filters narrow the list."""
        values = (self.q, self.status, self.kind, self.rung, self.since, self.until)
        return sum(value not in ("", None) for value in values)


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """A line of the list."""

    id: int
    code: str
    number: str
    kind: str
    title: str
    rung: int | None
    holder: str
    id_masked: str
    issuer: str
    issued_on: date
    valid_to: date | None
    status: Status


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """One page of the list."""

    rows: list[RegisterRow]
    total: int
    number: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PER_PAGE))


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """An event as staff read it."""

    kind: str
    at: datetime
    actor_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One certificate for those who may act on it."""

    id: int
    code: str
    number: str
    kind: str
    title: str
    person_id: int
    issuer_id: int
    issuer_region: str
    status: Status
    facts: dict[str, Any]
    intact: bool
    history: list[HistoryLine]
    valid_to: date | None
    key_id: str
    digest: str
    replaces: str | None
    replaced_by: str | None


def register_page(actor: Actor, chosen: RegisterFilter, number: int) -> RegisterPage:
    """One page of what the actor may see, newest first; two statements."""
    where = and_(visible_to(actor), _narrowed(chosen))
    total = session().scalar(select(func.count()).select_from(Certificate).where(where)) or 0
    last = max(1, -(-total // PER_PAGE))
    number = min(max(number, 1), last)
    query = _ordered(where).limit(PER_PAGE).offset((number - 1) * PER_PAGE)
    return RegisterPage(_rows(session().scalars(query)), total, number)


def register_rows(actor: Actor, chosen: RegisterFilter) -> Iterator[RegisterRow]:
    """Every row of the list, for exports; memory stays flat."""
    query = _ordered(and_(visible_to(actor), _narrowed(chosen)))
    for part in session().scalars(query.execution_options(yield_per=_BATCH)).partitions():
        yield from _rows(iter(part))


def entry_of(code: str) -> Entry | None:
    """One certificate with its history; at most four statements, five if its key was stolen."""
    known = rules.normal_code(code)
    row = session().scalar(select(Certificate).where(Certificate.code == known))
    if row is None:
        return None
    facts = trusted_facts(row)
    history = [HistoryLine(e.kind, e.at, e.actor_id, reason_said(e.reason)) for e in row.events]
    told = (rules.EventFact(line.kind, line.at, line.reason) for line in history)
    standing = rules.fold(told, row.valid_to, clock.today())
    if standing.status in rules.UNHARMED and is_doubtful(row.key_id, row.id):
        standing = rules.Standing(Status.DOUBTFUL)
    return Entry(
        row.id,
        row.code,
        row.number,
        row.kind,
        row.title,
        row.person_id,
        row.issuer_id,
        row.issuer_region,
        standing.status if facts is not None else Status.DAMAGED,
        facts or {},
        facts is not None,
        history,
        row.valid_to,
        row.key_id,
        row.digest,
        _number_where(Certificate.id == row.supersedes_id) if row.supersedes_id else None,
        _number_where(Certificate.supersedes_id == row.id),
    )


def _number_where(condition: ColumnElement[bool]) -> str | None:
    return session().scalar(select(Certificate.number).where(condition))


def _ordered(where: ColumnElement[bool]) -> Select[tuple[Certificate]]:
    return (
        select(Certificate)
        .where(where)
        .order_by(Certificate.issued_on.desc(), Certificate.id.desc())
    )


def _rows(found: Iterator[Certificate] | Any) -> list[RegisterRow]:
    today = clock.today()
    return [_row(row, json.loads(row.facts), today) for row in found]


def _row(row: Certificate, facts: dict[str, Any], today: date) -> RegisterRow:
    return RegisterRow(
        row.id,
        row.code,
        row.number,
        row.kind,
        row.title,
        row.rung,
        row.holder_name,
        facts["holder"]["id_masked"],
        facts["issuer"]["name"],
        row.issued_on,
        row.valid_to,
        status_on(row.status, row.valid_to, today),
    )


def _narrowed(chosen: RegisterFilter) -> ColumnElement[bool]:
    parts: list[ColumnElement[bool]] = [true()]
    if chosen.q:
        parts.append(_matches(chosen.q))
    if chosen.status:
        parts.append(_has_status(chosen.status))
    if chosen.kind:
        parts.append(Certificate.kind == chosen.kind)
    if chosen.rung is not None:
        parts.append(Certificate.rung == chosen.rung)
    if chosen.since is not None:
        parts.append(Certificate.issued_on >= chosen.since)
    if chosen.until is not None:
        parts.append(Certificate.issued_on <= chosen.until)
    return and_(*parts)


def _matches(q: str) -> ColumnElement[bool]:
    """A holder's name from its beginning, a whole number or code, or the end of a number."""
    number = rules.normal_number(q)
    return or_(
        Certificate.holder_name.startswith(q.strip(), autoescape=True),
        Certificate.number == number,
        Certificate.number.endswith(number, autoescape=True),
        Certificate.code == (rules.normal_code(q) or ""),
    )


def _has_status(status: str) -> ColumnElement[bool]:
    over = and_(Certificate.valid_to.is_not(None), Certificate.valid_to < clock.today())
    if status == Status.EXPIRED:
        return and_(Certificate.status == "valid", over)
    if status == Status.VALID:
        still = or_(Certificate.valid_to.is_(None), Certificate.valid_to >= clock.today())
        return and_(Certificate.status == "valid", still)
    return Certificate.status == status
