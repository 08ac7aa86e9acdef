"""Time, CPU and peak memory of the analysis of 10,000 sittings of 100 questions.

    .venv/bin/python -m tests.benchmarks.bench_analysis [SITTINGS]

Builds the sittings in bulk in a temporary instance (everybody has a paper of her own, drawn from
1,000 questions; 1.1 million answers and a million marks), then runs the product's own task in
a process of its own and prints what it took.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select

from exams.analysis.jobs import ANALYSIS
from exams.analysis.queries import snapshot_of
from exams.bank.models import Bank, Question, QuestionKey, QuestionVersion
from exams.entries.models import Entry, ExamEvent
from exams.marking.models import Mark
from exams.papers.models import Paper, Slot
from exams.sittings.models import AnswerStep, Attempt
from lms.core import clock, tasks
from lms.core.config import load_settings
from lms.core.db import session
from lms.core.setup import migrate_database
from lms.core.uow import unit_of_work
from lms.jobs import all_runners
from lms.people.api import actor_of
from lms.people.models import Person
from lms.starter import load_starter
from tests.cast import build_cast
from tests.site import Site

QUESTIONS, BANK = 100, 1000
WHEN = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
LIMIT_SECONDS, LIMIT_MB = 30, 500


class Peak(threading.Thread):
    """Watches this process's resident memory."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.before = self.most = self._now()
        self.over = threading.Event()

    @staticmethod
    def _now() -> float:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20

    def run(self) -> None:
        while not self.over.wait(0.05):
            self.most = max(self.most, self._now())


def build(sittings: int) -> tuple[int, int]:
    """An event with so many concluded sittings; its id and the examiner's."""
    rng = random.Random(1)
    with unit_of_work():
        load_starter()
        cast = build_cast()
        bank = Bank(code="bench", title="bench", organisation_id=cast.base, created_at=WHEN)
        event = ExamEvent(
            title="bench", rung=2, part="theory", organisation_id=cast.base, opens_at=WHEN,
            closes_at=WHEN + timedelta(hours=4), minutes=90, status="closed", release="at_once",
            feedback="marks", grace_seconds=60, created_by=0, created_at=WHEN,
        )  # fmt: skip
        session().add_all((bank, event))
        session().flush()
        versions = _questions(bank.id)
        event_id, examiner = event.id, cast.zhou
    hardness = {version: rng.gauss(-0.7, 1) for version in versions}
    for begin in range(0, sittings, 250):
        with unit_of_work():
            _block(event_id, range(begin, min(begin + 250, sittings)), hardness, rng)
    return event_id, examiner


def _questions(bank_id: int) -> list[int]:
    sess = session()
    sess.execute(
        insert(Question),
        [{"bank_id": bank_id, "code": f"q{n:04}", "created_at": WHEN} for n in range(BANK)],
    )
    ids = list(sess.scalars(select(Question.id).where(Question.bank_id == bank_id)))
    rows = [
        {
            "question_id": q, "number": 1, "kind": "single", "stem": f"{q}?", "rung": 2,
            "body": {"options": ["甲", "乙", "丙", "丁"]}, "module": f"模块{n % 5}",
            "difficulty": "medium", "digest": f"{n:064}", "author_id": 0, "created_at": WHEN,
        }
        for n, q in enumerate(ids)
    ]  # fmt: skip
    sess.execute(insert(QuestionVersion), rows)
    versions = list(
        sess.scalars(select(QuestionVersion.id).where(QuestionVersion.question_id.in_(ids)))
    )
    sess.execute(
        insert(QuestionKey),
        [{"question_version_id": v, "key": {"right": [0]}} for v in versions],
    )
    return versions


def _newest(column: Any, count: int) -> list[int]:
    """The ids of the rows just written, in their order."""
    return list(session().scalars(select(column).order_by(column.desc()).limit(count)))[::-1]


def _people(numbers: range) -> list[int]:
    rows = [
        {
            "ref": f"bench{n:010}", "name": f"考生{n}", "id_sealed": b"", "id_hash": f"b{n}",
            "id_masked": "", "born_on": date(1980, 1, 1), "sex": "f", "created_at": WHEN,
        }
        for n in numbers
    ]  # fmt: skip
    session().execute(insert(Person), rows)
    return _newest(Person.id, len(rows))


