"""Who may enter a make-up: by rule, those who failed or missed the part, within its validity."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import select

from exams.entries.models import Entry, ExamEvent
from exams.results.models import Result
from exams.results.queries import sat_at, standing
from exams.results.rules import valid_to
from exams.sittings.models import Attempt
from lms.core import clock
from lms.core.db import session
from lms.core.rules import rule_on


@dataclass(frozen=True, slots=True)
class Sat:
    """What became of one earlier entry: ``missed``, ``failed``, ``passed``, ``expelled``, or
    ``pending`` while its result is not there; ``on`` is the day that exam ended. A pass counts
    to the end of ``valid_to``."""

    outcome: str
    on: date
    valid_to: date | None = None

    def by(self, day: date) -> "Sat":
        """The same as it stands on a day: a pass that has expired by then is no better than a
        failure on the day it expired."""
        if self.outcome == "passed" and self.valid_to is not None and self.valid_to < day:
            return Sat("failed", self.valid_to)
        return self


def refusal(
    sat: Sequence[Sat], who: Collection[str], within_days: int, opens_on: date
) -> str | None:
    """Why somebody may not enter a make-up, as a code; None when she may. Pure."""
    if not sat:
        return "never"
    sat = [one.by(opens_on) for one in sat]
    outcomes = {one.outcome for one in sat}
    for outcome in ("expelled", "passed", "pending"):
        if outcome in outcomes:
            return outcome
    newest = max(sat, key=lambda one: one.on)
    if newest.outcome not in who:
        return newest.outcome
    return "too_late" if (opens_on - newest.on).days > within_days else None


def refused_for_make_up(
    event: ExamEvent, earlier: Sequence[ExamEvent], person_ids: Collection[int]
) -> dict[int, str]:
    """Person id → why she may not enter this make-up, in words; four statements."""
    opens_on = clock.local_date(event.opens_at)
    rule = rule_on("exams.make_up", opens_on).value
    valid_days = int(rule_on("exams.parts", opens_on).value["valid_days"])
    sat = _sat(earlier, person_ids, valid_days)
    words = {
        "never": _("没有报名过原来的考试"),
        "passed": _("这一部分已经合格"),
        "expelled": _("原来的考试被取消资格"),
        "pending": _("原来的考试还没有出成绩"),
        "too_late": _("已经超过补考期限 %(n)s 天", n=rule["within_days"]),
        "missed": _("缺考的人不能补考"),
        "failed": _("没有通过的人不能补考"),
    }
    found = {}
    for person_id in person_ids:
        why = refusal(sat[person_id], rule["who"], int(rule["within_days"]), opens_on)
        if why is not None:
            found[person_id] = words[why]
    return found


def may_make_up(event: ExamEvent, earlier: Sequence[ExamEvent]) -> list[int]:
    """Everybody who may enter a make-up and is not entered yet."""
    ids = [one.id for one in earlier]
    query = select(Entry.person_id).where(Entry.event_id.in_(ids), Entry.withdrawn_at.is_(None))
    mine = select(Entry.person_id).where(Entry.event_id == event.id, Entry.withdrawn_at.is_(None))
    people = sorted(set(session().scalars(query)) - set(session().scalars(mine)))
    refused = refused_for_make_up(event, earlier, people)
    return [person_id for person_id in people if person_id not in refused]


def _sat(
    earlier: Sequence[ExamEvent], person_ids: Collection[int], valid_days: int
) -> dict[int, list[Sat]]:
    ended = {event.id: clock.local_date(event.closes_at) for event in earlier}
    entries = session().execute(
        select(Entry.id, Entry.event_id, Entry.person_id).where(
            Entry.event_id.in_(ended),
            Entry.person_id.in_(person_ids),
            Entry.withdrawn_at.is_(None),
        )
    )
    rows = entries.all()
    outcomes = _outcomes([row.id for row in rows])
    sat: dict[int, list[Sat]] = defaultdict(list)
    for row in rows:
        outcome, passed_on = outcomes.get(row.id, ("missed", None))
        until = valid_to(passed_on, valid_days) if passed_on else None
        sat[row.person_id].append(Sat(outcome, ended[row.event_id], until))
    return sat


def _outcomes(entry_ids: Sequence[int]) -> dict[int, tuple[str, date | None]]:
    """Entry → what became of it, and for a pass the day of the newest."""
    query = (
        select(Attempt.entry_id, Attempt.state, Result.passed, sat_at().label("sat_at"))
        .outerjoin(Result, (Result.attempt_id == Attempt.id) & standing())
        .where(Attempt.entry_id.in_(entry_ids))
        .order_by(Attempt.number)
    )
    found: dict[int, tuple[str, date | None]] = {}
    for row in session().execute(query):
        if row.state == "expelled":
            outcome = "expelled"
        else:
            outcome = {True: "passed", False: "failed", None: "pending"}[row.passed]
        if outcome == "passed":
            found[row.entry_id] = outcome, clock.local_date(row.sat_at)
        elif found.get(row.entry_id, ("", None))[0] != "passed":
            found[row.entry_id] = outcome, None
    return found
