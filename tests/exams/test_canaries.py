"""The key, explanations, notes, references, rubrics and accepted answers of every kind never reach
a candidate before release: every byte of every response she can get is scanned for canaries.

The checker is checked: after release the same crawl finds them.
"""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urljoin, urlsplit

import pytest
from flask import g
from sqlalchemy import select

from exams.bank.kinds import CHOICES, parts_of, shuffled_of
from exams.bank.models import QuestionVersion
from exams.bank.operations import add_question, approve
from exams.bank.shelf import keep
from exams.entries.models import ExamEvent
from exams.papers.models import Paper, Slot
from exams.results.models import Result, ResultRelease
from exams.sittings.models import Attempt
from lms.core import clock
from lms.core.access import SYSTEM
from lms.core.db import session
from lms.core.uow import unit_of_work
from tests.factories.bank import EDITOR
from tests.factories.exams import Room, enter_person, fill_bank, theory_event
from tests.factories.kinds import NUMBERS, SECRET, one_of_each
from tests.factories.media import picture, wav
from tests.forms import token_from

#: Where a learner's browser goes by itself, whatever the pages link to.
ALWAYS = ("/", "/exams", "/me", "/certificates", "/learn", "/static/js/exam-room.js")
LINK = re.compile(r"""(?:href|src|action)=["']([^"'#]+)""")
FOUND = re.compile(f"{SECRET}-(\\d{{3}})-qX7".encode())
MOST = 400
#: Canaries of the explanations, notes and sources (ten each), and of what only a key holds.
SECRETS = {*range(10), *range(100, 110), *range(200, 210), *range(301, 307)}
#: What review after release shows: explanations and what keys hold.
SHOWN = {*range(10), *range(301, 307)}


@dataclass
class Crawl:
    """Follows every link that a candidate is shown and keeps every byte of every answer."""

    client: object
    seen: dict[str, bytes] = field(default_factory=dict)

    def everything(self, *more: str) -> None:
        waiting = [*ALWAYS, *more]
        while waiting and len(self.seen) < MOST:
            path = waiting.pop(0)
            if path in self.seen or "sign-out" in path or "export" in path:
                continue
            data = self.get(path)
            if path.startswith("/static/"):
                continue
            for link in LINK.findall(data.decode(errors="replace")):
                target = urlsplit(urljoin(path, link.replace("&amp;", "&")))
                if not target.netloc and target.path.startswith("/"):
                    waiting.append(target.path + (f"?{target.query}" if target.query else ""))
        assert len(self.seen) < MOST

    def get(self, path: str) -> bytes:
        for name in list(g):
            g.pop(name)
        with self.client.get(path) as answer:
            return self.keep(path, answer)

    def keep(self, name: str, answer) -> bytes:
        head = "\n".join(f"{key}: {value}" for key, value in answer.headers.items())
        self.seen[name] = head.encode() + b"\n\n" + answer.get_data()
        return answer.get_data()

    def canaries(self) -> set[int]:
        return {int(n) for data in self.seen.values() for n in FOUND.findall(data)}

    def numbers(self) -> set[str]:
        return {n for n in NUMBERS for data in self.seen.values() if n.encode() in data}


@pytest.fixture
def sitting(app, cast):
    """王桂兰 sits a paper with a question of every kind, media and a case of all kinds."""
    now = clock.now()
    with unit_of_work():
        bank = fill_bank(cast, now, papers=1)
        event = theory_event(cast, bank, now, release="by_examiner", feedback="explained")
        entry = enter_person(event, cast.wang, cast, now)
        files = [keep(bank, data, SYSTEM, now) for data in (picture(), wav())]
        media = [{"digest": f.digest, "kind": f.kind, "alt": "一张图"} for f in files]
        paper = Paper(event_id=event.id, seed="c", blueprint="b", digest="d", created_at=now)
        session().add(paper)
        session().flush()
        slots = _slots(bank, one_of_each(media), paper.id, now)
        session().add_all(slots)
        attempt = Attempt(
            entry_id=entry.id, number=1, paper_id=paper.id, slots=len(slots), started_at=now,
            deadline=now + timedelta(minutes=90), grace_seconds=120,
        )  # fmt: skip
        session().add(attempt)
        session().flush()
        return event.id, attempt.id


def _slots(bank, drafts, paper_id, now) -> list[Slot]:
    slots: list[Slot] = []
    for n, draft in enumerate(drafts):
        version = add_question(bank, f"canary-{n}", draft, SYSTEM, now)
        approve(version, EDITOR, now)
        parts = parts_of(draft.kind, draft.stem, draft.body, draft.key)
        for index, part in enumerate(parts):
            slots.append(
                Slot(
                    paper_id=paper_id,
                    position=len(slots) + 1,
                    question_version_id=version.id,
                    part=index if draft.kind == "case" else None,
                    tenths=50,
                    order=list(reversed(range(shuffled_of(part.body)))),
                )
            )
    return slots


