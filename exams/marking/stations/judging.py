"""An examiner's sheet: opened, tapped, signed, corrected; then the candidate's score. Callers
commit."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select

from exams.entries.models import Entry, ExamEvent
from exams.marking.conflicts import barred, recuse
from exams.marking.errors import InConflict, PanelTooSmall, SheetSigned
from exams.marking.policy import JUDGE
from exams.marking.stations.models import (
    Sheet,
    SheetScore,
    SheetTap,
    Station,
    StationTemplate,
)
from exams.marking.stations.rules import Checklist, Tap, counts_of, score
from exams.marking.stations.scoring import panel_for, ruled, settle_if_complete, settled
from exams.marking.stations.setting import members_of
from exams.marking.terms import terms_of
from lms.core import audit
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import Conflict, Invalid, NotFound

LONGEST_SHEET = 6 * 3600


def open_sheet(station: Station, entry: Entry, actor: Actor, now: datetime) -> Sheet | None:
    """The examiner's own sheet of a candidate, begun if need be; None when she has to stay out,
    which is recorded.

    Raises:
        NotFound: she is not of the panel. PanelTooSmall: too few are left to judge.
    """
    event = session().get_one(ExamEvent, station.event_id)
    JUDGE.ensure(actor, event)
    if actor.person_id not in members_of([station.id]).get(station.id, []):
        raise NotFound(action=JUDGE.name)
    if event.status == "draft" or entry.event_id != event.id or entry.withdrawn_at is not None:
        raise NotFound(action=JUDGE.name)
    terms = terms_of(event, now)
    why = barred(actor.person_id, [entry.person_id], event, terms).get(entry.person_id)
    if why is not None:
        recuse(event, actor.person_id, entry.person_id, why, "", terms, actor, now)
        return None
    session().execute(select(Entry.id).where(Entry.id == entry.id).with_for_update())
    panel = panel_for(station, entry, event, terms)
    if not panel:
        raise PanelTooSmall
    if actor.person_id not in panel:
        raise InConflict(_("这位考生由其他考评员评，您这次不用评。"))
    sheets = _sheets(station.id, entry.id, actor.person_id)
    if sheets:
        return sheets[-1]
    return _begin(station, entry, actor, now, 1, "")


def correct(sheet: Sheet, reason: str, actor: Actor, now: datetime) -> Sheet:
    """Begin a sheet in place of a signed one, with its taps copied.

    Raises:
        Conflict: the score is settled, or somebody ruled on the station. Invalid: no reason.
    """
    own(sheet, actor)
    session().execute(select(Entry.id).where(Entry.id == sheet.entry_id).with_for_update())
    newest = _sheets(sheet.station_id, sheet.entry_id, actor.person_id)[-1]
    if newest.signed_at is None:
        return newest
    if not reason.strip():
        raise Invalid(_("请写明更正的理由。"))
    entry, station = session().get_one(Entry, sheet.entry_id), station_of(sheet)
    if settled(entry.id) or ruled(station.id, entry.id):
        raise Conflict(_("成绩已经登记，要改请走成绩复核。"))
    new = _begin(station, entry, actor, now, newest.number + 1, reason.strip())
    taps = [
        SheetTap(
            sheet_id=new.id,
            op=f"c{number}",
            seq=number,
            item=tap.item,
            count=tap.count,
            note=tap.note,
            tapped_at=now,
        )
        for number, tap in enumerate(taps_of(newest.id), start=1)
    ]
    session().add_all(taps)
    session().flush()
    audit.record(actor, "exams.sheet.correct", "station_sheet", new.id)
    return new


def _begin(
    station: Station, entry: Entry, actor: Actor, now: datetime, number: int, reason: str
) -> Sheet:
    sheet = Sheet(
        ref=secrets.token_hex(16),
        station_id=station.id,
        entry_id=entry.id,
        examiner_id=actor.person_id,
        number=number,
        reason=reason,
        started_at=now,
    )
    session().add(sheet)
    session().flush()
    return sheet


def tap(sheet: Sheet, taps: Sequence[tuple[str, Tap]], actor: Actor, now: datetime) -> list[str]:
    """Store taps (operation id, tap); returns the ids held now. Sent again, each counts once.

    Raises:
        SheetSigned: with a tap that is not stored yet. Invalid: no such item or count.
    """
    own(sheet, actor)
    session().execute(select(Sheet.id).where(Sheet.id == sheet.id).with_for_update())
    known = set(session().scalars(select(SheetTap.op).where(SheetTap.sheet_id == sheet.id)))
    used = set(session().scalars(select(SheetTap.seq).where(SheetTap.sheet_id == sheet.id)))
    checklist = checklist_of(sheet)
    for op, one in taps:
        if op in known:
            continue
        if sheet.signed_at is not None:
            raise SheetSigned
        _check(one, checklist)
        if one.seq in used:
            raise Conflict(_("这张评分表在另一台设备上打开了，请刷新。"))
        session().add(
            SheetTap(
                sheet_id=sheet.id,
                op=op,
                seq=one.seq,
                item=one.item,
                count=one.count,
                note=one.note,
                tapped_at=now,
            )
        )
        known.add(op)
        used.add(one.seq)
    session().flush()
    return [op for op, _tap in taps]


def _check(one: Tap, checklist: Checklist) -> None:
    if one.item >= 0:
        fits = one.item < len(checklist.items) and 0 <= one.count <= checklist.items[one.item].most
    else:
        fits = -one.item <= len(checklist.vetoes) and one.count in (0, 1)
        fits = fits and (one.count == 0 or bool(one.note.strip()))
    if not fits or not 0 < one.seq < 1_000_000:
        raise Invalid


def sign(sheet: Sheet, comment: str, actor: Actor, now: datetime) -> int:
    """Sign a sheet: its score is fixed for good; returns the tenths. Signed again, the same.

    Raises:
        Conflict: the candidate's score was settled without this sheet.
    """
    own(sheet, actor)
    session().execute(select(Entry.id).where(Entry.id == sheet.entry_id).with_for_update())
    signed = session().get(SheetScore, sheet.id, populate_existing=True)
    if signed is not None:
        return signed.tenths
    if settled(sheet.entry_id):
        raise Conflict(_("成绩已经登记，要改请走成绩复核。"))
    event = session().get_one(ExamEvent, station_of(sheet).event_id)
    counts, veto = counts_of(taps_of(sheet.id))
    tenths = score(checklist_of(sheet), counts, veto)
    session().add(
        SheetScore(
            sheet_id=sheet.id,
            tenths=tenths,
            counts={str(item): count for item, count in counts.items()},
            veto=veto,
            seconds=min(LONGEST_SHEET, int((now - sheet.started_at).total_seconds())),
            comment=comment,
            stamp=terms_of(event, now).stamp,
            signed_by=actor.person_id,
            signed_at=now,
        )
    )
    sheet.signed_at = now
    session().flush()
    audit.record(actor, "exams.sheet.sign", "station_sheet", sheet.id, tenths=tenths)
    settle_if_complete(session().get_one(Entry, sheet.entry_id), event, actor, now)
    return tenths


def own(sheet: Sheet, actor: Actor) -> None:
    """Raises NotFound for somebody else's sheet."""
    if sheet.examiner_id != actor.person_id:
        raise NotFound(action=JUDGE.name)


def station_of(sheet: Sheet) -> Station:
    """The station of a sheet."""
    return session().get_one(Station, sheet.station_id)


def checklist_of(sheet: Sheet) -> Checklist:
    """The pinned checklist of a sheet."""
    template = session().get_one(StationTemplate, station_of(sheet).template_id)
    return Checklist.of(template.body, template.tenths)


def taps_of(sheet_id: int) -> list[Tap]:
    """The taps of a sheet, in order."""
    query = select(SheetTap).where(SheetTap.sheet_id == sheet_id).order_by(SheetTap.seq)
    return [Tap(t.seq, t.item, t.count, t.note) for t in session().scalars(query)]


def _sheets(station_id: int, entry_id: int, examiner_id: int) -> list[Sheet]:
    query = select(Sheet).where(
        Sheet.station_id == station_id,
        Sheet.entry_id == entry_id,
        Sheet.examiner_id == examiner_id,
    )
    return list(session().scalars(query.order_by(Sheet.number)))
