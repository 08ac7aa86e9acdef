"""Papers for 1,000 candidates: publish the event and make every paper, as the scheduler does it.

    .venv/bin/python -m tests.benchmarks.bench_papers [--database postgresql]

A junior bank with three papers' worth of questions, half of them with measured facilities; own
papers, at most 40 per cent exposure, expected marks within 1 mark of each other. Prints seconds,
CPU seconds and the peak memory of the process, and checks what it made.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

from sqlalchemy import func, select

from exams.bank.models import QuestionVersion
from exams.entries.models import Entry, ExamEvent
from exams.papers import evidence
from exams.papers.jobs import publish_later
from exams.papers.models import Paper
from exams.papers.shown import exposure_of, figures_of
from lms.core import clock, tasks
from lms.core.access import SYSTEM
from lms.core.config import load_settings
from lms.core.db import session
from lms.core.uow import unit_of_work
from lms.jobs import all_runners
from lms.people.api import NewPerson, register_person
from tests import databases
from tests.cast import THEN, Cast, build_cast, citizen_id
from tests.factories.exams import draft_event, examiner, fill_bank
from tests.site import Site

CANDIDATES = 1000
BANK_PAPERS = 3


def main() -> None:
    """Build an installation, make the papers, print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    kind = parser.parse_args().database
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "template"
        place.mkdir()
        with databases.open_template(kind, place) as template:
            template.prepare(build_cast)
            with template.copy(template.instance) as url:
                names = {"LMS_INSTANCE": str(template.instance), "LMS_DATABASE_URL": url}
                with Site.open(load_settings(names)) as site, site.app.app_context():
                    measure(kind, prepare(template.cast))


def prepare(cast: Cast) -> ExamEvent:
    """A draft with its bank and candidates."""
    now = clock.now()
    with unit_of_work():
        bank = fill_bank(cast, now, papers=BANK_PAPERS)
        event = draft_event(cast, bank, now, exposure_percent=40, tolerance_tenths=10)
    for start in range(0, CANDIDATES, 100):
        with unit_of_work():
            for n in range(start, start + 100):
                new = NewPerson(f"考生{n}", citizen_id(n, born="19730901"), f"139{n:08d}")
                person = register_person(new, SYSTEM, THEN)
                session().add(_entry(event.id, person.id, n))
    versions = session().scalars(select(QuestionVersion.id)).all()
    measured = {version: 350 + 37 * version % 600 for version in versions if version % 2}
    evidence.measured_shares = lambda _bank, _least: measured
    with unit_of_work():
        publish_later(event, examiner(cast))
    return event


def _entry(event_id: int, person_id: int, number: int) -> Entry:
    return Entry(
        event_id=event_id, person_id=person_id, ticket=f"T{number:06d}", decision={},
        rule_stamp="", registered_by=0, registered_at=clock.now(),
    )  # fmt: skip


def measure(kind: str, event: ExamEvent) -> None:
    """Run the tasks as the scheduler would, and print what it took."""
    begun, cpu = time.perf_counter(), time.process_time()
    while tasks.run_next(all_runners()):
        pass
    seconds, used = time.perf_counter() - begun, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    papers = session().scalar(select(func.count(Paper.id))) or 0
    figures, exposure = figures_of(event), exposure_of(event.id)
    assert (papers, figures.lacking) == (CANDIDATES, 0), (papers, figures)
    assert figures.spread <= figures.tolerance, figures
    print(  # noqa: T201
        f"{papers} papers, {kind}: {seconds:.1f} s, {used:.1f} s CPU, peak {peak} MB; "
        f"expected marks {(figures.least or 0) / 10:g} to {(figures.most or 0) / 10:g}, "
        f"most used question in {exposure.most} % of the papers"
    )


if __name__ == "__main__":
    main()
