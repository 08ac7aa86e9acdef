"""A furnished exam: candidates signed in, sittings open or still to start, and what they send."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from flask import Flask
from flask_wtf.csrf import generate_csrf
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import Table, func, insert, select, text

from exams.entries.models import Entry
from exams.papers.models import Paper, Slot
from exams.sittings.answering import APPEND
from exams.sittings.models import Attempt
from exams.sittings.starting import device_hash, start
from lms.core import clock
from lms.core.config import load_settings
from lms.core.db import session
from lms.core.setup import Installation, migrate_database
from lms.core.uow import unit_of_work
from lms.people.models import Account, Person, SignIn
from lms.people.session_cookie import hashed
from lms.starter import load_starter
from tests.benchmarks.wire import Request, request
from tests.cast import build_cast
from tests.factories.exams import enter_person, fill_bank, learner, theory_event
from tests.site import Site

BATCH = 5000


@dataclass
class Seat:
    """One candidate at her phone."""

    entry: int
    attempt: int  # 0: not started
    session: str
    form: str
    token: str
    device: str
    seq: int = 0

    @property
    def cookies(self) -> str:
        """The Cookie header."""
        return f"session={self.session}; form={self.form}"

    def save(self, steps: int = 1) -> Request:
        """The next answer (or answers) of this candidate."""
        sent = [self.step() for _ in range(steps)]
        path = f"/exams/room/{self.attempt}/answers"
        wanted = f'"acked":[{sent[0]["seq"]}'.encode()
        return self.post(path, {"device": self.device, "epoch": 1, "steps": sent}), wanted

    def step(self) -> dict[str, Any]:
        """The next step."""
        self.seq += 1
        now = round(clock.now().timestamp() * 1000)
        return {
            "seq": self.seq, "op": secrets.token_hex(16), "position": self.seq % 100 + 1,
            "answer": {"picked": [self.seq % 4]}, "at": now,
        }  # fmt: skip

    def hand_in(self) -> Request:
        """Hand in what was saved."""
        body = {"device": self.device, "epoch": 1, "steps": []}
        return self.post(f"/exams/room/{self.attempt}/hand-in", body), b'"receipt":"'

    def begin(self) -> Iterator[Request]:
        """Press the button that starts, open the room's page, take the pen and the paper."""
        body = f"csrf_token={self.token}".encode()
        started = request(f"/exams/{self.entry}/start", self.cookies, body=body, form=True)
        yield started, self._was_started
        path = f"/exams/room/{self.attempt}"
        yield request(path, self.cookies, form=True), _is_fine
        pen = {"device": self.device, "take_over": False}
        yield self.post(f"{path}/enter", pen), _is_fine

    def _was_started(self, answer: bytes) -> bool:
        found = re.search(rb"\r\nlocation: /exams/room/(\d+)", answer, re.I)
        self.attempt = int(found[1]) if found else 0
        return found is not None

    def post(self, path: str, body: dict[str, Any]) -> bytes:
        sent = json.dumps(body, separators=(",", ":")).encode()
        return request(path, self.cookies, self.token, sent)


def _is_fine(answer: bytes) -> bool:
    """True for a 200; the body may be compressed."""
    return answer[9:12] == b"200"


def furnish(folder: Path, database: str, savers: int, leavers: int, waiting: int) -> list[Seat]:
    """Build everything. The first ``savers`` seats are sitting, the next ``leavers`` are sitting
    with a hundred answers each, the others have yet to start."""
    settings = load_settings({"LMS_INSTANCE": str(folder), "LMS_DATABASE_URL": database})
    with Site.open(settings) as site, site.app.app_context():
        migrate_database()
        with unit_of_work():
            load_starter()
            people = build_cast()
            now = clock.now()
            session().add(Installation(id=1, kind="production", created_at=now))
            event = theory_event(people, fill_bank(people, now, papers=5), now)
            model = enter_person(event, people.wang, people, now)
            paper = start(model.id, learner(people.wang), now)
        with unit_of_work():
            seats = list(seat_candidates(site.app, model, paper, savers + leavers, waiting))
            _answers(seats[savers : savers + leavers], now)
            _papers(seats[savers + leavers :], model.id)
            session().execute(text("ANALYZE"))  # as PostgreSQL does by itself after a while
        return seats


def seat_candidates(
    app: Flask, model: Entry, paper: Attempt, sitting: int, waiting: int
) -> Iterator[Seat]:
    first = session().scalar(select(func.max(Person.id))) or 0
    first_account = session().scalar(select(func.max(Account.id))) or 0
    forms = _forms(app)
    for begin in range(0, sitting + waiting, BATCH):
        numbers = range(begin + 1, min(begin + BATCH, sitting + waiting) + 1)
        seats = [
            Seat(model.id + n, paper.id + n if n <= sitting else 0, secrets.token_urlsafe(32),
                 *next(forms), secrets.token_urlsafe(24))
            for n in numbers
        ]  # fmt: skip
        rows = list(zip(numbers, seats, strict=True))
        _people(rows, first, first_account)
        _entries(rows, model, first)
        _attempts([row for row in rows if row[1].attempt], paper)
        yield from seats
    _reset_counters("person", "account", "exam_entry", "attempt")


