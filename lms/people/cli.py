"""Commands about people."""

import json
import sys
from pathlib import Path

import click
from flask.cli import with_appcontext
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table as Grid

from lms.core import clock
from lms.core.access import Actor
from lms.core.errors import DomainError
from lms.core.sheets import MOST_BYTES, read_table
from lms.core.uow import unit_of_work
from lms.people.accounts.cli import account
from lms.people.actors import actor_named
from lms.people.rosters.apply import apply_roster
from lms.people.rosters.plan import RosterPlan
from lms.people.rosters.planning import plan_roster
from lms.people.rosters.policy import IMPORT_ROSTER

_SHOWN = 40
_err = Console(stderr=True)


@click.command("import-roster")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@click.option("--as", "user", required=True, metavar="USER", help="login name or phone to act as")
@click.option("--dry-run", is_flag=True, help="plan only, write nothing")
@click.option("--json", "as_json", is_flag=True, help="print the plan as JSON")
@with_appcontext
def import_roster(file: Path, user: str, dry_run: bool, as_json: bool) -> None:
    """Import a roster (.xlsx or .csv): new, changed, moved, left staff; all or nothing.

    Exit code 0 without faults, 1 with faults (nothing is written), 2 for wrong usage.
    """
    actor = _actor(user)
    try:
        plan = _planned(file, actor)
        if not plan.faults and not dry_run:
            with unit_of_work(), _err.status("writing"):
                apply_roster(plan, actor, clock.now())
    except DomainError as refusal:
        # A file that cannot be read at all is one fault of the whole sheet.
        _tell_refusal(str(refusal), as_json)
        sys.exit(1)
    _tell(plan, as_json, written=not dry_run and not plan.faults)
    sys.exit(1 if plan.faults else 0)


def _actor(user: str) -> Actor:
    actor = actor_named(user, clock.now())
    if actor is None:
        raise click.BadParameter(f"no active account named {user!r}", param_hint="--as")
    if not IMPORT_ROSTER.may(actor):
        raise click.BadParameter(
            f"{user!r} may not import rosters; use an account of HR, an officer or an "
            "administrator",
            param_hint="--as",
        )
    return actor


def _planned(file: Path, actor: Actor) -> RosterPlan:
    with file.open("rb") as handle:
        data = handle.read(MOST_BYTES + 1)
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"),
        TimeRemainingColumn(), console=_err, transient=True,
    ) as progress:  # fmt: skip
        bar = progress.add_task("reading", total=None)
        table = read_table(data, file.name)
        progress.update(bar, description="planning", total=len(table.rows))
        return plan_roster(
            table, actor, clock.now(), lambda done, total: progress.update(bar, completed=done,
                                                                           total=total)
        )  # fmt: skip


def _tell_refusal(text: str, as_json: bool) -> None:
    if as_json:
        counts = RosterPlan().counts
        faults = [{"row": 0, "column": "", "reason": text}]
        click.echo(json.dumps(counts | {"faults": faults}, ensure_ascii=False))
    else:
        _err.print(f"[red]{text}[/red]")


def _tell(plan: RosterPlan, as_json: bool, written: bool) -> None:
    if as_json:
        faults = [{"row": f.row, "column": f.column, "reason": f.reason} for f in plan.faults]
        click.echo(json.dumps(plan.counts | {"faults": faults}, ensure_ascii=False))
        return
    click.echo(", ".join(f"{kind} {number}" for kind, number in plan.counts.items()))
    if plan.faults:
        grid = Grid("row", "column", "value", "what to do")
        for fault in plan.faults[:_SHOWN]:
            grid.add_row(str(fault.row), fault.column, fault.value, fault.reason)
        _err.print(grid)
        if len(plan.faults) > _SHOWN:
            _err.print(f"… and {len(plan.faults) - _SHOWN} more; --json lists all")
        _err.print("Nothing was written.")
    else:
        click.echo("Written." if written else "Nothing was written (dry run).")


commands = [import_roster, account]
