"""Reads of uploaded checklists."""

from dataclasses import dataclass

from sqlalchemy import select

from exams.marking.checklists.models import ChecklistDecision, ChecklistUpload
from lms.core.access import Actor, Role
from lms.core.db import session

_NEWEST = 100


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload with the second person's word, None while it waits."""

    row: ChecklistUpload
    decision: ChecklistDecision | None


def uploads_for(actor: Actor) -> list[Upload]:
    """The newest uploads of the actor's evaluators; one statement."""
    query = (
        select(ChecklistUpload, ChecklistDecision)
        .outerjoin(ChecklistDecision, ChecklistDecision.upload_id == ChecklistUpload.id)
        .where(ChecklistUpload.organisation_id.in_(sorted(actor.organisations(Role.EXAMINER))))
        .order_by(ChecklistUpload.id.desc())
        .limit(_NEWEST)
    )
    return [Upload(row, decision) for row, decision in session().execute(query).tuples()]


def upload_with(ref: str) -> Upload | None:
    """The upload with this reference."""
    row = session().scalar(select(ChecklistUpload).where(ChecklistUpload.ref == ref))
    return None if row is None else Upload(row, session().get(ChecklistDecision, row.id))
