"""Issuing from a sheet on the command line."""

import json
import sys
from pathlib import Path

import click
from flask.cli import with_appcontext

from certificates.batches.models import BatchLine
from certificates.batches.operations import begin, keep_plan
from certificates.batches.planning import Plan, Planned, plan_sheet
from certificates.batches.policy import ISSUE
from certificates.batches.queries import counts_of, lines_of
from certificates.batches.running import run
from certificates.batches.sheet import asked_in
from lms.core import clock
from lms.core.access import Actor, Role
from lms.core.errors import DomainError
from lms.core.sheets import read_table
from lms.core.uow import unit_of_work
from lms.people.api import actor_named, organisation_cards

MOST_BYTES = 12 * 1024 * 1024


@click.group("certificates")
def certificates_group() -> None:
    """Issue certificates."""


@certificates_group.command("issue")
@click.option(
    "--from", "file", required=True, metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
    help="an .xlsx or .csv in the layout of the template",
)  # fmt: skip
@click.option("--as", "user", required=True, metavar="USER", help="login name or phone to act as")
@click.option("--issuer", metavar="CODE", help="credit code of the issuer, if USER has several")
@click.option("--dry-run", is_flag=True, help="say what would become of each line, write nothing")
@click.option("--json", "as_json", is_flag=True, help="print the outcome as JSON")
@with_appcontext
def issue_command(file: Path, user: str, issuer: str | None, dry_run: bool, as_json: bool) -> None:
    """Issue what a sheet asks for, line by line; each line once, however often it is asked for.

    Exit code 0 when nothing was refused, 1 when a line or the sheet was, 2 for wrong usage.
    """
    actor = _actor(user)
    issuer_id = _issuer(actor, issuer)
    if file.stat().st_size > MOST_BYTES:
        raise click.BadParameter("the file is too large", param_hint="--from")
    try:
        table = read_table(file.read_bytes(), file.name)
        plan = plan_sheet(issuer_id, asked_in(table), clock.today(), actor.person_id)
        if dry_run or not plan.counts["ready"]:
            _tell_plan(plan, dry_run, as_json)
            sys.exit(1 if plan.counts["refused"] or plan.short else 0)
        sys.exit(_issue(issuer_id, file.name, plan, actor, as_json))
    except DomainError as refusal:
        told = json.dumps({"error": str(refusal)}, ensure_ascii=False)
        click.echo(told if as_json else str(refusal))
        sys.exit(1)


def _actor(user: str) -> Actor:
    actor = actor_named(user, clock.now())
    if actor is None or not ISSUE.may(actor):
        raise click.BadParameter("use the account of an issuer's examiner", param_hint="--as")
    return actor


def _issuer(actor: Actor, code: str | None) -> int:
    own = actor.organisations(Role.EXAMINER)
    if code is None and len(own) == 1:
        return next(iter(own))
    cards = organisation_cards(own).values()
    found = next((card.id for card in cards if card.credit_code == code), None)
    if found is None:
        raise click.BadParameter("name one of USER's own issuers", param_hint="--issuer")
    return found


def _issue(issuer_id: int, title: str, plan: Plan, actor: Actor, as_json: bool) -> int:
    now = clock.now()
    with unit_of_work():
        batch = keep_plan(issuer_id, "sheet", title, plan, actor, now)
        batch_id, ref = batch.id, batch.ref
        begin(batch_id, actor, now, queue=False)
    run(batch_id, actor, lambda _done, _total: None)
    counts = counts_of(batch_id)
    lines = lines_of(batch_id)
    if as_json:
        told = [_as_json(line) for line in lines]
        click.echo(json.dumps({"batch": ref, "counts": counts, "lines": told}, ensure_ascii=False))
    else:
        for line in lines:
            click.echo(_sentence(line))
        click.echo("  ".join(f"{word} {count}" for word, count in counts.items()))
    return 1 if counts.get("refused") or counts.get("failed") else 0


def _tell_plan(plan: Plan, dry_run: bool, as_json: bool) -> None:
    """What would become of each line; also when nothing is left to issue and no batch is kept."""
    short = {what: {"needed": n, "left": left} for what, (n, left) in plan.short.items()}
    counts = dict(plan.counts)
    if as_json:
        told = [_as_json(line) for line in plan.lines]
        click.echo(
            json.dumps(
                {"dry_run": dry_run, "counts": counts, "short": short, "lines": told},
                ensure_ascii=False,
            )
        )
        return
    for line in plan.lines:
        click.echo(_sentence(line))
    for what, (needed, left) in plan.short.items():
        click.echo(f"numbers short: {what} needs {needed}, {left} left")
    click.echo("  ".join(f"{word} {count}" for word, count in counts.items()) or "no lines")


def _as_json(line: Planned | BatchLine) -> dict[str, object]:
    kept = ("row", "outcome", "name", "title", "column")
    return {name: getattr(line, name) for name in kept} | {"text": line.said}


def _sentence(line: Planned | BatchLine) -> str:
    said = _as_json(line)
    why = "：".join(str(said[name]) for name in ("column", "text") if said[name])
    return f"{said['row']:>5}  {said['outcome']:<8} {said['name']}  {said['title']}  {why}".rstrip()
