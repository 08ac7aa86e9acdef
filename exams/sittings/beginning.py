"""Starting by the express lane: many entries looked at and their sittings opened together.

It takes the usual start: a living session of a learner without other roles, her own entry, an
event that begins now, no sitting before, let in, and a paper that was made beforehand; or the
sitting that is open already. All else gets None and goes the ordinary way, which judges anew and
names the reason. The rules are the same functions.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from exams.entries.admission import digits_of, is_admitted
from exams.entries.errors import EventNotOpen
from exams.entries.models import Admission
from exams.papers.models import PaperMode
from exams.sittings import rules
from exams.sittings.beginning_statements import INVIGILATION, ROOM, Statements, statements_for
from exams.sittings.starting import ensure_begins
from lms.core import clock
from lms.core.quick import cursor_of
from lms.people import api as people

#: room, six digits, the rule of invigilation and the moment → is this the code of the room?
IsRight = Callable[[int, str, Mapping[str, Any], datetime], bool]


@dataclass(frozen=True, slots=True)
class Start:
    """One press of the button that starts, as it came; ``code`` is what was typed, if asked for."""

    session_hash: str
    entry_id: int
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Started:
    """Who started, and her sitting."""

    person_id: int
    attempt_id: int


@dataclass(frozen=True, slots=True)
class _Pinned:
    """The paper that a sitting gets."""

    id: int
    size: int


class Beginning:
    """Opens sittings; ``is_right`` knows the codes of rooms."""

    def __init__(self, is_right: IsRight) -> None:
        self._is_right = is_right
        #: entry → when a wrong code came: the next ones are judged and counted one at a time, by
        #: the ordinary way, so that the count of tries cannot be outrun here
        self._wrong: dict[int, datetime] = {}

    def __call__(self, connection: Connection, items: Sequence[Start]) -> Sequence[Started | None]:
        """Open what can be opened at once; one outcome for each, None for the ordinary way."""
        now, cursor = clock.now(), cursor_of(connection)
        statements = statements_for(connection.dialect)
        in_force = statements.rules_on(cursor, clock.local_date(now))
        if len(in_force) < 2:
            return [None] * len(items)
        since = now - timedelta(seconds=int(in_force[INVIGILATION]["code_wait_seconds"]))
        found = statements.find(cursor, {(i.session_hash, i.entry_id) for i in items}, now, since)
        rows = {(row.token_hash, row.entry_id): row for row in found}
        opening: dict[int, tuple[Start, Any, _Pinned]] = {}
        open_ones: dict[int, int] = {}
        for item in items:
            row = rows.get((item.session_hash, item.entry_id))
            if row is None or row.entry_id in opening:
                continue
            if row.open_id is not None and item.code is None:
                open_ones[row.entry_id] = row.open_id
            elif self._may_begin(item, row, in_force[INVIGILATION], since, now):
                paper = _paper_of(statements, cursor, row)
                if paper is not None:
                    opening[row.entry_id] = (item, row, paper)
        made = _open(statements, cursor, opening.values(), int(in_force[ROOM]["most_steps"]), now)
        people.note_seen(connection, {row.session_id: row.seen_at for row in found}, now)
        return [_outcome(item, rows, opening, made, open_ones) for item in items]

    def _may_begin(
        self, item: Start, row: Any, rule: Mapping[str, Any], since: datetime, now: datetime
    ) -> bool:
        """True for a first sitting that begins now."""
        if row.sittings:
            return False
        try:
            ensure_begins(row, now)
        except EventNotOpen:
            return False
        if item.code is None or row.admission != Admission.CODE:
            return is_admitted(row.admission, row.admitted_at, None)
        digits = digits_of(item.code)
        if digits is None or row.room_id is None or row.tries >= int(rule["code_tries"]):
            return False
        if self._wrong.get(row.entry_id, since) > since:
            return False
        right = self._is_right(row.room_id, digits, rule, now)
        if not right:
            self._wrong = {entry: at for entry, at in self._wrong.items() if at > since}
            self._wrong[row.entry_id] = now
        return right


def _outcome(
    item: Start, rows: Mapping[Any, Any], opening: Mapping[int, Any], made: Mapping[int, int],
    open_ones: Mapping[int, int],
) -> Started | None:  # fmt: skip
    row = rows.get((item.session_hash, item.entry_id))
    if row is None:
        return None
    if row.entry_id in made and opening[row.entry_id][0] is item:
        return Started(row.person_id, made[row.entry_id])
    known = open_ones.get(row.entry_id) if item.code is None else None
    return None if known is None else Started(row.person_id, known)


def _paper_of(statements: Statements, cursor: Any, row: Any) -> _Pinned | None:
    """Her own paper, or the form of her place; None where one has to be made or looked for."""
    if row.paper_id is not None:
        return _Pinned(row.paper_id, row.size)
    plain = row.practice or row.make_up_of is None
    if row.paper_mode == PaperMode.OWN or not plain:
        return None
    forms = statements.forms.rows(cursor, {"event": row.event_id})
    if not forms:
        return None
    place = 0
    if len(forms) > 1:
        place = row.seat - 1 if row.seat is not None else statements.place(cursor, row)
    form = forms[place % len(forms)]
    return _Pinned(form.id, form.size)


def _open(
    statements: Statements, cursor: Any, opening: Any, most_steps: int, now: datetime
) -> dict[int, int]:
    """Write the sittings down; returns entry → sitting."""
    opening = list(opening)
    rows = [_attempt(row, paper, most_steps, now) for _item, row, paper in opening]
    made = statements.attempts.ids(cursor, rows, "entry_id")
    notes = [
        {
            "attempt_id": made[row.entry_id], "kind": "started", "at": now, "by": row.person_id,
            "details": {}, "op": None,
        }
        for _item, row, _paper in opening
    ]  # fmt: skip
    statements.notes.run(cursor, notes)
    for item, row, _paper in opening:
        if item.code is not None and row.admission == Admission.CODE:
            statements.admit.run(cursor, {"entry": row.entry_id, "now": now})
    return made


def _attempt(row: Any, paper: _Pinned, most_steps: int, now: datetime) -> dict[str, Any]:
    return {
        "entry_id": row.entry_id,
        "number": 1,
        "paper_id": paper.id,
        "slots": paper.size,
        "state": "open",
        "started_at": now,
        "deadline": rules.deadline(now, row.minutes, row.extra_minutes, row.closes_at),
        "grace_seconds": row.grace_seconds,
        "device_hash": "",
        "epoch": 0,
        "answers_digest": "",
        "answered": 0,
        "left_count": 0,
        "released_hash": "",
        "most_steps": most_steps,
    }
