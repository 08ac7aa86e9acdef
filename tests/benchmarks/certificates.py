"""Certificates: checks a second, papers a second, and a batch of ten thousand.

    .venv/bin/python -m tests.benchmarks.certificates [--count 10000]

Each figure is CPU of this process through the WSGI interface, in turn with its reference, so that a
noisy machine disturbs both alike: checks against a bare Flask JSON route, papers against a bare
Typst compile of the same page. Network and server are left out.
"""

from __future__ import annotations

import argparse
import logging
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from typing import Any

import typst
from flask import Flask

from certificates.batches.models import Batch
from certificates.batches.operations import begin, keep_plan
from certificates.batches.planning import plan_sheet
from certificates.batches.running import run
from certificates.batches.sheet import asked_in
from certificates.documents import paper_of
from certificates.paper import render
from certificates.paper.fonts import fonts
from lms.core import clock
from lms.core.access import SYSTEM
from lms.core.config import load_settings
from lms.core.setup import migrate_database
from lms.core.sheets import read_table
from lms.core.uow import unit_of_work
from lms.people.api import NewPerson, register_person
from lms.starter import load_starter
from tests.benchmarks.bench_pages import bare, compare, cpu_ms
from tests.cast import THEN, Cast, build_cast
from tests.factories.certificates import issue_now, skill_request
from tests.factories.issuing import examiner_of, name_of, person_id, register_many, sheet_of
from tests.site import Site

PAPERS, ROUNDS = 5, 7


class Noting:
    """Stands in for the compiler, to learn what a page asks of it without compiling it."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def compile(self, **asked: Any) -> bytes:
        """Note the compile and answer something."""
        self.asked.append(asked)
        return b"%PDF"


def papers(cast: Cast, forget: Callable[[], None]) -> None:
    """Papers a second, and the ratio of their CPU to the bare compile of such pages. Every page is
    compiled once only, for the compiler remembers."""
    with unit_of_work():
        people = register_many(2 * PAPERS * ROUNDS + 2)
    ids = [issue_now(skill_request(who, cast.base)).certificate_id for who in people]
    others, mine, extra = ids[: len(ids) // 2], iter(ids[len(ids) // 2 : -1]), ids[-1:]
    noting, own = Noting(), render._compiler
    render._compiler = lambda: noting  # type: ignore[assignment, return-value]
    for one in others:
        paper_of(one, "pdf")
    render._compiler = own
    forget()
    theirs = iter(noting.asked)
    bare_compiler = typst.Compiler(font_paths=fonts(), ignore_system_fonts=True)

    def reference() -> object:
        return bare_compiler.compile(**next(theirs))

    paper_of(extra[0], "pdf")  # both have read the font and the sheet before it counts
    bare_compiler.compile(**noting.asked[-1])
    pairs = [
        (
            cpu_ms(lambda: paper_of(next(mine), "pdf"), PAPERS),
            cpu_ms(reference, PAPERS),
        )
        for _ in range(ROUNDS)
    ]
    cost = statistics.median(ours for ours, _bare in pairs)
    ratio = statistics.median(ours / compile_cost for ours, compile_cost in pairs)
    print(  # noqa: T201
        f"certificate PDF {cost:8.2f} ms, {1000 / cost:5.0f}/s a core   CPU ÷ bare Typst compile "
        f"{ratio:5.2f}"
    )


def batch(count: int, cast: Cast) -> None:
    """Plan and issue so many certificates; seconds, CPU and memory."""
    with unit_of_work():
        for number in range(100, 100 + count):
            register_person(NewPerson(name_of(number), person_id(number)), SYSTEM, THEN)
    rows = ([name_of(number), person_id(number), "初级工"] for number in range(100, 100 + count))
    content = sheet_of(["姓名", "证件号码", "等级"], *rows)
    begun, cpu = time.perf_counter(), time.process_time()
    plan = plan_sheet(cast.base, asked_in(read_table(content, "a.csv")), clock.today())
    with unit_of_work():
        made: Batch = keep_plan(cast.base, "sheet", "a.csv", plan, examiner_of(cast), clock.now())
        batch_id = made.id
        begin(batch_id, examiner_of(cast), clock.now(), queue=False)
    print(  # noqa: T201
        f"plan of {count} lines {time.perf_counter() - begun:6.1f} s, {dict(plan.counts)}"
    )
    marks: list[tuple[int, int]] = []

    def report(done: int, _total: int) -> None:
        if done % 1000 == 0:
            marks.append((done, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024))

    begun, cpu = time.perf_counter(), time.process_time()
    run(batch_id, examiner_of(cast), report)
    spent = time.perf_counter() - begun
    per = (time.process_time() - cpu) * 1000 / count
    print(f"issued {count} in {spent:6.1f} s, {count / spent:6.0f}/s, CPU {per:5.2f} ms each")  # noqa: T201
    told = "  ".join(f"{done}: {peak}" for done, peak in marks)
    print(f"peak memory in MiB after so many: {told}")  # noqa: T201


def empty_shelf(app: Flask) -> Callable[[], None]:
    """Forget drawn papers, so that each is drawn anew."""

    def clear() -> None:
        for path in (app.extensions["settings"].instance / "rendered").glob("*.sealed"):
            path.unlink()

    return clear


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=10_000)
    chosen = parser.parse_args()
    logging.disable(logging.CRITICAL)
    with (
        tempfile.TemporaryDirectory() as folder,
        Site.open(load_settings({"LMS_INSTANCE": folder})) as site,
        site.app.app_context(),
    ):
        migrate_database()
        with unit_of_work():
            load_starter()
            cast = build_cast()
        issued = issue_now(skill_request(cast.wang, cast.base))
        visitor, reference = site.app.test_client(), bare()
        compare("verification page", lambda: visitor.get(f"/v/{issued.code}").data, reference)
        path = f"/api/v1/certificates/{issued.code}"
        compare("verification JSON", lambda: visitor.get(path).data, reference)
        papers(cast, empty_shelf(site.app))
        if chosen.count:
            batch(chosen.count, cast)


if __name__ == "__main__":
    main()
