"""Marks given by people: the skills test by checklist. Callers commit."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import insert, select

from exams.entries.errors import EventNotOpen
from exams.entries.models import Entry, ExamEvent, Part
from exams.entries.policy import MARK
from exams.marking.models import Mark
from exams.marking.stations.models import PaperSheet
from exams.marking.stations.setting import has_sheets
from exams.marking.terms import terms_of
from exams.papers.queries import pinned_plan
from exams.results.concluding import settle
from exams.results.models import Result
from exams.results.rules import Marked
from exams.sittings.models import Attempt
from exams.sittings.starting import note
from lms.core import audit
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import Conflict, Invalid

STEP = 5  # half a mark: the unit of deduction


def checklist(stamp: str) -> dict[str, int]:
    """Module → most tenths, from the pinned plan of a skills event."""
    return {str(m): int(w) * 10 for m, w in pinned_plan(stamp).value["weights"].items()}


def record_skills(
    entry: Entry,
    tenths_by_module: Mapping[str, int],
    actor: Actor,
    now: datetime,
    panel: Sequence[str],
) -> Result:
    """Write down a candidate's score from paper sheets and conclude that part. ``panel`` names
    who signed them.

    Raises:
        Invalid: a module is missing or out of range, or the panel is even or too small.
        Conflict: she has a score already, or somebody has begun a sheet at a station.
        EventNotOpen: no skills event, or not published.
    """
    event = entry.event
    MARK.ensure(actor, event)
    if event.part == Part.THEORY or event.status == "draft":
        raise EventNotOpen
    if entry.person_id == actor.person_id:
        raise Invalid(_("不能给自己评分。"))
    most = checklist(event.blueprint)
    _check(tenths_by_module, most)
    _check_panel(panel, event, now)
    session().execute(select(Entry.id).where(Entry.id == entry.id).with_for_update())
    if session().scalar(select(Attempt.id).where(Attempt.entry_id == entry.id).limit(1)):
        raise Conflict(_("这位考生已经有成绩，不能重复登记。"))
    if has_sheets(event.id, entry.id):
        raise Conflict(_("这位考生已经在考站评分，不能再按纸质评分表录入。"))
    attempt = Attempt(
        entry_id=entry.id,
        number=1,
        paper_id=None,
        slots=len(most),
        state="handed_in",
        started_at=now,
        deadline=now,
        grace_seconds=0,
        handed_in_at=now,
        answered=len(most),
    )
    session().add(attempt)
    session().flush()
    note(attempt.id, "scored", actor, now)
    _append(attempt.id, tenths_by_module, event.blueprint, actor, now)
    names = {"names": list(panel)}
    session().add(
        PaperSheet(attempt_id=attempt.id, panel=names, typed_by=actor.person_id, typed_at=now)
    )
    audit.record(actor, "exams.skills.mark", "exam_entry", entry.id)
    marks = [Marked(module, tenths_by_module[module], cap) for module, cap in most.items()]
    return settle(attempt, marks, actor, now)


def names_in(text: str) -> list[str]:
    """The names in a list as people type it."""
    return [name for name in re.split(r"[、，,;；\s]+", text) if name]


def _check_panel(panel: Sequence[str], event: ExamEvent, now: datetime) -> None:
    least = terms_of(event, now).panel_least
    if len(set(panel)) != len(panel) or len(panel) < least or len(panel) % 2 == 0:
        raise Invalid(_("考评员应是单数，并且不少于 %(n)s 人。", n=least))


def _check(given: Mapping[str, int], most: Mapping[str, int]) -> None:
    for module, cap in most.items():
        tenths = given.get(module)
        if tenths is None or not 0 <= tenths <= cap or tenths % STEP:
            raise Invalid(
                _(
                    "“%(module)s”的得分应在 0 到 %(cap)s 之间，最小单位 0.5 分。",
                    module=module,
                    cap=cap // 10,
                )
            )


def _append(
    attempt_id: int, given: Mapping[str, int], stamp: str, actor: Actor, now: datetime
) -> None:
    session().execute(
        insert(Mark),
        [
            {
                "attempt_id": attempt_id,
                "slot_id": None,
                "item": module,
                "tenths": tenths,
                "stamp": stamp,
                "marked_by": actor.person_id,
                "marked_at": now,
                "key": f"skills:{attempt_id}:{number}",
            }
            for number, (module, tenths) in enumerate(given.items())
        ],
    )
