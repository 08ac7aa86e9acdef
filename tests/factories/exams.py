"""A bank big enough for two junior papers, events, candidates, and a candidate's client."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert

from exams.bank.models import Bank, Question, QuestionApproval, QuestionKey, QuestionVersion
from exams.entries.models import Entry, ExamEvent
from exams.entries.operations import EventPlan, create_event, publish_event
from exams.entries.registering import register_candidates
from exams.papers import drafting
from exams.papers.models import BlueprintVersion
from exams.papers.queries import plan_for
from exams.papers.rules import parse
from lms.core import clock
from lms.core.access import Actor, Grant, Role
from lms.core.db import session
from lms.core.uow import unit_of_work
from tests.cast import Cast
from tests.forms import token_from

CANARY = "CANARY-KEY-77413"
#: Who signed paper sheets.
PANEL = ("考评甲", "考评乙", "考评丙")
LEVELS = ("easy", "medium", "hard")


def examiner(cast: Cast) -> Actor:
    """周文静 as operations see her."""
    roles = (Role.EXAMINER, Role.MARKER, Role.INVIGILATOR)
    grants = tuple(Grant(role, organisation_id=cast.base) for role in roles)
    return Actor(cast.zhou, 0, "周文静", grants)


def learner(person_id: int) -> Actor:
    """A person without roles."""
    return Actor(person_id, 0, "学员")


def fill_bank(cast: Cast, now: datetime, papers: int = 2, code: str = "junior") -> Bank:
    """A bank with exactly enough approved questions for ``papers`` disjoint junior papers.

    The right option is always the first one, and every key carries the canary.
    """
    bank = Bank(code=code, title="初级工题库", organisation_id=cast.base, created_at=now)
    session().add(bank)
    session().flush()
    rule = plan_for(2, "theory", clock.local_date(now))
    assert rule is not None
    number = 0
    for quota in parse(rule.value).quotas:
        for n in range(quota.count * papers):
            number += 1
            _question(bank.id, number, quota.kind, quota.module, LEVELS[n % 3], cast, now)
    return bank


def _question(
    bank_id: int, number: int, kind: str, module: str, difficulty: str, cast: Cast, now: datetime
) -> None:
    sess = session()
    question = Question(bank_id=bank_id, code=f"q{number:04}", created_at=now)
    sess.add(question)
    sess.flush()
    body = {} if kind == "judge" else {"options": [f"选项{number}-{n}" for n in range(4)]}
    right: Any = {"judge": True, "single": [0], "multiple": [0, 1]}[kind]
    version = QuestionVersion(
        question_id=question.id, number=1, kind=kind, stem=f"第 {number} 题：应当怎样做？",
        body=body, module=module, difficulty=difficulty, rung=2, digest=secrets.token_hex(32),
        author_id=cast.chen, created_at=now,
    )  # fmt: skip
    sess.add(version)
    sess.flush()
    sess.execute(
        insert(QuestionKey),
        {
            "question_version_id": version.id,
            "key": {"right": right, "canary": CANARY},
            "explanation": f"解析 {CANARY}",
            "note": CANARY,
        },
    )
    sess.execute(
        insert(QuestionApproval),
        {
            "question_version_id": version.id,
            "author_id": cast.chen,
            "approved_by": cast.zhou,
            "approved_at": now,
        },
    )


def theory_event(cast: Cast, bank: Bank, now: datetime, **changes: Any) -> ExamEvent:
    """A published theory event open from an hour ago until in four hours."""
    event = draft_event(cast, bank, now, **changes)
    publish_event(event, examiner(cast), now)
    return event


def picked_event(cast: Cast, bank: Bank, now: datetime, **changes: Any) -> ExamEvent:
    """A draft whose paper is picked by hand; nothing is picked yet."""
    return draft_event(cast, bank, now, **({"paper_mode": "fixed"} | changes))


def draft_event(cast: Cast, bank: Bank, now: datetime, **changes: Any) -> ExamEvent:
    """The same event before it is published."""
    plan: dict[str, Any] = {
        "title": "初级工理论考试",
        "rung": 2,
        "part": "theory",
        "organisation_id": cast.base,
        "bank_id": bank.id,
        "opens_at": now - timedelta(hours=1),
        "closes_at": now + timedelta(hours=4),
        "minutes": 90,
    }
    return create_event(EventPlan(**(plan | changes)), examiner(cast), now)


def own_blueprint(cast: Cast, now: datetime, title: str = "基地方案") -> BlueprintVersion:
    """The base's own junior blueprint, as the rule is."""
    _weights, rule, _stamp = drafting.weights_for(2, now)
    table = drafting.table_of(parse(rule).quotas)
    return drafting.create(cast.base, title, 2, table, examiner(cast), now)


