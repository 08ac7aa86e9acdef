"""Revoking as a long task; what a killed process left is finished by the next run."""

import logging
from collections.abc import Callable

from sqlalchemy import exists, select

from certificates.policy import APPROVE_MANY
from certificates.revoking.models import (
    MassRevocation,
    MassRevocationDecision,
    MassRevocationDone,
    MassRevocationItem,
)
from certificates.revoking.operations import revoke_some
from certificates.revoking.queries import progress_of
from lms.core import clock
from lms.core.db import Json, session
from lms.core.errors import Forbidden
from lms.core.tasks import Report, Runner
from lms.core.uow import unit_of_work
from lms.people.api import actor_of

log = logging.getLogger(__name__)
REVOKE_MANY = "certificates.revoke_many"


def run(params: Json, report: Report) -> Json:
    """Revoke everything that an approved proposal names, a few at a time."""
    row = session().get_one(MassRevocation, params["revocation_id"])
    finish(row, report)
    return {"ref": row.ref}


def finish(row: MassRevocation, report: Report | None = None) -> None:
    """Revoke what is left of an approved proposal, in the name of who approved it.

    Raises:
        Forbidden: it was not approved, or who did so may not any more.
    """
    decision = session().get(MassRevocationDecision, row.id)
    if decision is None or not decision.approved:
        raise Forbidden
    actor = actor_of(decision.decided_by, clock.now())
    if actor is None or not APPROVE_MANY.may(actor, row):
        raise Forbidden
    while True:
        with unit_of_work():
            looked_at = revoke_some(row, actor, clock.now())
        if not looked_at:
            return
        if report:
            done = progress_of(row.id)
            report(done.revoked + done.skipped, done.total)


def finish_left() -> None:
    """Finish every approved proposal that a dead process left half done."""
    undone = exists().where(
        MassRevocationItem.revocation_id == MassRevocationDecision.revocation_id,
        ~exists().where(
            MassRevocationDone.revocation_id == MassRevocationItem.revocation_id,
            MassRevocationDone.certificate_id == MassRevocationItem.certificate_id,
        ),
    )
    query = select(MassRevocationDecision.revocation_id).where(
        MassRevocationDecision.approved.is_(True), undone
    )
    for revocation_id in list(session().scalars(query)):
        try:
            finish(session().get_one(MassRevocation, revocation_id))
        except Forbidden:
            log.warning("mass revocation %s waits: its approver lost the role", revocation_id)


JOBS: list[tuple[str, dict[str, int], Callable[[], None]]] = [
    ("certificates.revoke_many.unfinished", {"minute": 11, "second": 20}, finish_left)
]
TASK_RUNNERS: dict[str, Runner] = {REVOKE_MANY: run}
