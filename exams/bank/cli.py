"""Commands about question banks."""

import getpass
import json
import sys
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from sqlalchemy import select

from exams.bank.formats.detect import Format, read_file
from exams.bank.formats.items import MOST_BYTES, Defaults, Fault, Reading
from exams.bank.importing import ImportPlan, import_questions, plan_import
from exams.bank.models import CAREGIVER, Bank
from exams.bank.policy import WRITE
from lms.core import audit, clock
from lms.core.access import SYSTEM, Actor
from lms.core.db import session
from lms.core.errors import DomainError
from lms.core.uow import unit_of_work
from lms.people.api import actor_named

_SHOWN = 40
_err = Console(stderr=True)


@click.command("import-questions")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@click.option("--bank", "code", required=True, help="code of the question bank")
@click.option(
    "--as",
    "user",
    metavar="USER",
    help="login name or phone to act as; without it, the system operator at the console",
)
@click.option(
    "--format",
    "wanted",
    type=click.Choice(["auto", *map(str, Format)]),
    default="auto",
    show_default=True,
)
@click.option(
    "--rung",
    type=click.IntRange(1, 8),
    default=2,
    show_default=True,
    help="skill level where the file names none",
)
@click.option("--occupation", default=CAREGIVER, show_default=True,
              help="occupation where the file names none")  # fmt: skip
@click.option("--module", default="", help="module where the file names none")
@click.option("--dry-run", is_flag=True, help="plan only, write nothing")
@click.option("--json", "as_json", is_flag=True, help="print the outcome as JSON")
@with_appcontext
def import_command(
    file: Path,
    code: str,
    user: str | None,
    wanted: str,
    rung: int,
    occupation: str,
    module: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Import questions (.xlsx, .csv, YAML, GIFT, Aiken, Moodle XML, QTI) into a bank.

    With faults nothing is written. Questions of kinds this site does not have are listed and
    the others imported. Whoever imports, a second person approves. Exit code 0 when nothing was
    refused, 1 otherwise, 2 for wrong usage.
    """
    actor = _actor(user) if user else SYSTEM
    bank = _bank(code, actor)
    try:
        reading = _read(file, wanted, Defaults(rung=rung, module=module, occupation=occupation))
        plan = _plan(bank, reading)
        if not plan.faults and not dry_run:
            with unit_of_work(), _err.status("writing"):
                plan = import_questions(bank, reading, actor, clock.now(), plan.digest)
                if actor is SYSTEM:
                    _note_console(bank, file)
    except DomainError as refusal:
        plan = ImportPlan(bank.id, wanted, faults=[Fault(file.name, str(refusal))])
    _tell(plan, dry_run, as_json)
    sys.exit(1 if plan.faults or plan.unsupported else 0)


def _actor(user: str) -> Actor:
    actor = actor_named(user, clock.now())
    if actor is None:
        raise click.BadParameter(f"no active account named {user!r}", param_hint="--as")
    if not WRITE.may(actor):
        raise click.BadParameter(
            f"{user!r} may not import questions; use an account of an author, an examiner or an "
            "administrator",
            param_hint="--as",
        )
    return actor


def _plan(bank: Bank, reading: Reading) -> ImportPlan:
    with Progress(console=_err, transient=True) as bar:
        task = bar.add_task("planning", total=max(len(reading.items), 1))
        return plan_import(bank, reading, lambda done, _total: bar.update(task, completed=done))


def _note_console(bank: Bank, file: Path) -> None:
    """Who sat at the console, as far as the machine knows."""
    try:
        login = getpass.getuser()
    except (OSError, KeyError):
        login = ""
    audit.record(SYSTEM, "question.import.console", "bank", bank.id, login=login, file=file.name)


def _bank(code: str, actor: Actor) -> Bank:
    bank = session().scalar(select(Bank).where(Bank.code == code))
    if bank is None or not WRITE.may(actor, bank):
        raise click.BadParameter(f"no question bank {code!r} for this account", param_hint="--bank")
    return bank


def _read(file: Path, wanted: str, defaults: Defaults) -> Reading:
    with file.open("rb") as handle:
        data = handle.read(MOST_BYTES + 1)
    with _err.status("reading"):
        return read_file(data, file.name, wanted, defaults)


def outcome(plan: ImportPlan, dry_run: bool) -> dict[str, Any]:
    """The counts and refusals of an import; nothing counts as imported when nothing is."""
    refused = bool(plan.faults)
    return {
        "format": plan.format,
        "imported": 0 if refused else plan.new,
        "updated": 0 if refused else plan.changed,
        "unchanged": plan.unchanged,
        "faults": [_line(fault) for fault in plan.faults],
        "unsupported": [_line(fault) for fault in plan.unsupported],
        "notes": plan.notes,
        "dry_run": dry_run,
    }


def _line(fault: Fault) -> dict[str, str]:
    column = {"column": fault.column} if fault.column else {}
    return {"where": fault.where, "reason": fault.reason} | column


def _tell(plan: ImportPlan, dry_run: bool, as_json: bool) -> None:
    found = outcome(plan, dry_run)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    counts = ("imported", "updated", "unchanged")
    click.echo(", ".join(f"{name} {found[name]}" for name in counts) + f" ({plan.format})")
    for title, faults in (("faults", plan.faults), ("not supported", plan.unsupported)):
        if faults:
            grid = Table("where", "column", "reason", title=f"{title}: {len(faults)}")
            for fault in faults[:_SHOWN]:
                grid.add_row(fault.where, fault.column, fault.reason)
            _err.print(grid)
    for note in plan.notes:
        click.echo(note, err=True)
    if plan.faults:
        click.echo("Nothing was written.", err=True)
    elif dry_run:
        click.echo("Nothing was written (dry run).", err=True)
