"""Sittings whose answers people mark, without going through the exam room."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from exams.bank.models import Bank, Question, QuestionKey, QuestionVersion
from exams.entries.models import Entry, ExamEvent
from exams.marking.concluding import conclude
from exams.marking.corrections.operations import propose
from exams.marking.models import Claim, Script
from exams.marking.stations.judging import open_sheet
from exams.marking.stations.library import templates_for
from exams.marking.stations.setting import assign, set_stations
from exams.papers.operations import pin
from exams.papers.queries import slots_of
from exams.papers.rules import Chosen
from exams.sittings.models import AnswerStep, Attempt
from lms.core import clock
from lms.core.access import SYSTEM, Actor, Grant, Role
from lms.core.db import session
from lms.people.api import NewPerson, grant_role, register_person
from lms.people.models import Account
from tests.cast import THEN, Cast, citizen_id
from tests.factories.exams import examiner

RUBRIC = [{"text": "说清翻身间隔", "share": 6}, {"text": "说清皮肤观察", "share": 4}]
ESSAY = {"longest": 500}, {"reference": "每两小时翻身一次。", "rubric": RUBRIC}
SINGLE = {"options": ["甲", "乙", "丙", "丁"]}, {"right": [0]}


@dataclass
class Desk:
    """An event with an essay (20 marks) and a single choice (80 marks), and its people."""

    event: ExamEvent
    essay: int
    single: int
    attempts: list[Attempt] = field(default_factory=list)


def staff(cast: Cast, serial: int, name: str, *roles: Role) -> Actor:
    """One more person with roles at the base."""
    new = NewPerson(name, citizen_id(serial), f"1390000{serial:04d}")
    person = register_person(new, SYSTEM, THEN)
    account = session().get_one(Account, person.account.id if person.account else 0)
    account.status = "active"
    for role in roles:
        grant_role(person.id, role, SYSTEM, THEN, date(2026, 1, 1), organisation_id=cast.base)
    grants = tuple(Grant(role, organisation_id=cast.base) for role in roles)
    return Actor(person.id, account.id, name, grants)


def candidate(serial: int, name: str) -> int:
    """Somebody without employer or teacher."""
    return register_person(
        NewPerson(name, citizen_id(serial), f"1370000{serial:04d}"), SYSTEM, THEN
    ).id


def desk(cast: Cast, now: datetime, **changes: Any) -> Desk:
    """A published event; nobody has sat yet."""
    bank = Bank(code="essays", title="主观题", organisation_id=cast.base, created_at=now)
    session().add(bank)
    session().flush()
    plan: dict[str, Any] = {
        "title": "中级工理论考试", "rung": 2, "part": "theory", "organisation_id": cast.base,
        "bank_id": bank.id, "opens_at": now - timedelta(hours=2),
        "closes_at": now + timedelta(hours=2), "minutes": 60, "attempts": 1, "release": "at_once",
        "feedback": "explained", "grace_seconds": 0, "created_at": now, "created_by": cast.zhou,
        "status": "published",
    }  # fmt: skip
    event = ExamEvent(**(plan | changes))
    session().add(event)
    session().flush()
    essay = _question(bank.id, 1, "essay", *ESSAY, cast, now)
    single = _question(bank.id, 2, "single", *SINGLE, cast, now)
    return Desk(event, essay, single)


def _question(
    bank_id: int, number: int, kind: str, body: Any, key: Any, cast: Cast, now: datetime
) -> int:
    question = Question(bank_id=bank_id, code=f"m{number}", created_at=now)
    session().add(question)
    session().flush()
    version = QuestionVersion(
        question_id=question.id, number=1, kind=kind, stem=f"{kind}：怎样预防压疮？", body=body,
        module="生活照护", difficulty="medium", rung=2, digest=secrets.token_hex(32),
        author_id=cast.chen, created_at=now,
    )  # fmt: skip
    session().add(version)
    session().flush()
    session().execute(
        insert(QuestionKey),
        {"question_version_id": version.id, "key": key, "explanation": "", "note": ""},
    )
    return version.id


def sit(
    desk: Desk, person_id: int, now: datetime, text: str = "每两小时翻身。", picked: int = 0
) -> Attempt:
    """Somebody sits and hands in; what can be marked is marked. ``picked`` is hers of the single
    question (0 is right)."""
    entry = Entry(
        event_id=desk.event.id, person_id=person_id, ticket=secrets.token_hex(8), decision={},
        rule_stamp="", registered_by=0, registered_at=now,
    )  # fmt: skip
    session().add(entry)
    session().flush()
    chosen = [
        Chosen(1, desk.essay, 200, ()),
        Chosen(2, desk.single, 800, (0, 1, 2, 3)),
    ]
    paper = pin(desk.event.id, "", secrets.token_hex(8), chosen, now)
    attempt = Attempt(
        entry_id=entry.id, number=1, paper_id=paper.id, slots=2, state="handed_in",
        started_at=now, deadline=now, grace_seconds=0, handed_in_at=now, answered=2,
    )  # fmt: skip
    session().add(attempt)
    session().flush()
    for seq, answer in enumerate(({"text": text}, {"picked": [picked]}), start=1):
        session().add(
            AnswerStep(
                attempt_id=attempt.id, seq=seq, op=secrets.token_hex(8), epoch=1, position=seq,
                answer=answer, received_at=now,
            )
        )  # fmt: skip
    session().flush()
    conclude(attempt, SYSTEM, now)
    desk.attempts.append(attempt)
    return attempt


def a_desk(cast: Cast, people: int = 3, **changes: Any) -> Desk:
    """An event with some candidates' answers waiting."""
    now = clock.now()
    made = desk(cast, now, **changes)
    for number in range(people):
        sit(made, candidate(400 + number, f"考生{number}号"), now, text=f"第{number}份作答")
    return made


def in_hand(event: ExamEvent, attempt: Attempt, cast: Cast) -> dict[str, Any]:
    """For the world of objects: an answer that waits for a person, held by 周文静."""
    slot = slots_of(attempt.paper_id or 0)[0]
    script = Script(
        ref=secrets.token_hex(16), event_id=event.id, attempt_id=attempt.id, slot_id=slot.id,
        question_version_id=slot.version_id, most=slot.tenths, queued_at=clock.now(),
    )  # fmt: skip
    session().add(script)
    session().flush()
    until = clock.now() + timedelta(hours=1)
    session().add(Claim(script_id=script.id, place=1, marker_id=cast.zhou, until=until))
    session().flush()
    correction = propose(
        event, (slot.version_id, slot.part), "full", "", "题干有误", examiner(cast), clock.now()
    )
    return {"script": script.ref, "correction": correction.ref}


def at_station(event: ExamEvent, entry: Entry, cast: Cast) -> dict[str, Any]:
    """For the world of objects: a station of 周文静 and two more, and her open sheet."""
    now = clock.now()
    chosen = [template.id for template in templates_for("skills", 2)]
    station = set_stations(event, chosen, examiner(cast), now)[0]
    others = [staff(cast, 340 + n, f"考评{n}", Role.MARKER).person_id for n in range(2)]
    assign(event, station, [cast.zhou, *others], examiner(cast), now)
    sheet = open_sheet(station, entry, examiner(cast), now)
    assert sheet is not None
    return {"station": station.id, "sheet": sheet.ref}
