"""Writes to the ledger; callers commit."""

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select

from courses.credits.models import CATEGORIES, CreditEntry
from lms.core import audit
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import Conflict, Invalid, NotFound


def post_hours(
    person_id: int,
    category: str,
    tenths: int,
    year: int,
    source_key: str,
    actor: Actor,
    now: datetime,
    source: str = "",
) -> CreditEntry:
    """Post hours once per ``source_key``; a second call returns the first entry.

    Raises:
        Invalid: unknown category or no hours. Conflict: the key was used for something else.
    """
    if category not in CATEGORIES:
        raise Invalid(_("学时类别只能是专业科目或公需科目。"))
    if tenths <= 0:
        raise Invalid(_("学时必须大于 0。"))
    known = entry_of(source_key)
    if known is None:
        return _append(
            CreditEntry(
                person_id=person_id,
                category=category,
                tenths=tenths,
                year=year,
                source_key=source_key,
                source=source or source_key,
                recorded_at=now,
                recorded_by=actor.person_id,
            )
        )
    if (known.person_id, known.category, known.tenths, known.year) != (
        person_id, category, tenths, year,
    ):  # fmt: skip
        raise Conflict(_("同一来源的学时已经登记，内容不一致。请先冲销原记录。"))
    return known


def reverse(entry_id: int, reason: str, actor: Actor, now: datetime) -> CreditEntry:
    """Take an entry back by a new one; a second call returns the first reversal.

    Raises:
        NotFound: no such entry. Invalid: no reason, or the entry is a reversal itself.
    """
    entry = session().get(CreditEntry, entry_id)
    if entry is None:
        raise NotFound
    if entry.reverses_id is not None:
        raise Invalid(_("冲销记录不能再冲销，请重新登记学时。"))
    if not reason.strip():
        raise Invalid(_("请写明冲销原因。"))
    known = session().scalar(select(CreditEntry).where(CreditEntry.reverses_id == entry_id))
    if known is not None:
        return known
    undone = _append(
        CreditEntry(
            person_id=entry.person_id,
            category=entry.category,
            tenths=-entry.tenths,
            year=entry.year,
            source_key=f"reverse:{entry.id}",
            source=reason.strip()[:200],
            reverses_id=entry.id,
            recorded_at=now,
            recorded_by=actor.person_id,
        )
    )
    audit.record(actor, "credit.reverse", "credit_entry", entry.id, reason=reason.strip())
    return undone


def entry_of(source_key: str) -> CreditEntry | None:
    """The entry a source posted, if it did."""
    return session().scalar(select(CreditEntry).where(CreditEntry.source_key == source_key))


def _append(entry: CreditEntry) -> CreditEntry:
    session().add(entry)
    session().flush()
    return entry
