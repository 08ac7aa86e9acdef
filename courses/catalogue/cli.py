"""The command that brings a course folder in."""

import json
import sys
from pathlib import Path

import click
from flask.cli import with_appcontext
from rich.console import Console
from rich.table import Table

from courses.catalogue.archive import read_folder
from courses.catalogue.operations import CourseFaults, publish, read_files, save_draft
from courses.catalogue.plans import Fault
from lms.core import clock
from lms.core.access import SYSTEM
from lms.core.uow import unit_of_work


@click.command("import-course")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="check only, write nothing")
@click.option("--publish", "at_once", is_flag=True, help="publish at once instead of a draft")
@click.option("--json", "as_json", is_flag=True, help="print the outcome as JSON")
@with_appcontext
def import_course(folder: Path, dry_run: bool, at_once: bool, as_json: bool) -> None:
    """Check a course FOLDER and save it as a new version of a course of the province.

    The same content again makes no new version. Exit code 1 when there are faults.
    """
    now = clock.now()
    reading = read_files(read_folder(folder), now)
    if reading.plan is None:
        _show_faults(reading.faults, as_json)
        sys.exit(1)
    outcome: dict[str, object] = {
        "code": reading.plan.code,
        "lessons": len(reading.plan.lessons),
        "pictures": len(reading.plan.pictures),
        "faults": [],
    }
    if not dry_run:
        with unit_of_work():
            saved = save_draft(reading.plan, None, SYSTEM, now)
            if at_once and saved.is_new:
                publish(saved.version_id, SYSTEM, now)
        outcome |= {"version": saved.no, "new": saved.is_new}
    if as_json:
        click.echo(json.dumps(outcome, ensure_ascii=False))
        return
    for name, value in outcome.items():
        if name != "faults":
            click.echo(f"{name}: {value}")


def _show_faults(faults: tuple[Fault, ...], as_json: bool) -> None:
    if as_json:
        rows = [{"file": f.file, "field": f.field, "reason": f.reason} for f in faults]
        click.echo(json.dumps({"faults": rows}, ensure_ascii=False))
        return
    table = Table("file", "field", "what and how to cure it", title=str(CourseFaults.text))
    for fault in faults:
        table.add_row(fault.file, fault.field, fault.reason)
    Console().print(table)
