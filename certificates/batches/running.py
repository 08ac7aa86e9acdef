"""The run of a batch: chunk by chunk, each a unit of work of its own.

A line's outcome and its certificate, number, seal and place in the log are written together, so a
run that dies at any point leaves every line either untouched or finished; the next run goes on.
Papers are drawn afterwards, from what is stored.
"""

from collections.abc import Sequence
from datetime import date, datetime

from flask_babel import force_locale
from sqlalchemy import func, select

from certificates.batches.models import Batch, BatchLine
from certificates.batches.policy import ISSUE
from certificates.batches.queries import claim_approved
from certificates.batches.remarks import remark, remark_of, typed
from certificates.batches.sources import source_of
from certificates.facts import IssueRequest
from certificates.issuing import Issued, issue_each
from certificates.publicity.opening import Group, Pending, award
from lms.core import audit, clock
from lms.core.access import Actor
from lms.core.db import Json, session
from lms.core.errors import DomainError, Forbidden
from lms.core.tasks import Report
from lms.core.uow import unit_of_work
from lms.people.api import actor_of

RUN = "certificates.batch"
CHUNK = 50
SHEET_TITLE = "职业技能等级认定结果公示"


def run_batch(params: Json, report: Report) -> Json:
    """Run what is left of a batch, as a long task. Roles are read now: who has lost hers since
    she pressed the button issues nothing."""
    actor = actor_of(params["person_id"], clock.now())
    if actor is None:
        raise Forbidden
    with force_locale(params.get("locale") or "zh"):
        return {"lines": run(params["batch_id"], actor, report)}


def run(batch_id: int, actor: Actor, report: Report) -> int:
    """Run chunks until none is left or the batch was stopped; how many lines were decided."""
    total, decided = _counts(batch_id)
    begun = decided
    report(decided, total)
    while True:
        with unit_of_work():
            done = run_chunk(batch_id, actor, clock.now())
        session().expunge_all()
        if done is None:
            return decided - begun
        decided += done
        report(decided, total)


def run_chunk(batch_id: int, actor: Actor, now: datetime) -> int | None:
    """Decide the next lines in the present unit of work; None when there is nothing to do."""
    query = select(Batch).where(Batch.id == batch_id).with_for_update()
    batch = session().scalars(query.execution_options(populate_existing=True)).one()
    ISSUE.ensure(actor, batch)
    if batch.state != "running":
        return None
    lines = (
        session()
        .scalars(
            select(BatchLine)
            .where(BatchLine.batch_id == batch_id, BatchLine.outcome == "ready")
            .order_by(BatchLine.row)
            .limit(CHUNK)
        )
        .all()
    )
    if not lines:
        batch.state, batch.ended_at = "done", now
        session().flush()
        audit.record(actor, "certificate.batch.end", "certificate_batch", batch.id)
        return None
    due = _due(batch, lines, actor, now)
    _publish(batch, [line for line in due if line.publish], actor, now)
    _issue(batch, [line for line in due if not line.publish], actor, now)
    session().flush()
    return len(lines)


def _due(batch: Batch, lines: Sequence[BatchLine], actor: Actor, now: datetime) -> list[BatchLine]:
    """The lines that may still be awarded; the others fail: for oneself, by a list one typed or
    runs, where what the plan rested on has fallen away since, and where nobody else has approved
    that it was public elsewhere."""
    source = source_of(batch.origin)
    standing = source.standing if source is not None else None
    still = standing([line.source for line in lines]) if standing is not None else None
    approved = claim_approved(batch.id) if any(line.claim for line in lines) else None
    due = []
    for line in lines:
        if batch.origin == "sheet" and line.person_id in (batch.created_by, actor.person_id):
            why = remark("oneself")
        elif still is not None and line.source not in still:
            why = remark("ground-gone")
        elif line.claim and not approved:
            why = remark("claim-waits" if approved is None else "claim-refused")
        else:
            due.append(line)
            continue
        line.outcome, line.decided_at = "failed", now
        line.note(why)
    return due


def _issue(batch: Batch, lines: Sequence[BatchLine], actor: Actor, now: datetime) -> None:
    today = clock.local_date(now)
    outcomes = issue_each([_request(batch, line, today) for line in lines], actor, now)
    for line, outcome in zip(lines, outcomes, strict=True):
        line.decided_at = now
        if isinstance(outcome, Issued):
            line.outcome, line.certificate_id = "issued", outcome.certificate_id
            line.note(typed(outcome.number))
        else:
            line.outcome = "failed"
            line.note(remark_of(outcome))


def _publish(batch: Batch, lines: Sequence[BatchLine], actor: Actor, now: datetime) -> None:
    # What a file was called is nobody's business.
    title = SHEET_TITLE if batch.origin == "sheet" else batch.title
    group = Group(f"batch:{batch.ref}", title)
    for line in lines:
        line.decided_at = now
        request = _request(batch, line, clock.local_date(now))
        try:
            with session().begin_nested():
                made = award(request, group, actor, now)
        except DomainError as refusal:
            line.outcome = "failed"
            line.note(remark_of(refusal))
            continue
        if isinstance(made, Pending):
            line.outcome = "public"
            line.note(remark("public-until", day=made.ends_on.isoformat()))
        else:
            line.outcome, line.certificate_id = "issued", made.certificate_id
            line.note(typed(made.number))


def _request(batch: Batch, line: BatchLine, on: date) -> IssueRequest:
    return IssueRequest(
        source=line.source,
        kind=line.kind,
        person_id=line.person_id or 0,
        issuer_id=batch.issuer_id,
        rung=line.rung,
        facts=line.facts,
        issued_on=on,
        valid_to=line.valid_to,
    )


def _counts(batch_id: int) -> tuple[int, int]:
    """Lines that are or were to be issued, and how many of them were decided."""
    query = (
        select(BatchLine.outcome, func.count())
        .where(BatchLine.batch_id == batch_id)
        .group_by(BatchLine.outcome)
    )
    counts = dict(session().execute(query).tuples().all())
    ready = counts.get("ready", 0)
    decided = sum(counts.get(word, 0) for word in ("issued", "public", "failed"))
    return ready + decided, decided


TASK_RUNNERS = {RUN: run_batch}
