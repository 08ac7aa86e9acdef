"""The express lanes of a beginning sitting: the button, the room's page, the pen and the paper."""

import json
import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import Flask
from sqlalchemy import Engine, Text, bindparam, cast, select

from exams.bank.queries import Asked
from exams.entries.models import Entry, ExamEvent
from exams.papers.models import Slot
from exams.sittings.beginning import Start
from exams.sittings.entering import Entered, Entrance, answers_of
from exams.sittings.express import sitting_of
from exams.sittings.printing import Form, Printed, forms_of, printed
from exams.views.bodies import entered_body
from exams.views.lanes import REMEMBERED, ROOM, Group, Reply, tell
from exams.views.shells import Look, Shells
from lms.core import clock
from lms.core.i18n import locale_of
from lms.core.quick import Quick, cursor_of
from lms.core.remembered import Remembered
from lms.core.tokens import FormTokens
from lms.people import api as people

PACKED = 4  # zlib's level: half the work of the usual one for a few more bytes
HTML = "text/html; charset=utf-8"
#: Orders as texts: the same few stand on every paper, so each is read once a process.
_SLOTS = (
    select(Slot.position, Slot.tenths, cast(Slot.order, Text).label("shown"))
    .add_columns(Slot.question_version_id, Slot.part)
    .where(Slot.paper_id == bindparam("paper"))
    .order_by(Slot.position)
)


@lru_cache(10_000)
def _order(text: str) -> tuple[int, ...]:
    return tuple(json.loads(text))


class Begin:
    """``POST /exams/<entry>/start``."""

    def __init__(self, group: Group) -> None:
        self.group = group

    def __call__(self, start: Start) -> Reply | None:
        """The way into the room; None for the ordinary way."""
        started = self.group.submit(start)
        if started is None:
            return None
        to = f"/exams/room/{started.attempt_id}"
        page = f'<!doctype html><title>303</title><p><a href="{to}">{to}</a></p>'.encode()
        return Reply(page, HTML, "303 SEE OTHER", [("Location", to)])


@dataclass(frozen=True, slots=True)
class Visit:
    """A request for the room's page, as it came: with the form's cookie and the languages."""

    session_hash: str
    attempt_id: int
    form: str
    lang: str | None
    accepted: str


class Page:
    """``GET /exams/room/<attempt>`` of an open sitting."""

    def __init__(self, app: Flask, engine: Engine, tokens: FormTokens) -> None:
        self._engine, self._tokens, self._shells = engine, tokens, Shells(app)
        living = people.learner_preferences()
        token_hash = living.selected_columns.token_hash
        signed = living.where(token_hash == bindparam("session")).subquery("signed")
        found = sitting_of(select(signed).select_from(signed), signed, bindparam("attempt"))
        found = found.join(ExamEvent, ExamEvent.id == Entry.event_id).add_columns(ExamEvent.title)
        self._find = Quick(found, engine.dialect)

    def __call__(self, visit: Visit) -> Reply | None:
        """The page; None for the ordinary way."""
        now = clock.now()
        asked = {
            "session": visit.session_hash, "attempt": visit.attempt_id, "now": now,
            "idle_since": now - people.IDLE,
        }  # fmt: skip
        with self._engine.connect() as connection:
            rows = self._find.rows(cursor_of(connection), asked)
        # The ordinary way notes the session's use; it is read-only here.
        if not rows or rows[0].state != "open" or not people.is_noted(rows[0].seen_at, now):
            return None
        token, row = self._tokens.fresh(visit.form), rows[0]
        if token is None:
            return None
        locale = locale_of(row.locale or visit.lang, visit.accepted)
        mould = self._shells(row.title, locale, Look(row.elder, row.text_size))
        given = {"attempt": str(row.id).encode(), "token": token.encode()}
        tell(ROOM, [row.person_id], "GET")
        return Reply(mould.filled(given), HTML, pack=lambda: mould.packed(given))


class Enter:
    """``POST …/enter``: the pen, and the paper joined from questions written out beforehand."""

    def __init__(self, app: Flask, engine: Engine, group: Group) -> None:
        self._engine, self.group = engine, group
        self.forms_for: Remembered[Asked, Form] = Remembered(app, forms_of, REMEMBERED)
        self._slots = Quick(_SLOTS, engine.dialect)

    def __call__(self, entrance: Entrance) -> Reply | None:
        """The answer; None for the ordinary way."""
        entered: Entered | None = self.group.submit(entrance)
        if entered is None:
            return None
        held, last_seq = answers_of(self._engine, entered)
        row = entered.sitting
        told = entered_body(row, row, entered.epoch, last_seq, held, entered.now)
        paper = self.paper(row.paper_id)
        body = _encode(told).encode()[:-1] + b',"questions":' + paper + b"}"
        return Reply(body, pack=lambda: zlib.compress(body, PACKED, zlib.MAX_WBITS | 16))

    def paper(self, paper_id: int) -> bytes:
        """The paper's questions as JSON; never a byte of a key."""
        with self._engine.connect() as connection:
            rows: list[Any] = self._slots.rows(cursor_of(connection), {"paper": paper_id})
        slots = [
            Printed(position, tenths, _order(shown), (version_id, part))
            for position, tenths, shown, version_id, part in rows
        ]
        return printed(slots, self.forms_for([slot.asked for slot in slots]))


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
