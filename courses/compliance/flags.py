"""Writing verdicts down: flags that lists and dashboards read, always rebuildable."""

import gc
import json
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from sqlalchemy import Text, cast, delete, select, true, update
from sqlalchemy.dialects import postgresql, sqlite

from certificates.api import rungs_held
from courses.compliance.counting import hold_counts, recount
from courses.compliance.loading import CHUNK, Question, announced, chunks
from courses.compliance.models import DutyFlag
from courses.compliance.verdicts import CENTRAL, Verdict
from lms.core import clock
from lms.core.db import session
from lms.core.uow import unit_of_work
from lms.people.api import count_ever_employed, ever_employed

Report = Callable[[int, int], None]
_KEY = ("person_id", "year", "requirement")
#: What the counts are about: a change of any of these changes them.
_COUNTED = ("region", "organisation_id", "post", "rung", "state", "owes", "done_on")
#: What a flag says, beside its facts and the dates of its computing.
_SAID = (*_COUNTED, "reason", "done_tenths", "missing_tenths", "rule")
Standing = dict[int, tuple[Any, ...]]


def materialise(year: int, on: date, now: datetime, report: Report | None = None) -> int:
    """Compute and write the flags of the whole province; one unit of work per 2,000 people, and
    a last one that drops the flags of those without the duty and counts the rest."""
    stamp, question = announced(), Question(year, on)
    written = last = 0
    for done, total, people in everybody(question.terms.posts):
        with unit_of_work(), _uncollected():
            hold_counts()
            if stamp != (now_known := announced()):
                stamp, question = now_known, Question(year, on)
            kept = write_flags(question, people, now)
            _drop(year, last, people[-1], kept)
        written, last = written + len(kept), people[-1]
        if report is not None:
            report(done, total)
    with unit_of_work():
        hold_counts()
        _drop(year, last, None, ())
        recount(year, now)
    return written


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the garbage collector from looking for cycles, again and again and in vain, among the
    many thousand facts of a chunk; a fifth of the time went there."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _drop(year: int, after: int, until: int | None, kept: Collection[int]) -> None:
    """Drop the flags of people with an id above ``after`` up to ``until`` who are not in
    ``kept``."""
    beyond = true() if until is None else DutyFlag.person_id <= until
    flagged = select(DutyFlag.person_id).where(
        DutyFlag.year == year,
        DutyFlag.requirement == CENTRAL,
        DutyFlag.person_id > after,
        beyond,
    )
    _delete(year, set(session().scalars(flagged)) - set(kept))


def _delete(year: int, person_ids: Collection[int]) -> None:
    for chunk in chunks(sorted(person_ids)):
        session().execute(_flags_of(year, chunk, delete(DutyFlag)))


def everybody(posts: Collection[str] = ()) -> Iterator[tuple[int, int, list[int]]]:
    """Everybody ever employed (in one of ``posts``, when given), by id: (people so far, of how
    many, person ids). Memory does not grow with the province."""
    total, done, last = count_ever_employed(posts), 0, 0
    while people := ever_employed(posts, after=last, limit=CHUNK):
        done, last = done + len(people), people[-1]
        yield done, max(total, done), people


def refresh(person_ids: Collection[int], year: int, on: date, now: datetime) -> int:
    """Compute and write the flags of some people in the present unit of work, and count anew the
    counties where that changed something."""
    if not person_ids:
        return 0
    hold_counts()
    before = _standing(person_ids, year)
    after = write_flags(Question(year, on), person_ids, now)
    _delete(year, set(person_ids) - after.keys())
    changed = [p for p in person_ids if before.get(p) != after.get(p)]
    recount(year, now, {told[p][0] for told in (before, after) for p in changed if p in told})
    return len(after)


