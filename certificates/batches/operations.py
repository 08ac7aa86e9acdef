"""Keeping a plan, starting, stopping. Callers commit."""

import secrets
from dataclasses import asdict
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import insert, select, update

from certificates.batches.models import Batch, BatchClaim, BatchLine
from certificates.batches.planning import Plan
from certificates.batches.policy import APPROVE_CLAIMS, ISSUE
from certificates.batches.queries import claim_of
from certificates.batches.running import RUN
from certificates.errors import ReasonNeeded, SecondPersonNeeded
from certificates.rules import SHORTEST_REASON
from lms.core import audit, tasks
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import Conflict, NotFound
from lms.people.api import organisation_facts

_STORED = 2000


def keep_plan(
    issuer_id: int, origin: str, title: str, plan: Plan, actor: Actor, now: datetime
) -> Batch:
    """Keep a plan so that it can be read, and run by whoever issues there.

    Raises:
        NotFound: no such issuer, or she does not issue there.
    """
    issuer = organisation_facts(issuer_id)
    if issuer is None:
        raise NotFound
    batch = Batch(
        ref=secrets.token_hex(16),
        issuer_id=issuer_id,
        issuer_region=issuer.region,
        origin=origin,
        title=title[:160],
        created_by=actor.person_id,
        created_at=now,
        state="planned",
    )
    ISSUE.ensure(actor, batch)
    session().add(batch)
    session().flush()
    rows = [asdict(line) | {"batch_id": batch.id} for line in plan.lines]
    for start in range(0, len(rows), _STORED):
        session().execute(insert(BatchLine), rows[start : start + _STORED])
    audit.record(actor, "certificate.batch.plan", "certificate_batch", batch.id, lines=len(rows))
    return batch


def begin(
    batch_id: int, actor: Actor, now: datetime, locale: str = "zh", *, queue: bool = True
) -> Batch:
    """Queue the run of a planned batch, or of the rest of one that was stopped or interrupted;
    lines that failed are tried again. Without ``queue`` the caller runs it herself.

    Raises:
        Conflict: it runs already, or nothing of it is left to do.
    """
    batch = _locked(batch_id)
    ISSUE.ensure(actor, batch)
    if batch.state == "running" and not is_interrupted(batch):
        raise Conflict
    session().execute(
        update(BatchLine)
        .where(BatchLine.batch_id == batch.id, BatchLine.outcome == "failed")
        .values(outcome="ready", code="", params={}, text="", decided_at=None)
    )
    left = select(BatchLine.id).where(BatchLine.batch_id == batch.id, BatchLine.outcome == "ready")
    if session().scalar(left.limit(1)) is None:
        raise Conflict
    if batch.begun_at is None:
        batch.begun_by, batch.begun_at = actor.person_id, now
    params = {"batch_id": batch.id, "person_id": actor.person_id, "locale": locale}
    batch.state, batch.ended_at = "running", None
    batch.task = tasks.start(RUN, params, actor).ref if queue else ""
    session().flush()
    audit.record(actor, "certificate.batch.run", "certificate_batch", batch.id)
    return batch


def decide_claims(
    batch_id: int, approved: bool, note: str, actor: Actor, now: datetime
) -> BatchClaim:
    """A second person's word on what is said to have been public elsewhere.

    Raises:
        Conflict: nothing is claimed, or it is decided. SecondPersonNeeded: she made the batch or
        began it, or it names her. ReasonNeeded: she does not say what she checked.
    """
    batch = _locked(batch_id)
    APPROVE_CLAIMS.ensure(actor, batch)
    claimed = select(BatchLine.id).where(BatchLine.batch_id == batch.id, BatchLine.claim != "")
    if session().scalar(claimed.limit(1)) is None or claim_of(batch.id) is not None:
        raise Conflict
    hers = session().scalar(claimed.where(BatchLine.person_id == actor.person_id).limit(1))
    if actor.person_id in (batch.created_by, batch.begun_by) or hers is not None:
        raise SecondPersonNeeded(_("上传或开始发证的人、名单里的人不能核准，请另一位同事来办。"))
    note = " ".join(note.split())
    if len(note) < SHORTEST_REASON:
        raise ReasonNeeded(_("请写明核对了什么，至少 4 个字。"))
    row = BatchClaim(
        batch_id=batch.id, approved=approved, note=note[:300], decided_by=actor.person_id,
        decided_at=now,
    )  # fmt: skip
    session().add(row)
    session().flush()
    how = "approve" if approved else "refuse"
    audit.record(
        actor, f"certificate.batch.claims.{how}", "certificate_batch", batch.id, note=note[:300]
    )
    return row


def stop(batch_id: int, actor: Actor) -> Batch:
    """Let a running batch end after its present chunk. Raises Conflict when it does not run."""
    batch = _locked(batch_id)
    ISSUE.ensure(actor, batch)
    if batch.state != "running":
        raise Conflict
    batch.state = "stopped"
    session().flush()
    audit.record(actor, "certificate.batch.stop", "certificate_batch", batch.id)
    return batch


def is_interrupted(batch: Batch) -> bool:
    """True if its task ended without the batch having come to its end."""
    task = tasks.with_ref(batch.task) if batch.task else None
    return batch.state == "running" and (task is None or task.state in {"failed", "done"})


def _locked(batch_id: int) -> Batch:
    query = select(Batch).where(Batch.id == batch_id).with_for_update()
    batch = session().scalar(query.execution_options(populate_existing=True))
    if batch is None:
        raise NotFound
    return batch
