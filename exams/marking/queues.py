"""What markers see: queues by question, one answer, progress. Nothing here names a candidate."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select

from exams.bank.queries import Face, faces_of, keys_of
from exams.entries.models import ExamEvent
from exams.marking.claiming import THIRD, Asked
from exams.marking.models import Claim, Opinion, Script
from exams.marking.policy import events_of
from exams.marking.rubrics import Point, points_of
from exams.papers.models import Slot
from exams.sittings.models import Attempt
from exams.sittings.queries import folded
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import NotFound


@dataclass(frozen=True, slots=True)
class Queue:
    """All answers to one question of an event; ``mine`` are those this marker has judged."""

    asked: Asked
    title: str
    stem: str
    kind: str
    most: int
    total: int
    done: int
    third: int
    mine: int
    markers: int

    @property
    def number(self) -> int:
        """The case's part from 1 in addresses, 0 for a question of its own."""
        return self.asked.part + 1

    @property
    def left(self) -> int:
        """How many this marker may still find, at most."""
        return max(0, self.total - self.done - self.third - self.mine)


@dataclass(frozen=True, slots=True)
class Earlier:
    """What somebody else gave, for the adjudicator: no name."""

    place: int
    tenths: int
    points: Sequence[int]
    comment: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as its marker sees it."""

    ref: str
    queue: Queue
    face: Face
    text: str
    reference: str
    points: list[Point]
    place: int
    until: datetime
    earlier: list[Earlier]


def queues_for(actor: Actor, event_id: int | None = None) -> list[Queue]:
    """Questions with answers for people to mark, in this marker's events, unfinished ones first;
    three statements."""
    return _queues(actor, [events_of(actor), *_event(event_id)])


def _event(event_id: int | None) -> list[Any]:
    return [] if event_id is None else [Script.event_id == event_id]


def queue_of(asked: Asked, actor: Actor) -> Queue:
    """One queue. Raises NotFound outside the actor's events."""
    found = _queues(
        actor,
        [
            events_of(actor),
            Script.event_id == asked.event_id,
            Script.question_version_id == asked.version_id,
            Script.part == asked.part,
        ],
    )
    if not found:
        raise NotFound
    return found[0]


def _queues(actor: Actor, where: list[Any]) -> list[Queue]:
    place = (Script.event_id, Script.question_version_id, Script.part)
    rows = (
        session()
        .execute(
            select(
                *place,
                ExamEvent.title,
                ExamEvent.markers,
                func.max(Script.most).label("most"),
                func.count(Script.id).label("total"),
                func.sum(case((Script.state == "done", 1), else_=0)).label("done"),
                func.sum(case((Script.state == "adjudicating", 1), else_=0)).label("third"),
            )
            .join(ExamEvent, ExamEvent.id == Script.event_id)
            .join(Attempt, Attempt.id == Script.attempt_id)
            .where(*where, Attempt.state != "expelled")
            .group_by(*place, ExamEvent.title, ExamEvent.markers)
            .order_by(Script.event_id.desc(), Script.question_version_id, Script.part)
        )
        .all()
    )
    mine = _mine(actor, place)
    faces = faces_of((row.question_version_id, _part(row.part)) for row in rows)
    found = []
    for row in rows:
        face = faces[(row.question_version_id, _part(row.part))]
        asked = Asked(row.event_id, row.question_version_id, row.part)
        given = mine.get((row.event_id, row.question_version_id, row.part), 0)
        found.append(
            Queue(asked, row.title, face.stem, face.kind, row.most, row.total, int(row.done),
                  int(row.third), given, row.markers)
        )  # fmt: skip
    return sorted(found, key=lambda queue: queue.done == queue.total)


def _part(part: int) -> int | None:
    return None if part < 0 else part


def _mine(actor: Actor, place: Any) -> dict[tuple[int, int, int], int]:
    """Unfinished scripts she has judged, by question."""
    rows = session().execute(
        select(*place, func.count(Opinion.id))
        .join(Opinion, Opinion.script_id == Script.id)
        .where(Opinion.marker_id == actor.person_id, Script.state == "marking")
        .group_by(*place)
    )
    return {(row[0], row[1], row[2]): row[3] for row in rows}


def answer_for(ref: str, actor: Actor) -> Answer:
    """The answer the actor holds. Raises NotFound when she does not hold it."""
    row = (
        session()
        .execute(
            select(Script, Claim, Slot.position)
            .join(Claim, Claim.script_id == Script.id)
            .join(Slot, Slot.id == Script.slot_id)
            .where(Script.ref == ref, Claim.marker_id == actor.person_id)
        )
        .one_or_none()
    )
    if row is None:
        raise NotFound
    script, claim, position = row
    queue = queue_of(Asked(script.event_id, script.question_version_id, script.part), actor)
    asked = (script.question_version_id, _part(script.part))
    key = keys_of([asked])[asked].key
    text = str(folded(script.attempt_id).get(position, {}).get("text", ""))
    return Answer(
        ref,
        queue,
        faces_of([asked])[asked],
        text,
        str(key.get("reference", "")),
        points_of(key, script.most),
        claim.place,
        claim.until,
        _earlier(script.id) if claim.place == THIRD else [],
    )


def _earlier(script_id: int) -> list[Earlier]:
    query = select(Opinion).where(Opinion.script_id == script_id).order_by(Opinion.place)
    return [
        Earlier(o.place, o.tenths, o.points["points"], o.comment) for o in session().scalars(query)
    ]
