"""Commands about blueprints."""

import json
import sys
from pathlib import Path
from typing import Any

import click
import yaml
from flask.cli import with_appcontext

from exams.papers.policy import IMPORT
from exams.papers.weights import TablePlan, import_table, plan_table
from lms.core import clock
from lms.core.access import Actor
from lms.core.errors import DomainError
from lms.core.uow import unit_of_work
from lms.people.api import actor_named

MOST_BYTES = 64 * 1024


@click.command("import-weights")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@click.option("--as", "user", required=True, metavar="USER", help="login name or phone to act as")
@click.option("--dry-run", is_flag=True, help="check only, write nothing")
@click.option("--json", "as_json", is_flag=True, help="print the outcome as JSON")
@with_appcontext
def import_command(file: Path, user: str, dry_run: bool, as_json: bool) -> None:
    """Import a level's theory weight table (YAML) as the next version of its rule.

    Refused with the numbers unless the weights sum to 100. Exit code 0 when it was taken, 1 when
    it was refused, 2 for wrong usage.
    """
    actor = _actor(user)
    try:
        plan = plan_table(_read(file))
        stamp = "" if dry_run else _write(plan, actor)
    except DomainError as refusal:
        _say({"rule": None, "reason": str(refusal)}, str(refusal), as_json)
        sys.exit(1)
    facts = {"rule": stamp or plan.code, "weights": plan.value["weights"], "dry_run": dry_run}
    _say(facts, stamp or plan.code, as_json)


def _actor(user: str) -> Actor:
    actor = actor_named(user, clock.now())
    if actor is None or not IMPORT.may(actor):
        raise click.BadParameter("use the account of an administrator", param_hint="--as")
    return actor


def _write(plan: TablePlan, actor: Actor) -> str:
    with unit_of_work():
        return import_table(plan, actor)


def _read(file: Path) -> Any:
    if file.stat().st_size > MOST_BYTES:
        raise click.BadParameter("the file is too large", param_hint="FILE")
    try:
        return yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as fault:
        raise click.BadParameter(f"this is no YAML: {fault}", param_hint="FILE") from fault


def _say(facts: dict[str, Any], sentence: str, as_json: bool) -> None:
    click.echo(json.dumps(facts, ensure_ascii=False) if as_json else sentence)
