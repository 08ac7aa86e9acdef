"""After publicity: issue to those nobody stopped, exactly once each. Callers commit."""

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import exists, select

from certificates.facts import IssueRequest
from certificates.issuing import Issued, issue
from certificates.publicity.models import (
    Objection,
    ObjectionDecision,
    PublicityEntry,
    PublicityList,
)
from certificates.publicity.objecting import open_objections
from certificates.publicity.opening import last_public_day
from certificates.queries import rung_held
from lms.core import audit, clock
from lms.core.access import SYSTEM
from lms.core.db import session
from lms.core.errors import DomainError

MOST = 500


def due(now: datetime, after: int = 0) -> list[int]:
    """Ids of entries behind ``after`` whose period is over and whose objections are decided."""
    decided = exists().where(ObjectionDecision.objection_id == Objection.id)
    stopped = exists().where(Objection.entry_id == PublicityEntry.id, ~decided)
    query = (
        select(PublicityEntry.id)
        .join(PublicityList, PublicityList.id == PublicityEntry.list_id)
        .where(
            PublicityEntry.state == "public",
            PublicityEntry.id > after,
            PublicityList.ends_on < clock.local_date(now),
            ~stopped,
        )
        .order_by(PublicityEntry.id)
        .limit(MOST)
    )
    return list(session().scalars(query))


def conclude(entry_id: int, now: datetime) -> Issued | None:
    """Issue what an entry promises; None while it may not be, or was, settled. A refusal of the
    register is noted and tried again the next time."""
    query = select(PublicityEntry).where(PublicityEntry.id == entry_id).with_for_update()
    entry = session().scalars(query.execution_options(populate_existing=True)).one()
    public = session().get_one(PublicityList, entry.list_id)
    today = clock.local_date(now)
    # The calendar may have been completed since the list was opened.
    ends_on = max(public.ends_on, last_public_day(public.opened_on, public.days))
    if entry.state != "public" or today <= ends_on or open_objections(entry.id):
        return None
    if entry.rung is not None and (rung_held(entry.person_id, today) or 0) >= entry.rung:
        note = _("已持有同级或更高等级的证书")
        entry.state, entry.note, entry.settled_at = "withdrawn", note, now
        return None
    request = IssueRequest(
        source=entry.source,
        kind=entry.kind,
        person_id=entry.person_id,
        issuer_id=public.issuer_id,
        rung=entry.rung,
        facts=entry.facts
        | {
            "publicity_from": public.opened_on.isoformat(),
            "publicity_to": ends_on.isoformat(),
        },
        issued_on=today,
        valid_to=entry.valid_to,
    )
    try:
        with session().begin_nested():
            issued = issue(request, SYSTEM, now)
    except DomainError as refusal:
        if entry.note != str(refusal)[:200]:
            entry.note = str(refusal)[:200]
            audit.record(
                SYSTEM, "certificate.publicity.refused", "publicity_entry", entry.id,
                code=type(refusal).code,
            )  # fmt: skip
        return None
    entry.state, entry.certificate_id, entry.settled_at = "issued", issued.certificate_id, now
    entry.note = ""
    session().flush()
    return issued