def answer_to(question: dict) -> dict:
    """Something of the right shape, and wrong."""
    kind = question["kind"]
    if kind in CHOICES:
        return {"picked": [0]}
    return {
        "judge": {"value": False}, "numeric": {"number": "1"}, "fill": {"blanks": ["甲", "乙"]},
        "matching": {"pairs": [0, 0]}, "ordering": {"sequence": [2, 1, 0]},
        "short": {"text": "写了。"}, "essay": {"text": "写了。"},
    }[kind]  # fmt: skip


def forget() -> None:
    for name in list(g):
        g.pop(name)


def test_no_byte_before_release_holds_anything_of_a_key(app, cast, sign_in, sitting):
    event_id, attempt_id = sitting
    client = sign_in(cast.wang)
    crawl, base = Crawl(client), f"/exams/room/{attempt_id}"
    room = Room(client, attempt_id, token=token_from(client, "/exams"))
    forget()
    crawl.keep("enter", room.enter())
    assert len(room.paper) == 18
    assert {question["kind"] for question in room.paper} == set(one_kind_each())
    for question in room.paper:
        forget()
        place = question["position"]
        crawl.keep(f"answer {place}", room.answer(place, answer_to(question)))
    forget()
    crawl.keep("bad", room.send({"seq": 999, "op": "o" * 20, "position": 1, "answer": {"key": 1}}))
    forget()
    without_script = {"csrf_token": room.token, "take_over": "1"}
    assert client.post(f"{base}/q/1", data=without_script).status_code == 303
    crawl.everything(
        base, *media_urls(crawl), f"{base}/clock", f"{base}/check", f"{base}/done",
        *(f"{base}/q/{n}" for n in range(1, 20)),
    )  # fmt: skip
    pictures = [path for path in crawl.seen if path.startswith("/exams/media/")]
    assert any(b"image/png" in crawl.seen[p] or b"image/jpeg" in crawl.seen[p] for p in pictures)
    stems = b"".join(crawl.seen.values()).decode(errors="replace")
    assert "小题：essay 问什么？" in stems
    assert (crawl.canaries(), crawl.numbers()) == (set(), set())

    forget()
    assert room.enter(take_over=True).status_code == 200
    forget()
    crawl.keep("hand-in", room.hand_in())
    closed = Crawl(client)
    closed.everything(f"{base}/done", base, f"{base}/q/1", *media_urls(crawl))
    forget()
    closed.keep("again", room.hand_in())
    receipt = re.search(rb'"receipt":\s*"([0-9A-Z-]+)"', closed.seen["again"])
    assert receipt
    closed.get(f"/receipts/{receipt[1].decode()}")
    assert (closed.canaries(), closed.numbers()) == (set(), set())
    assert (crawl.canaries(), crawl.numbers()) == (set(), set())
    assert all(closed.seen[url].startswith(b"Content-Type: text/html") for url in media_urls(crawl))

    open_result(event_id, attempt_id, cast.wang)
    after = Crawl(client)
    after.everything()
    assert after.canaries() == SHOWN
    assert after.numbers() == set(NUMBERS)


def media_urls(crawl: Crawl) -> list[str]:
    urls = set(re.findall(r"/exams/media/[0-9a-f]{64}", crawl.seen["enter"].decode()))
    assert len(urls) == 2
    return sorted(urls)


def one_kind_each() -> list[str]:
    return [draft.kind for draft in one_of_each()[:-1]]


def open_result(event_id: int, attempt_id: int, person_id: int) -> None:
    """Release a result, whether people have marked the essays or not."""
    with unit_of_work():
        now = clock.now()
        result = session().scalar(select(Result).where(Result.attempt_id == attempt_id))
        if result is None:
            session().get_one(Attempt, attempt_id).state = "concluded"
            result = Result(
                attempt_id=attempt_id, event_id=event_id, person_id=person_id, rung=2,
                part="theory", tenths=0, passed=False, by_module={}, stamp="s", decided_by=0,
                decided_at=now,
            )  # fmt: skip
            session().add(result)
            session().flush()
        session().add(ResultRelease(result_id=result.id, released_by=0, released_at=now))
        session().get_one(ExamEvent, event_id).feedback = "explained"


def test_every_canary_is_planted_where_it_should_be(app, sitting):
    versions = session().scalars(select(QuestionVersion).order_by(QuestionVersion.id.desc()))
    faces = [(v.stem, v.body, v.module) for v in list(versions)[:10]]
    assert SECRET not in repr(faces)
    secrets = repr([(d.key, d.explanation, d.note, d.source) for d in one_of_each()])
    assert {int(n) for n in re.findall(f"{SECRET}-(\\d{{3}})-qX7", secrets)} == SECRETS
