"""Whether the rooms of an event are ready: seats for everybody and enough invigilators."""

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import Select, func, select

from exams.entries.admission import invigilation_rule
from exams.entries.models import Admission, Entry, ExamEvent, ExamRoom, RoomInvigilator
from exams.entries.seating import invigilators_needed
from lms.core.db import session


def gaps(event: ExamEvent, now: datetime) -> list[str]:
    """What the rooms lack, in words; empty when they are ready. Three statements."""
    rows = session().execute(_rooms(event.id)).all()
    if not rows:
        if event.admission == Admission.CODE:
            return [_("用验证码进场要先安排考场，验证码按考场生成。")]
        return []
    rule = invigilation_rule(now).value
    each, least = int(rule["candidates_per_invigilator"]), int(rule["least_per_room"])
    found = [
        _(
            "“%(room)s”有 %(n)s 名考生，要 %(needed)s 名监考员，现在有 %(have)s 名。",
            room=row.name, n=row.seated, needed=needed, have=row.watching,
        )
        for row in rows
        if (needed := invigilators_needed(row.seated, each, least)) > row.watching
    ]  # fmt: skip
    standing = select(func.count(Entry.id)).where(
        Entry.event_id == event.id, Entry.withdrawn_at.is_(None), Entry.room_id.is_(None)
    )
    if left := session().scalar(standing):
        found.append(_("还有 %(n)s 名考生没有座位，请增加考场。", n=left))
    return found


def refuses(now: datetime) -> bool:
    """True if the rule forbids publishing with gaps; otherwise they are only pointed out."""
    return bool(invigilation_rule(now).value["when_short"] == "refuse")


def _rooms(event_id: int) -> Select[tuple[int, str, int, int]]:
    seated = (
        select(func.count(Entry.id))
        .where(Entry.room_id == ExamRoom.id, Entry.withdrawn_at.is_(None))
        .scalar_subquery()
    )
    watching = (
        select(func.count(RoomInvigilator.id))
        .where(RoomInvigilator.room_id == ExamRoom.id, RoomInvigilator.removed_at.is_(None))
        .scalar_subquery()
    )
    return (
        select(ExamRoom.id, ExamRoom.name, seated.label("seated"), watching.label("watching"))
        .where(ExamRoom.event_id == event_id)
        .order_by(ExamRoom.id)
    )
