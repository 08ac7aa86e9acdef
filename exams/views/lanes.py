"""The express lanes of a sitting under way: one for each request that comes in thousands."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask
from sqlalchemy import Connection, Engine

from exams.bank.queries import Asked, Key, keys_of
from exams.entries.admission import is_right
from exams.sittings import entering, handing
from exams.sittings.answering import Acknowledgement
from exams.sittings.beginning import Beginning, Start, Started
from exams.sittings.entering import Entered, Entrance
from exams.sittings.express import Post, Taken, take
from exams.sittings.handing import Handed, Ready
from exams.views.bodies import acknowledged, milliseconds
from lms.core.groups import GroupCommit
from lms.core.remembered import Remembered

log = logging.getLogger("lms.web")
ROOM = "/exams/room/<int:attempt_id>"
BEGIN = "/exams/<int:entry_id>/start"
REMEMBERED = 20_000  # questions
Group = GroupCommit[Any, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it leaves; ``pack`` makes the same bytes as gzip."""

    plain: bytes
    kind: str = "application/json"
    status: str = "200 OK"
    headers: Sequence[tuple[str, str]] = ()
    pack: Callable[[], bytes] | None = None


def group_of(app: Flask, engine: Engine) -> Group:
    """What all lanes write goes to the disk together, whatever kind it is of."""

    def knows(room_id: int, digits: str, rule: Mapping[str, Any], now: Any) -> bool:
        with app.app_context():
            return is_right(room_id, digits, rule, now)

    writers: Mapping[type, Callable[[Connection, Any], Sequence[Any]]] = {
        Start: Beginning(knows), Entrance: entering.write, Post: take, Ready: handing.write,
    }  # fmt: skip

    def write(connection: Connection, items: Sequence[Any]) -> Sequence[Any]:
        outcomes: list[Any] = [None] * len(items)
        for kind, writer in writers.items():
            places = [place for place, item in enumerate(items) if isinstance(item, kind)]
            if not places:
                continue
            done = writer(connection, [items[place] for place in places])
            for place, outcome in zip(places, done, strict=True):
                outcomes[place] = outcome
        return outcomes

    return GroupCommit(engine, write, _tell_all)


def _tell_all(_items: Sequence[Any], outcomes: Sequence[Any]) -> None:
    """One line of the log for each kind of request that was taken."""
    taken = [o for o in outcomes if isinstance(o, Taken)]
    tell(ROOM + "/answers", [o.person_id for o in taken])
    handed = [o for o in outcomes if isinstance(o, Handed)]
    tell(ROOM + "/hand-in", [o.ready.sitting.person_id for o in handed])
    entered = [o for o in outcomes if isinstance(o, Entered)]
    tell(ROOM + "/enter", [o.sitting.person_id for o in entered])
    started = [o for o in outcomes if isinstance(o, Started)]
    tell(BEGIN, [o.person_id for o in started], status=303)


class Answers:
    """``POST …/answers``."""

    def __init__(self, group: Group) -> None:
        self.group = group

    def __call__(self, post: Post) -> dict[str, Any] | None:
        """The answer's body; None for the ordinary way."""
        taken = self.group.submit(post)
        return None if taken is None else acknowledged(taken.acknowledged, taken.now)


class HandIn:
    """``POST …/hand-in``: steps that come along go the way of answers first."""

    def __init__(self, app: Flask, engine: Engine, answers: Answers) -> None:
        self._engine, self._answers, self.group = engine, answers, answers.group
        self.keys_for: Remembered[Asked, Key] = Remembered(app, keys_of, REMEMBERED)

    def __call__(self, post: Post) -> dict[str, Any] | None:
        """The answer's body; None for the ordinary way."""
        taken = self.group.submit(post) if post.steps else None
        if post.steps and taken is None:
            return None
        ready = handing.prepare(self._engine, post, self.keys_for)
        handed = None if ready is None else self.group.submit(ready)
        if ready is None or handed is None:
            return None
        kept = taken.acknowledged if taken else _nothing(ready)
        return _receipt(ready, handed) | acknowledged(kept, handed.now)


def _nothing(ready: Ready) -> Acknowledgement:
    return Acknowledgement([], [], [], ready.sitting.deadline)


def _receipt(ready: Ready, handed: Handed) -> dict[str, Any]:
    return {
        "receipt": ready.receipt,
        "digest": ready.digest,
        "answered": ready.answered,
        "questions": ready.sitting.slots,
        "handed_in_at": milliseconds(handed.now),
        "url": f"/exams/room/{ready.sitting.id}/done",
    }


def tell(route: str, persons: Sequence[int], method: str = "POST", status: int = 200) -> None:
    """One line of the log for what was taken together."""
    if persons:
        told = {"method": method, "route": route, "status": status}
        log.info("requests", extra=told | {"persons": list(persons)})
