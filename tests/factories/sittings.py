"""Sittings whose paper holds a question of every kind, begun without going through assembly."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import Flask

from exams.bank.models import Bank, QuestionVersion
from exams.bank.shelf import keep
from exams.entries.models import Entry, ExamEvent
from exams.entries.operations import EventPlan, create_event
from exams.papers.operations import pin
from exams.papers.queries import plan_for
from exams.papers.rules import Chosen
from exams.sittings.models import Attempt
from lms.core import clock
from lms.core.access import SYSTEM
from lms.core.db import session
from lms.core.uow import unit_of_work
from tests.cast import Cast
from tests.factories import media
from tests.factories.bank import make_bank, make_question
from tests.factories.exams import examiner

STEPS = ["七步洗手法洗净双手", "核对老人姓名和食物", "摇高床头，垫好餐巾", "小口慢喂，等咽下再喂"]
QUESTIONS: list[dict[str, Any]] = [
    {
        "kind": "single", "stem": "给偏瘫老人穿上衣，应当先穿哪一侧？",
        "body": {"options": ["健侧", "患侧", "哪侧都行", "先穿裤子再说"]}, "key": {"right": [1]},
    },
    {
        "kind": "multiple", "stem": "协助老人洗澡前要确认哪些事？",
        "body": {"options": ["室温 24 到 26 度", "水温 38 到 42 度", "空腹", "老人愿意"]},
        "key": {"right": [0, 1, 3]},
    },
    {
        "kind": "judge", "stem": "老人噎食时应马上让他喝一大口水。",
        "body": {}, "key": {"right": False},
    },
    {
        "kind": "numeric", "stem": "老人早上喝水 250 毫升，中午 300.5 毫升，一共多少？",
        "body": {"unit": "毫升"}, "key": {"right": "550.5", "within": "0.5"},
    },
    {
        "kind": "fill", "stem": "压疮好发于____部位，应每____小时翻身一次。",
        "body": {}, "key": {"blanks": [["骨隆突", "骨突"], ["2", "两"]], "exact": False},
    },
    {
        "kind": "matching", "stem": "把情形和做法连起来。",
        "body": {"left": ["噎食", "烫伤", "跌倒"],
                 "right": ["海姆立克法", "冷水冲十五分钟", "先不搬动，检查伤情", "马上喂水"]},
        "key": {"pairs": [0, 1, 2]},
    },
    {
        "kind": "ordering", "stem": "喂饭前后的步骤，请排好先后。",
        "body": {"items": STEPS}, "key": {"sequence": [0, 1, 2, 3]},
    },
    {
        "kind": "short", "stem": "老人不肯吃药，您先做什么？",
        "body": {"longest": 200}, "key": {"reference": "问原因", "rubric": []},
    },
    {
        "kind": "essay", "stem": "说说怎样尊重失智老人的意愿，举一个例子。",
        "body": {"longest": 800},
        "key": {"reference": "…", "rubric": [{"text": "例子", "share": 1}]},
    },
    {
        "kind": "case",
        "stem": "张奶奶，78 岁，左侧偏瘫，今天中午吃了半碗粥，下午说头晕，体温 37.8 度。",
        "body": {"parts": [
            {"kind": "single", "stem": "护理员先做什么？", "share": 1,
             "body": {"options": ["扶她坐下，报告护士", "让她自己去床上", "喂退烧药"]}},
            {"kind": "short", "stem": "交班时要写清哪几件事？", "share": 1,
             "body": {"longest": 200}},
        ]},
        "key": {"parts": [{"right": [0]}, {"reference": "体温、进食", "rubric": []}]},
    },
]  # fmt: skip
#: How many places the paper has: the case takes one for each of its parts.
PLACES = 11


def every_kind(cast: Cast, with_media: bool = False) -> list[QuestionVersion]:
    """An approved question of every kind, in the order of ``QUESTIONS``."""
    bank = make_bank(cast.base)
    made = []
    for question in QUESTIONS:
        body = dict(question["body"])
        if with_media and question["kind"] in ("single", "judge"):
            body["media"] = _media(bank, question["kind"])
        made.append(make_question(bank, **(question | {"body": body})))
    return made


def _media(bank: Bank, kind: str) -> list[dict[str, str]]:
    form = media.picture(size=(640, 480)) if kind == "single" else media.wav()
    with unit_of_work():
        file = keep(bank, form, SYSTEM, clock.now())
        return [{"digest": file.digest, "kind": file.kind, "alt": "左侧偏瘫老人坐在床边"}]


def begin_sittings(
    app: Flask, cast: Cast, number: int = 1, *, seconds: float = 5400, grace: int = 120,
    with_media: bool = False, **changes: Any,
) -> list[int]:  # fmt: skip
    """So many open sittings of 王桂兰, each of an event of its own; their ids."""
    with app.app_context():
        versions = every_kind(cast, with_media)
        with unit_of_work():
            now = clock.now()
            bank_id = versions[0].question.bank_id
            return [
                _begin(cast, bank_id, n, versions, seconds, grace, now, changes)
                for n in range(number)
            ]


def _begin(
    cast: Cast, bank_id: int, number: int, versions: Sequence[QuestionVersion],
    seconds: float, grace: int, now: datetime, changes: dict[str, Any],
) -> int:  # fmt: skip
    event = _event(cast, bank_id, number, now, changes)
    event.grace_seconds = grace
    entry = Entry(
        event_id=event.id, person_id=cast.wang, ticket=secrets.token_hex(8), decision={},
        rule_stamp="", registered_by=cast.zhou, registered_at=now,
    )  # fmt: skip
    session().add(entry)
    session().flush()
    paper = pin(event.id, event.blueprint, secrets.token_hex(16), _chosen(versions), now)
    attempt = Attempt(
        entry_id=entry.id, number=1, paper_id=paper.id, slots=PLACES, started_at=now,
        deadline=now + timedelta(seconds=seconds), grace_seconds=grace,
    )  # fmt: skip
    session().add(attempt)
    session().flush()
    return attempt.id


def _event(
    cast: Cast, bank_id: int, number: int, now: datetime, changes: dict[str, Any]
) -> ExamEvent:
    plan: dict[str, Any] = {
        "title": f"初级工理论考试 {number + 1}", "rung": 2, "part": "theory",
        "organisation_id": cast.base, "bank_id": bank_id,
        "opens_at": now - timedelta(hours=1), "closes_at": now + timedelta(hours=4), "minutes": 90,
    }  # fmt: skip
    event = create_event(EventPlan(**(plan | changes)), examiner(cast), now)
    rule = plan_for(2, "theory", clock.local_date(now))
    assert rule is not None
    event.blueprint, event.status = rule.stamp, "published"
    event.published_at, event.published_by = now, cast.zhou
    return event


def _chosen(versions: Sequence[QuestionVersion]) -> list[Chosen]:
    """The questions in their order; what is shown in an order of the paper is shown reversed."""
    chosen: list[Chosen] = []
    for version in versions:
        parts = version.body.get("parts")
        for part, body in enumerate(p["body"] for p in parts) if parts else [(None, version.body)]:
            things = body.get("options") or body.get("right") or body.get("items") or []
            order = tuple(reversed(range(len(things))))
            chosen.append(Chosen(len(chosen) + 1, version.id, 10, order, part=part))
    return chosen