def _reset_counters(*tables: str) -> None:
    """Ids were given by hand; PostgreSQL has to go on after them."""
    if session().get_bind().dialect.name == "postgresql":
        for table in tables:
            highest = f"(SELECT max(id) FROM {table})"
            session().execute(text(f"SELECT setval('{table}_id_seq', {highest})"))


def _papers(seats: list[Seat], entry: int) -> None:
    """A paper of her own for each who has yet to start, made before the exam: the rows that the
    model's paper has, copied."""
    paper = session().scalars(select(Paper).where(Paper.entry_id == entry)).one()
    slots = session().execute(select(Slot).where(Slot.paper_id == paper.id)).scalars().all()
    same = _copied(paper, Paper, {"id", "entry_id", "seed"})
    first = (session().scalar(select(func.max(Paper.id))) or 0) + 1
    alike = [_copied(slot, Slot, {"id", "paper_id"}) for slot in slots]
    for begin in range(0, len(seats), 500):
        some = list(enumerate(seats[begin : begin + 500], first + begin))
        papers = [same | {"id": n, "entry_id": s.entry, "seed": f"{n:064}"} for n, s in some]
        session().execute(insert(cast(Table, Paper.__table__)), papers)
        rows = [slot | {"paper_id": n} for n, _seat in some for slot in alike]
        session().execute(insert(cast(Table, Slot.__table__)), rows)
    _reset_counters("paper")


def _answers(seats: list[Seat], now: datetime) -> None:
    for seat in seats:
        steps = [seat.step() for _ in range(100)]
        session().execute(APPEND, [
            {
                "attempt_id": seat.attempt, "seq": s["seq"], "op": s["op"], "epoch": 1,
                "position": s["position"], "answer": s["answer"], "client_at": now,
                "received_at": now, "late": False,
            }
            for s in steps
        ])  # fmt: skip


def _people(rows: list[tuple[int, Seat]], person: int, account: int) -> None:
    now = clock.now()
    people = [
        {
            "id": person + n, "ref": secrets.token_hex(16), "name": f"考生{n}", "id_sealed": b"-",
            "id_hash": secrets.token_hex(32), "id_masked": "1401**********0000",
            "phone_masked": "", "born_on": date(1972, 8, 1), "sex": "F", "created_at": now,
        }
        for n, _seat in rows
    ]  # fmt: skip
    accounts = [
        {
            "id": account + n, "person_id": person + n, "password_hash": "", "status": "active",
            "totp_last_step": 0, "elder": False, "text_size": 22, "created_at": now,
        }
        for n, _seat in rows
    ]  # fmt: skip
    sign_ins = [
        {
            "account_id": account + n, "token_hash": hashed(seat.session), "started_at": now,
            "seen_at": now, "expires_at": now + timedelta(days=30), "device": "phone",
        }
        for n, seat in rows
    ]  # fmt: skip
    for table, values in ((Person, people), (Account, accounts), (SignIn, sign_ins)):
        session().execute(insert(table), values)


def _entries(rows: list[tuple[int, Seat]], model: Entry, person: int) -> None:
    same = _copied(model, Entry, {"id", "person_id", "ticket"})
    values = [
        same | {"id": seat.entry, "person_id": person + n, "ticket": f"T{n:012}"}
        for n, seat in rows
    ]
    session().execute(insert(Entry), values)


def _attempts(rows: list[tuple[int, Seat]], paper: Attempt) -> None:
    if not rows:
        return
    same = _copied(paper, Attempt, {"id", "entry_id", "device_hash", "epoch"})
    values = [
        same
        | {
            "id": seat.attempt, "entry_id": seat.entry, "epoch": 1,
            "device_hash": device_hash(seat.device),
        }
        for _n, seat in rows
    ]  # fmt: skip
    session().execute(insert(Attempt), values)


def _copied(row: Any, table: type, but: set[str]) -> dict[str, Any]:
    names = [column.key for column in table.__table__.columns]  # type: ignore[attr-defined]
    return {name: getattr(row, name) for name in names if name not in but}


def _forms(app: Flask) -> Iterator[tuple[str, str]]:
    """Pairs of (form cookie, token) as the site itself makes them, one for each browser."""
    with app.test_request_context():
        generate_csrf()
        interface = app.session_interface
        cookies = interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        tokens = URLSafeTimedSerializer(app.secret_key, salt="wtf-csrf-token")  # type: ignore[arg-type]
        while True:
            raw = secrets.token_hex(20)
            yield cookies.dumps({"csrf_token": raw}), tokens.dumps(raw)
