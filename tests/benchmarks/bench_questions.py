"""Time, CPU and peak memory of importing 5,000 questions, format by format.

    .venv/bin/python -m tests.benchmarks.bench_questions [NUMBER]

Each format is imported by ``lms import-questions``'s own steps (read, plan, write) in a child
process of its own with an empty bank in a temporary SQLite instance, so that the peak is its alone;
the base is what a process with the app loaded needs before it reads the file. Then the same file
once more: nothing changes, but every question is compared. Questions are of all ten kinds.
"""

from __future__ import annotations

import io
import itertools
import multiprocessing
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from exams.bank.formats import excel, gift, moodle, qti
from exams.bank.formats.detect import read_file
from exams.bank.formats.excel_writing import examples
from exams.bank.formats.items import Defaults, Written
from exams.bank.importing import import_questions, plan_import
from exams.bank.operations import add_bank
from exams.bank.rules import Draft, tidy
from lms.core.access import SYSTEM
from lms.core.config import load_settings
from lms.core.setup import migrate_database
from lms.core.uow import unit_of_work
from tests.site import Site

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
WORDS = [
    "老人",
    "护理",
    "翻身",
    "喂饭",
    "洗手",
    "体温",
    "血压",
    "压疮",
    "轮椅",
    "拐杖",
    "睡眠",
    "饮水",
    "记录",
    "家属",
    "安全",
    "沟通",
]


def questions(number: int) -> list[Written]:
    """Questions that differ, of all kinds in turn."""
    kinds = itertools.cycle(examples())
    made = []
    for serial in range(number):
        like = next(kinds).draft
        words = [WORDS[serial // len(WORDS) ** n % len(WORDS)] for n in range(4)]
        stem = f"第 {serial} 题，{'、'.join(words)}：{like.stem}"
        values = {name: getattr(like, name) for name in Draft.__slots__} | {"stem": stem}
        made.append(Written(f"Q-{serial:05d}", tidy(Draft(**values))))
    return made


def _workbook(made: list[Written]) -> bytes:
    out = io.BytesIO()
    excel.write(out, made)
    return out.getvalue()


WRITERS = {
    "q.xlsx": _workbook,
    "q.gift": gift.write,
    "q.xml": moodle.write,
    "q.zip": qti.write,
}


def peak_mb() -> float:
    """The most memory this process has held, in MB (Linux counts in KB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def child(path: str, folder: str) -> None:
    """Import twice and print the figures as JSON."""
    with Site.open(load_settings({"LMS_INSTANCE": folder})) as site, site.app.app_context():
        migrate_database()
        with unit_of_work():
            bank = add_bank("b", "题库", None, SYSTEM, NOW)
        figures: dict[str, Any] = {"base": peak_mb()}
        for turn in ("first", "again"):
            begun, cpu = time.perf_counter(), time.process_time()
            reading = read_file(Path(path).read_bytes(), path, "auto", Defaults())
            read_at = time.perf_counter()
            plan = plan_import(bank, reading)
            planned_at = time.perf_counter()
            with unit_of_work():
                plan = import_questions(bank, reading, SYSTEM, NOW, plan.digest)
            figures[turn] = {
                "read": read_at - begun, "plan": planned_at - read_at,
                "all": time.perf_counter() - begun, "cpu": time.process_time() - cpu,
                "new": plan.new, "unchanged": plan.unchanged, "faults": len(plan.faults),
            }  # fmt: skip
        report(figures, peak_mb())


def report(figures: dict[str, Any], peak: float) -> None:
    """A line for each of the two imports, and the memory."""
    for turn in ("first", "again"):
        say("  {turn}: {all:5.1f} s (read {read:4.1f}, plan {plan:4.1f}), CPU {cpu:5.1f} s; "
            "{new} new, {unchanged} unchanged, {faults} faults"
            .format(turn=turn, **figures[turn]))  # fmt: skip
    say(f"  peak memory {peak:.0f} MB, of which {figures['base']:.0f} MB before the file was read")


def say(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)  # noqa: T201


def main() -> None:
    """Write the files, import each, print a line each."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    made = questions(number)
    spawn = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        for name, writer in WRITERS.items():
            begun = time.perf_counter()
            data = writer(made)
            path = Path(folder) / name
            path.write_bytes(data)
            size, wrote = len(data) / 1e6, time.perf_counter() - begun
            say(f"{name:8} {number} questions, {size:5.1f} MB, written in {wrote:5.1f} s")
            process = spawn.Process(target=child, args=(str(path), f"{folder}/{name}-instance"))
            process.start()
            process.join()


if __name__ == "__main__":
    main()