def skills_event(cast: Cast, now: datetime, **changes: Any) -> ExamEvent:
    """A published skills event."""
    return theory_event(
        cast, Bank(id=None), now, **({"title": "初级工技能考核", "part": "skills"} | changes)
    )


def enter_person(event: ExamEvent, person_id: int, cast: Cast, now: datetime) -> Entry:
    """Register one person and return the entry."""
    register_candidates(event, [person_id], examiner(cast), now)
    return session().query(Entry).filter_by(event_id=event.id, person_id=person_id).one()


def ready(app: Flask, cast: Cast, **changes: Any) -> int:
    """A published theory event with 王桂兰 entered; returns the entry's id."""
    with app.app_context(), unit_of_work():
        now = clock.now()
        event = theory_event(cast, fill_bank(cast, now), now, **changes)
        return enter_person(event, cast.wang, cast, now).id


@dataclass
class Room:
    """A client of the exam room, written from docs/exam-room.md alone."""

    client: FlaskClient
    attempt: int
    device: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    epoch: int = 0
    seq: int = 0
    paper: list[dict[str, Any]] = field(default_factory=list)
    token: str = ""

    def post(self, path: str, body: dict[str, Any]) -> Any:
        if not self.token:
            self.token = token_from(self.client, "/exams")
        return self.client.post(
            f"/exams/room/{self.attempt}{path}", json=body, headers={"X-CSRFToken": self.token}
        )

    def enter(self, take_over: bool = False) -> Any:
        answer = self.post("/enter", {"device": self.device, "take_over": take_over})
        if answer.status_code == 200:
            self.epoch, self.seq = answer.json["epoch"], answer.json["last_seq"]
            self.paper = answer.json["questions"] or self.paper  # none while paused
        return answer

    def step(self, position: int, answer: dict[str, Any], at: datetime | None = None) -> dict:
        self.seq += 1
        moment = at or clock.now()
        return {
            "seq": self.seq, "op": secrets.token_hex(16), "position": position,
            "answer": answer, "at": round(moment.timestamp() * 1000),
        }  # fmt: skip

    def send(self, *steps: dict[str, Any]) -> Any:
        body = {"device": self.device, "epoch": self.epoch, "steps": list(steps)}
        return self.post("/answers", body)

    def answer(self, position: int, answer: dict[str, Any]) -> Any:
        return self.send(self.step(position, answer))

    def hand_in(self, *steps: dict[str, Any]) -> Any:
        return self.post(
            "/hand-in", {"device": self.device, "epoch": self.epoch, "steps": list(steps)}
        )

    def right(self, position: int) -> dict[str, Any]:
        """The right answer of a question from ``fill_bank``, by the texts shown."""
        question = self.paper[position - 1]
        if question["kind"] == "judge":
            return {"value": True}
        wanted = ("-0",) if question["kind"] == "single" else ("-0", "-1")
        places = [n for n, text in enumerate(question["options"]) if text.endswith(wanted)]
        return {"picked": places}


def open_room(client: FlaskClient, entry_id: int, take_over: bool = False) -> Room:
    """Start the sitting and enter the room."""
    answer = client.post(
        f"/exams/{entry_id}/start", data={"csrf_token": token_from(client, "/exams")}
    )
    assert answer.status_code == 303, answer.text
    room = Room(client, int(answer.location.rsplit("/", 1)[1]))
    assert room.enter(take_over).status_code == 200
    return room