def _block(event_id: int, numbers: range, hardness: dict[int, float], rng: random.Random) -> None:
    sess, many = session(), len(numbers)
    base = {"event_id": event_id, "created_at": WHEN, "digest": "d", "blueprint": "b"}
    sess.execute(
        insert(Entry),
        [
            {
                "event_id": event_id, "person_id": p, "ticket": f"B{p:08}", "decision": {},
                "rule_stamp": "", "registered_by": 0, "registered_at": WHEN,
            }
            for p in _people(numbers)
        ],
    )  # fmt: skip
    sess.execute(insert(Paper), [{"seed": f"{n}", **base} for n in numbers])
    entries, papers = _newest(Entry.id, many), _newest(Paper.id, many)
    sess.execute(
        insert(Attempt),
        [
            {
                "entry_id": e, "number": 1, "paper_id": p, "slots": QUESTIONS, "grace_seconds": 60,
                "state": "concluded", "started_at": WHEN, "deadline": WHEN + timedelta(minutes=90),
                "handed_in_at": WHEN + timedelta(minutes=80), "epoch": 1,
            }
            for e, p in zip(entries, papers, strict=True)
        ],
    )  # fmt: skip
    attempts = _newest(Attempt.id, many)
    _answer(attempts, papers, hardness, rng)


def _answer(
    attempts: list[int], papers: list[int], hardness: dict[int, float], rng: random.Random
) -> None:
    sess = session()
    slots, steps, marks = [], [], []
    last = sess.scalar(select(Slot.id).order_by(Slot.id.desc()).limit(1)) or 0
    for attempt, paper in zip(attempts, papers, strict=True):
        ability, moment = rng.gauss(0, 1), WHEN
        for place, version in enumerate(rng.sample(list(hardness), QUESTIONS), start=1):
            last += 1
            right = rng.gauss(ability, 1.7) > hardness[version]
            order = rng.sample(range(4), 4)
            moment += timedelta(seconds=rng.randrange(8, 70))
            slots.append(
                {
                    "id": last, "paper_id": paper, "position": place, "tenths": 10,
                    "question_version_id": version, "order": order, "part": None,
                }
            )  # fmt: skip
            for again in range(1 + (rng.random() < 0.1)):
                steps.append(
                    {
                        "attempt_id": attempt, "seq": place * 2 + again, "op": f"o{place}-{again}",
                        "epoch": 1, "position": place, "client_at": moment, "received_at": moment,
                        "answer": {"picked": [order.index(0 if right else rng.randrange(1, 4))]},
                        "late": False,
                    }
                )  # fmt: skip
            marks.append(
                {
                    "attempt_id": attempt, "slot_id": last, "item": "m", "marked_by": 0,
                    "tenths": 10 if right else 0, "stamp": "b", "marked_at": WHEN,
                    "key": f"auto:{attempt}:{place}",
                }
            )  # fmt: skip
    sess.execute(insert(Slot), slots)
    sess.execute(insert(AnswerStep), steps)
    sess.execute(insert(Mark), marks)


def measure(event_id: int, examiner: int, sittings: int) -> None:
    """Run the task as the scheduler would and print what it took."""
    actor = actor_of(examiner, clock.now())
    assert actor is not None
    with unit_of_work():
        ref = tasks.start(ANALYSIS, {"event_id": event_id, "person_id": examiner}, actor).ref
    peak = Peak()
    peak.start()
    begun, cpu = time.perf_counter(), time.process_time()
    tasks.run_next(all_runners())
    wall, cpu = time.perf_counter() - begun, time.process_time() - cpu
    peak.over.set()
    peak.join()
    done = tasks.find(ref, actor)
    assert done is not None
    assert done.state == "done", done.result
    begun = time.perf_counter()
    found = snapshot_of(event_id)
    read = time.perf_counter() - begun
    assert found is not None
    assert found.figures.n == sittings
    told = found.figures.reliability
    print(f"analysis of {sittings} sittings × {QUESTIONS} questions, {len(found.items)} items")  # noqa: T201
    print(f"  time {wall:.1f} s, CPU {cpu:.1f} s (limit {LIMIT_SECONDS} s)")  # noqa: T201
    print(f"  peak RSS {peak.most:.0f} MB, {peak.most - peak.before:.0f} MB of it the analysis "  # noqa: T201
          f"(limit {LIMIT_MB} MB)")  # fmt: skip
    print(f"  progress reported {done.done} / {done.total}; snapshot read in {read * 1000:.0f} ms")  # noqa: T201
    if told:
        print(f"  reliability {told.value:.3f} ({told.low:.3f} – {told.high:.3f}, {told.method})")  # noqa: T201


def main() -> None:
    """Build in a process of its own, so that its memory is not counted; analyse, print."""
    if len(sys.argv) == 4 and sys.argv[1] == "build":
        with (
            Site.open(load_settings({"LMS_INSTANCE": sys.argv[2]})) as site,
            site.app.app_context(),
        ):
            migrate_database()
            print(*build(int(sys.argv[3])))  # noqa: T201
        return
    sittings = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", __spec__.name, "build", folder, str(sittings)]
        made = subprocess.run(command, check=True, capture_output=True, text=True)
        event_id, examiner = map(int, made.stdout.split())
        with Site.open(load_settings({"LMS_INSTANCE": folder})) as site, site.app.app_context():
            measure(event_id, examiner, sittings)


if __name__ == "__main__":
    main()
