"""The express lanes of the exam room: one for each request that comes in thousands."""

import logging
import threading
from collections.abc import Sequence
from typing import Any

from flask import Flask
from sqlalchemy import Engine

from exams.bank.queries import Asked, Key, keys_of
from exams.sittings import handing
from exams.sittings.answering import Acknowledgement
from exams.sittings.express import Post, Taken, take
from exams.sittings.handing import Handed, Ready
from exams.views.bodies import acknowledged, milliseconds
from lms.core.groups import GroupCommit

log = logging.getLogger("lms.web")
ROOM = "/exams/room/<int:attempt_id>"
REMEMBERED = 20_000  # questions


class Answers:
    """``POST …/answers``."""

    def __init__(self, engine: Engine) -> None:
        self.group = GroupCommit(engine, take, self._tell)

    def __call__(self, post: Post) -> dict[str, Any] | None:
        """The answer's body; None for the ordinary way."""
        taken = self.group.submit(post)
        return None if taken is None else acknowledged(taken.acknowledged, taken.now)

    def _tell(self, _posts: Sequence[Post], outcomes: Sequence[Taken | None]) -> None:
        tell("/answers", [taken.person_id for taken in outcomes if taken is not None])


class HandIn:
    """``POST …/hand-in``: steps that come along go the way of answers first."""

    def __init__(self, app: Flask, engine: Engine, answers: Answers) -> None:
        self._app, self._engine, self._answers = app, engine, answers
        self._reading = threading.Lock()
        self._known: dict[Asked, Key] = {}
        self.group = GroupCommit(engine, handing.write, self._tell)

    def __call__(self, post: Post) -> dict[str, Any] | None:
        """The answer's body; None for the ordinary way."""
        taken = self._answers.group.submit(post) if post.steps else None
        if post.steps and taken is None:
            return None
        ready = handing.prepare(self._engine, post, self.keys_for)
        handed = None if ready is None else self.group.submit(ready)
        if ready is None or handed is None:
            return None
        kept = taken.acknowledged if taken else _nothing(ready)
        return _receipt(ready, handed) | acknowledged(kept, handed.now)

    def keys_for(self, asked: Sequence[Asked]) -> dict[Asked, Key]:
        """What marking needs of these questions; read by one request, remembered for the others.

        Versions never change. They are read in a transaction of their own, so that nothing is
        remembered that is not committed, and each app remembers those of its own database.
        """
        known = self._known
        if any(place not in known for place in asked):
            with self._reading:
                known = self._known if len(self._known) <= REMEMBERED else {}
                missing = [place for place in asked if place not in known]
                with self._app.app_context():
                    known = self._known = known | keys_of(missing)
        return {place: known[place] for place in asked}

    def _tell(self, _items: Sequence[Ready], outcomes: Sequence[Handed | None]) -> None:
        tell("/hand-in", [h.ready.sitting.person_id for h in outcomes if h is not None])


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


def tell(route: str, persons: Sequence[int]) -> None:
    """One line of the log for what was taken together."""
    if persons:
        told = {"method": "POST", "route": ROOM + route, "status": 200}
        log.info("requests", extra=told | {"persons": list(persons)})
