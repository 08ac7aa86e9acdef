"""Reads of batches."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, false, func, or_, select

from certificates.batches.models import OUTCOMES, Batch, BatchClaim, BatchLine
from lms.core.access import Actor, Role
from lms.core.db import session
from lms.people.api import within

PER_PAGE = 50
_PART = 1000
_MOST_CLAIMS = 50


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch in the list."""

    ref: str
    title: str
    origin: str
    issuer_id: int
    state: str
    created_at: datetime
    counts: dict[str, int]


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The batches an actor may see."""
    return or_(
        false(),
        Batch.issuer_id.in_(sorted(actor.organisations(Role.EXAMINER))),
        within(Batch.issuer_region, actor.regions(Role.OFFICER, Role.ADMIN)),
    )


def batches_for(actor: Actor, most: int = 100) -> list[BatchRow]:
    """The newest batches; two statements."""
    query = select(Batch).where(visible_to(actor)).order_by(Batch.id.desc()).limit(most)
    batches = list(session().scalars(query))
    counts = _counts([batch.id for batch in batches])
    return [
        BatchRow(b.ref, b.title, b.origin, b.issuer_id, b.state, b.created_at, counts.get(b.id, {}))
        for b in batches
    ]


def batch_with(ref: str) -> Batch | None:
    """The batch with this reference, read afresh."""
    query = select(Batch).where(Batch.ref == ref)
    return session().scalar(query.execution_options(populate_existing=True))


def counts_of(batch_id: int) -> dict[str, int]:
    """Lines by outcome."""
    return _counts([batch_id]).get(batch_id, {})


def _counts(batch_ids: list[int]) -> dict[int, dict[str, int]]:
    query = (
        select(BatchLine.batch_id, BatchLine.outcome, func.count())
        .where(BatchLine.batch_id.in_(batch_ids))
        .group_by(BatchLine.batch_id, BatchLine.outcome)
    )
    found: dict[int, dict[str, int]] = {}
    for batch_id, outcome, count in session().execute(query):
        found.setdefault(batch_id, {})[outcome] = count
    return {
        batch_id: {word: counts[word] for word in OUTCOMES if word in counts}
        for batch_id, counts in found.items()
    }


def lines_page(batch_id: int, outcome: str, number: int) -> tuple[list[BatchLine], int]:
    """One page of lines, refusals first when no outcome is chosen, and how many pages there are."""
    where = [BatchLine.batch_id == batch_id]
    if outcome:
        where.append(BatchLine.outcome == outcome)
    total = session().scalar(select(func.count()).select_from(BatchLine).where(*where)) or 0
    pages = max(1, -(-total // PER_PAGE))
    number = min(max(number, 1), pages)
    query = select(BatchLine).where(*where).order_by(BatchLine.row)
    rows = session().scalars(query.limit(PER_PAGE).offset((number - 1) * PER_PAGE))
    return list(rows), pages


def lines_of(batch_id: int) -> Iterator[BatchLine]:
    """Every line in order; memory stays flat."""
    last = -1
    while True:
        query = (
            select(BatchLine)
            .where(BatchLine.batch_id == batch_id, BatchLine.row > last)
            .order_by(BatchLine.row)
            .limit(_PART)
        )
        part = list(session().scalars(query))
        if not part:
            return
        yield from part
        last = part[-1].row


def ready_by_kind(batch_id: int) -> dict[tuple[str, int | None], int]:
    """How many numbers of each kind and rung the rest of a batch needs."""
    query = (
        select(BatchLine.kind, BatchLine.rung, func.count())
        .where(BatchLine.batch_id == batch_id, BatchLine.outcome == "ready")
        .group_by(BatchLine.kind, BatchLine.rung)
    )
    return {(row[0], row[1]): row[2] for row in session().execute(query)}


@dataclass(frozen=True, slots=True)
class Claimed:
    """A document by which lines are said to have been public elsewhere, and from when to when."""

    source: str
    begins: str
    ends: str
    people: int


def claims_of(batch_id: int) -> list[Claimed]:
    """The documents that lines of a batch name; one statement."""
    named = (
        select(
            BatchLine.claim.label("source"),
            BatchLine.facts["publicity_from"].as_string().label("begins"),
            BatchLine.facts["publicity_to"].as_string().label("ends"),
        )
        .where(BatchLine.batch_id == batch_id, BatchLine.claim != "")
        .subquery()
    )
    query = (
        select(named.c.source, named.c.begins, named.c.ends, func.count())
        .group_by(named.c.source, named.c.begins, named.c.ends)
        .order_by(named.c.source)
        .limit(_MOST_CLAIMS)
    )
    return [Claimed(*row) for row in session().execute(query).tuples()]


def claim_of(batch_id: int) -> BatchClaim | None:
    """The second person's word on them, if there is one."""
    return session().get(BatchClaim, batch_id)


def claim_approved(batch_id: int) -> bool | None:
    """Whether she approved; None while nobody has said."""
    found = claim_of(batch_id)
    return found.approved if found is not None else None
