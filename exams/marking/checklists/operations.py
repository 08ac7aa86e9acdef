"""Keeping an upload, and letting it into use. Callers commit."""

import secrets
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from exams.marking.checklists import sheet, yaml_text
from exams.marking.checklists.checking import checked
from exams.marking.checklists.models import ChecklistDecision, ChecklistUpload
from exams.marking.checklists.raw import MOST_BYTES, Fault
from exams.marking.errors import SamePerson
from exams.marking.policy import BRING_CHECKLISTS
from exams.marking.stations.library import add_template
from exams.papers.queries import plan_for
from lms.core import audit, clock
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import Conflict
from lms.core.sheets import BadSheet, read_table


def look(data: bytes, filename: str, now: datetime) -> tuple[list[dict[str, Any]], list[Fault]]:
    """The checklists of a file, or its faults in their order; writes nothing.

    Raises:
        Invalid: the file as a whole cannot be read.
    """
    if len(data) > MOST_BYTES:
        raise BadSheet(_("文件太大（上限 2 MB），请分成几份上传。"))
    if filename.lower().endswith((".yaml", ".yml")):
        found = yaml_text.read(data)
    else:
        found = sheet.read(read_table(data, filename))

    def modules(part: str, rung: int) -> list[str]:
        plan = plan_for(rung, part, clock.local_date(now))
        return list(plan.value["weights"]) if plan else []

    lists = checked(found, modules)
    return lists, sorted(found.faults, key=lambda fault: fault.row)


def keep(
    organisation_id: int, title: str, lists: list[dict[str, Any]], actor: Actor, now: datetime
) -> ChecklistUpload:
    """Keep checklists until a second person has looked at them; none is in use yet."""
    upload = ChecklistUpload(
        ref=secrets.token_hex(16),
        organisation_id=organisation_id,
        title=title[-80:],
        content={"lists": lists},
        uploaded_by=actor.person_id,
        uploaded_at=now,
    )
    BRING_CHECKLISTS.ensure(actor, upload)
    session().add(upload)
    session().flush()
    audit.record(
        actor, "exams.checklist.bring", "checklist_upload", upload.id, checklists=len(lists)
    )
    return upload


def decide(upload: ChecklistUpload, approved: bool, note: str, actor: Actor, now: datetime) -> None:
    """A second person's word, once; with a yes the checklists are offered from now on.

    Raises:
        SamePerson: she brought them herself. Conflict: decided already.
    """
    BRING_CHECKLISTS.ensure(actor, upload)
    if actor.person_id == upload.uploaded_by:
        raise SamePerson
    session().execute(
        select(ChecklistUpload.id).where(ChecklistUpload.id == upload.id).with_for_update()
    )
    if session().get(ChecklistDecision, upload.id, populate_existing=True) is not None:
        raise Conflict
    decision = ChecklistDecision(
        upload_id=upload.id,
        approved=approved,
        note=" ".join(note.split())[:400],
        decided_by=actor.person_id,
        decided_at=now,
    )
    session().add(decision)
    for entry in upload.content["lists"] if approved else ():
        add_template(entry, actor, now, upload.organisation_id)
    session().flush()
    word = "approve" if approved else "refuse"
    audit.record(actor, f"exams.checklist.{word}", "checklist_upload", upload.id)