def _standing(person_ids: Collection[int], year: int) -> Standing:
    """Person → what her flag counts as."""
    columns = [getattr(DutyFlag, name) for name in _COUNTED]
    found: Standing = {}
    for chunk in chunks(sorted(person_ids)):
        query = select(DutyFlag.person_id, *columns)
        for person_id, *counted in session().execute(_flags_of(year, chunk, query)):
            found[person_id] = tuple(counted)
    return found


def write_flags(question: Question, person_ids: Collection[int], now: datetime) -> Standing:
    """Write the flags of those who have the duty, without counting them; person → what her flag
    counts as."""
    kept = [v for v in question.verdicts(person_ids) if v.organisation_id is not None]
    rungs = rungs_held([v.person_id for v in kept], question.tested_on)
    rows = [row_of(v, now) | {"rung": rungs.get(v.person_id)} for v in kept]
    _write(rows, question, now)
    return {row["person_id"]: tuple(row[name] for name in _COUNTED) for row in rows}


def refresh_today(person_ids: Collection[int], years: Collection[int], now: datetime) -> None:
    """Bring the flags of people up to date after something happened to them."""
    for year in sorted(set(years)):
        refresh(person_ids, year, clock.local_date(now), now)


def _write(rows: Collection[dict[str, Any]], question: Question, now: datetime) -> None:
    """Insert or replace flags in as few statements as their number allows. Where a flag says the
    same already, only its dates are renewed: most nights most flags do."""
    dialect = session().get_bind().dialect.name
    make: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
    query = make(DutyFlag.__table__)
    changed = {
        column.name: query.excluded[column.name]
        for column in DutyFlag.__table__.columns
        if column.name not in {"id", *_KEY}
    }
    query = query.on_conflict_do_update(index_elements=list(_KEY), set_=changed)
    for chunk in chunks(rows):
        same = _same(chunk, question)
        if same:
            session().execute(
                _flags_of(question.year, same, update(DutyFlag))
                .values(tested_on=question.tested_on, computed_at=now)
                .execution_options(synchronize_session=False)
            )
        fresh = [row for row in chunk if row["person_id"] not in same]
        if fresh:
            session().execute(query, fresh)


def _same(rows: list[dict[str, Any]], question: Question) -> set[int]:
    """The people whose flag says what their row says."""
    columns = [getattr(DutyFlag, name) for name in _SAID]
    query = select(DutyFlag.person_id, *columns, cast(DutyFlag.facts, Text))
    ids = [row["person_id"] for row in rows]
    written = {
        person_id: tuple(said)
        for person_id, *said in session().execute(_flags_of(question.year, ids, query))
    }
    return {
        row["person_id"]
        for row in rows
        if (said := written.get(row["person_id"])) is not None
        and said[:-1] == tuple(row[name] for name in _SAID)
        and said[-1] == json.dumps(row["facts"])
    }


def _flags_of(year: int, person_ids: Collection[int], query: Any) -> Any:
    """A statement narrowed to the flags of up to 2,000 people."""
    return query.where(
        DutyFlag.year == year,
        DutyFlag.requirement == CENTRAL,
        DutyFlag.person_id.in_(sorted(person_ids)),
    )


def row_of(verdict: Verdict, now: datetime) -> dict[str, Any]:
    """A verdict as the columns of its flag."""
    return {
        "year": verdict.year,
        "requirement": verdict.requirement,
        "person_id": verdict.person_id,
        "state": verdict.state,
        "owes": verdict.owes,
        "reason": verdict.reasons[0].code,
        "organisation_id": verdict.organisation_id,
        "region": verdict.region,
        "post": verdict.post,
        "done_on": verdict.done_on,
        "tested_on": verdict.tested_on,
        "done_tenths": verdict.done,
        "missing_tenths": verdict.missing,
        "rule": verdict.rule,
        "facts": {
            "reasons": [reason.as_json() for reason in verdict.reasons],
            "clears": [cure.as_json() for cure in verdict.clears],
            "used": list(verdict.used),
            "required": verdict.required,
        },
        "computed_at": now,
    }
