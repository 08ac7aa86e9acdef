"""From a panel's sheets to a candidate's score. Callers hold the entry locked and commit."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from exams.entries.models import Entry, ExamEvent
from exams.entries.policy import MANAGE
from exams.marking.agreement import STEP, Terms, apart, panel_of, panel_score
from exams.marking.conflicts import barred
from exams.marking.errors import InConflict, NoSuchMark
from exams.marking.models import Mark
from exams.marking.stations.models import Sheet, SheetScore, Station, StationRuling, StationTemplate
from exams.marking.stations.rules import module_marks
from exams.marking.stations.setting import members_of
from exams.marking.terms import terms_of
from exams.papers.queries import pinned_plan
from exams.results.concluding import settle
from exams.results.rules import Marked
from exams.sittings.models import Attempt
from exams.sittings.starting import note
from lms.core import audit
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import Conflict


@dataclass(frozen=True, slots=True)
class Standing:
    """How far one station of one candidate is: ``state`` is judging, apart or done."""

    station: Station
    template: StationTemplate
    panel: tuple[int, ...]
    sheets: dict[int, int]
    tenths: int | None
    state: str


def stations_of(event_id: int) -> list[tuple[Station, StationTemplate]]:
    """The stations of an event with their checklists, in order."""
    rows = session().execute(
        select(Station, StationTemplate)
        .join(StationTemplate, StationTemplate.id == Station.template_id)
        .where(Station.event_id == event_id)
        .order_by(Station.position)
    )
    return [(row[0], row[1]) for row in rows]


def panel_for(station: Station, entry: Entry, event: ExamEvent, terms: Terms) -> tuple[int, ...]:
    """Who judges this candidate at this station: the panel without those in conflict."""
    members = members_of([station.id]).get(station.id, [])
    out = {m for m in members if entry.person_id in barred(m, [entry.person_id], event, terms)}
    return panel_of(members, frozenset(out), terms.panel_least)


def standings_of(entry: Entry, event: ExamEvent, now: datetime) -> list[Standing]:
    """Every station of a candidate. A sheet that is being corrected does not count meanwhile."""
    terms = terms_of(event, now)
    signed: dict[int, dict[int, int]] = {}
    rows = session().execute(
        select(Sheet.station_id, Sheet.examiner_id, SheetScore.tenths)
        .join(SheetScore, SheetScore.sheet_id == Sheet.id)
        .where(Sheet.entry_id == entry.id)
        .order_by(Sheet.number)
    )
    for station_id, examiner_id, tenths in rows:
        signed.setdefault(station_id, {})[examiner_id] = tenths
    being_corrected = select(Sheet.station_id, Sheet.examiner_id).where(
        Sheet.entry_id == entry.id, Sheet.signed_at.is_(None)
    )
    for station_id, examiner_id in session().execute(being_corrected):
        signed.get(station_id, {}).pop(examiner_id, None)
    rulings = dict(
        session()
        .execute(
            select(StationRuling.station_id, StationRuling.tenths).where(
                StationRuling.entry_id == entry.id
            )
        )
        .tuples()
        .all()
    )
    return [
        _standing(station, template, entry, event, terms, signed.get(station.id, {}), rulings)
        for station, template in stations_of(event.id)
    ]


def _standing(
    station: Station,
    template: StationTemplate,
    entry: Entry,
    event: ExamEvent,
    terms: Terms,
    signed: dict[int, int],
    rulings: dict[int, int],
) -> Standing:
    panel = panel_for(station, entry, event, terms)
    sheets = {person: signed[person] for person in panel if person in signed}
    whole = bool(panel) and len(sheets) == len(panel)
    if station.id in rulings:
        return Standing(station, template, panel, sheets, rulings[station.id], "done")
    if not whole:
        return Standing(station, template, panel, sheets, None, "judging")
    given = list(sheets.values())
    if apart(given) > terms.limit(template.tenths):
        return Standing(station, template, panel, sheets, None, "apart")
    return Standing(station, template, panel, sheets, panel_score(given, terms), "done")


def settled(entry_id: int) -> bool:
    """True once the candidate's score stands."""
    query = select(Attempt.id).where(Attempt.entry_id == entry_id, Attempt.paper_id.is_(None))
    return session().scalar(query.limit(1)) is not None


def ruled(station_id: int, entry_id: int) -> bool:
    """True once an adjudicator has given this station's score."""
    query = select(StationRuling.id).where(
        StationRuling.station_id == station_id, StationRuling.entry_id == entry_id
    )
    return session().scalar(query.limit(1)) is not None


def settle_if_complete(entry: Entry, event: ExamEvent, actor: Actor, now: datetime) -> bool:
    """Conclude a candidate's part once every station has its score; True if that was now."""
    standings = standings_of(entry, event, now)
    if settled(entry.id) or not standings or any(s.tenths is None for s in standings):
        return False
    weights = pinned_plan(event.blueprint).value["weights"]
    marks = module_marks(
        weights, [(s.template.module, s.tenths or 0, s.template.tenths) for s in standings]
    )
    if set(marks) != set(weights):
        return False
    attempt = Attempt(
        entry_id=entry.id, number=1, paper_id=None, slots=len(standings), state="handed_in",
        started_at=now, deadline=now, grace_seconds=0, handed_in_at=now, answered=len(standings),
    )  # fmt: skip
    session().add(attempt)
    session().flush()
    note(attempt.id, "scored", actor, now)
    stamp = terms_of(event, now).stamp
    session().execute(
        insert(Mark),
        [
            {
                "attempt_id": attempt.id, "slot_id": None, "item": module, "tenths": tenths,
                "stamp": stamp, "marked_by": actor.person_id, "marked_at": now,
                "key": f"skills:{attempt.id}:{number}",
            }
            for number, (module, tenths) in enumerate(marks.items())
        ],
    )  # fmt: skip
    settle(attempt, [Marked(m, t, int(weights[m]) * 10) for m, t in marks.items()], actor, now)
    return True


def rule(
    entry: Entry, station: Station, tenths: int, reason: str, actor: Actor, now: datetime
) -> None:
    """An adjudicator's score where the sheets lay too far apart.

    Raises:
        Conflict: the sheets do not lie apart. InConflict: she is of the panel, or has a tie.
        NoSuchMark: out of range.
    """
    event = session().get_one(ExamEvent, station.event_id)
    MANAGE.ensure(actor, event)
    session().execute(select(Entry.id).where(Entry.id == entry.id).with_for_update())
    found = next(s for s in standings_of(entry, event, now) if s.station.id == station.id)
    if found.state != "apart":
        raise Conflict
    ties = barred(actor.person_id, [entry.person_id], event, terms_of(event, now))
    if actor.person_id in found.panel or ties:
        raise InConflict
    if not 0 <= tenths <= found.template.tenths or tenths % STEP:
        raise NoSuchMark
    session().add(
        StationRuling(
            station_id=station.id,
            entry_id=entry.id,
            tenths=tenths,
            reason=reason,
            ruled_by=actor.person_id,
            ruled_at=now,
        )
    )
    session().flush()
    audit.record(actor, "exams.station.rule", "exam_station", station.id, tenths=tenths)
    settle_if_complete(entry, event, actor, now)
