"""Taking approved checklists out of use: proposed by one, decided by another. Callers commit.

Nothing is deleted: the upload, its checklists and every sheet that was marked with them stay; the
checklists are only offered no more.
"""

from datetime import datetime

from sqlalchemy import select

from exams.marking.checklists.models import (
    ChecklistDecision,
    ChecklistUpload,
    ChecklistWithdrawal,
    WithdrawalDecision,
)
from exams.marking.errors import SamePerson
from exams.marking.policy import BRING_CHECKLISTS
from exams.marking.stations.library import retire_template
from lms.core import audit
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import Conflict

LONGEST = 400


def newest_withdrawal(
    upload_id: int,
) -> tuple[ChecklistWithdrawal, WithdrawalDecision | None] | None:
    """The newest proposal for an upload, with the word on it; one statement."""
    query = (
        select(ChecklistWithdrawal, WithdrawalDecision)
        .outerjoin(WithdrawalDecision, WithdrawalDecision.withdrawal_id == ChecklistWithdrawal.id)
        .where(ChecklistWithdrawal.upload_id == upload_id)
        .order_by(ChecklistWithdrawal.id.desc())
        .limit(1)
    )
    found = session().execute(query).first()
    return None if found is None else (found[0], found[1])


def propose(upload: ChecklistUpload, reason: str, actor: Actor, now: datetime) -> None:
    """Ask that the checklists of an approved upload be offered no more.

    Raises:
        Conflict: it was never approved, or is withdrawn or about to be.
    """
    BRING_CHECKLISTS.ensure(actor, upload)
    _hold(upload)
    decision = session().get(ChecklistDecision, upload.id, populate_existing=True)
    last = newest_withdrawal(upload.id)
    waits = last is not None and (last[1] is None or last[1].approved)
    if decision is None or not decision.approved or waits:
        raise Conflict
    row = ChecklistWithdrawal(
        upload_id=upload.id, reason=reason[:LONGEST], proposed_by=actor.person_id, proposed_at=now
    )
    session().add(row)
    session().flush()
    audit.record(
        actor, "exams.checklist.withdraw.propose", "checklist_upload", upload.id, reason=reason
    )


def settle(upload: ChecklistUpload, approved: bool, note: str, actor: Actor, now: datetime) -> None:
    """The second person's word, once; with a yes the checklists are offered no more.

    Raises:
        SamePerson: she proposed it herself. Conflict: nothing waits for a word.
    """
    BRING_CHECKLISTS.ensure(actor, upload)
    _hold(upload)
    last = newest_withdrawal(upload.id)
    if last is None or last[1] is not None:
        raise Conflict
    if last[0].proposed_by == actor.person_id:
        raise SamePerson
    session().add(
        WithdrawalDecision(
            withdrawal_id=last[0].id,
            approved=approved,
            note=" ".join(note.split())[:LONGEST],
            decided_by=actor.person_id,
            decided_at=now,
        )
    )
    session().flush()
    for entry in upload.content["lists"] if approved else ():
        retire_template(entry, actor, now, upload.organisation_id)
    word = "withdraw" if approved else "withdraw.refuse"
    audit.record(actor, f"exams.checklist.{word}", "checklist_upload", upload.id)


def _hold(upload: ChecklistUpload) -> None:
    """Acts on one upload wait for each other."""
    session().execute(
        select(ChecklistUpload.id).where(ChecklistUpload.id == upload.id).with_for_update()
    )
