"""The ``lms`` command: gathers each package's commands.

Exit codes: 0 done, 1 refused (the message says why and the cure), 2 wrong usage.
"""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import ScriptInfo, with_appcontext
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from certificates.api import commands as certificates_commands
from courses.api import commands as courses_commands
from exams.api import commands as exams_commands
from lms.app import create_app
from lms.backup import back_up, restore
from lms.core.config import SettingError, load_settings, load_signing_settings
from lms.core.errors import DomainError
from lms.core.logs import init_logs
from lms.core.setup import migrate_database
from lms.demo import PASSWORD, build_demo, fill_if_empty
from lms.doctor import examine
from lms.installing import initialise, refuse_if_in_use
from lms.people.api import NewPerson
from lms.people.api import commands as people_commands
from lms.post.api import commands as post_commands
from lms.serve import prepare, serve, settings_at
from lms.signer import run_signer, signer_beside
from lms.starter import bring_up_to_date


class Root(click.Group):
    """The root command; settings that cannot be used end it with exit code 2."""

    def invoke(self, ctx: click.Context) -> object:
        """Turn refusals into one line and an exit code."""
        try:
            return super().invoke(ctx)
        except SettingError as error:
            click.echo(f"lms: {error}", err=True)
            ctx.exit(2)
        except DomainError as refusal:
            click.echo(f"lms: {refusal}", err=True)
            ctx.exit(1)


@click.group(cls=Root, context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def main(ctx: click.Context) -> None:
    """Training and certification for the elderly-care workforce."""
    ctx.obj = ScriptInfo(create_app=create_app, set_debug_flag=False)


@main.command()
@click.option("--host", help="address to listen on (default: LMS_HOST or 127.0.0.1)")
@click.option("--port", type=click.IntRange(1, 65535), help="port (default: LMS_PORT or 8000)")
@click.option("--demo-if-empty", is_flag=True, help="load the demo province into an empty database")
def run(host: str | None, port: int | None, demo_if_empty: bool) -> None:
    """Migrate the database and serve the site with its scheduler and its signer."""
    settings = settings_at(host, port)
    with signer_beside(settings.signing) as signing:
        settings = replace(settings, signing=signing)
        app = create_app(settings)
        if demo_if_empty:
            fill_if_empty(app)
        kind = prepare(app, settings)
        click.echo(f"Serving the {kind} installation on http://{settings.host}:{settings.port}")
        if kind == "demo":
            click.echo(f"Sign in as caregiver, hr, county or another; password: {PASSWORD}")
        serve(settings)


@main.command()
def signer() -> None:
    """Hold the private keys and sign for the site, as a process (and a user) of its own."""
    init_logs(os.environ.get("LMS_LOG_LEVEL") or "INFO")
    run_signer(load_signing_settings(os.environ))


@main.command()
@click.option("--login", help="login name of the first administrator (asked for when left out)")
@click.option("--name", help="her name")
@click.option("--id-number", help="her id number, 18 characters; kept encrypted")
@click.option("--phone", help="her mobile number; may be empty")
@with_appcontext
def init(login: str | None, name: str | None, id_number: str | None, phone: str | None) -> None:
    """Set up an empty production database and its first administrator."""
    refuse_if_in_use()  # before anything is asked
    login = login or click.prompt("Login name of the first administrator")
    name = name or click.prompt("Name")
    id_number = id_number or click.prompt("Id number (18 characters; kept encrypted)")
    if phone is None:
        phone = click.prompt("Mobile number (empty for none)", default="", show_default=False)
    code = initialise(NewPerson(name, id_number, phone or None), login)
    base = load_settings().base_url
    click.echo(f"Ready. Start with `lms run`, open {base}/activate and type this code once:")
    click.echo(f"  {code}")
    click.echo("It opens the administrator's account, who then sets up the second factor.")


@main.command()
@click.option("--staff", type=click.IntRange(50, 1_000_000), default=2000, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="same seed, same province")
@click.option("--json", "as_json", is_flag=True, help="print accounts, counts and samples as JSON")
@with_appcontext
def demo(staff: int, seed: int, as_json: bool) -> None:
    """Fill an empty database with an invented province."""
    migrate_database()
    with _progress() as bar:
        made = build_demo(staff, seed, _reporter(bar))
    if as_json:
        click.echo(json.dumps(asdict(made), ensure_ascii=False))
        return
    table = Table("login", "role", title=f"Demo accounts, password {made.password}")
    for account in made.accounts:
        table.add_row(account["login"], account["role"])
    Console().print(table)
    for name, value in {**made.counts, **made.samples}.items():
        click.echo(f"{name}: {value}")


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True))


def _reporter(bar: Progress) -> Callable[[str, int, int], None]:
    lines: dict[str, TaskID] = {}

    def report(name: str, done: int, total: int) -> None:
        if name not in lines:
            lines[name] = bar.add_task(name, total=total)
        bar.update(lines[name], completed=done, total=total)

    return report


@main.command()
@with_appcontext
def migrate() -> None:
    """Bring the database to the newest revision, and its rules."""
    bring_up_to_date()
    click.echo("The database is up to date.")


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def backup(file: Path) -> None:
    """Write database and keys to FILE while the site runs."""
    back_up(this_app(), file)
    click.echo(f"Written to {file}. Keep it safe: it holds the keys.")


@main.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_appcontext
def restore_command(file: Path) -> None:
    """Put a backup into an empty instance."""
    restore(this_app(), file)
    click.echo("Restored. Run `lms doctor`, then `lms run`.")


def this_app() -> Flask:
    """The app of the present context, itself rather than its proxy."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    return app


@main.command()
@click.option("--json", "as_json", is_flag=True, help="print findings as JSON")
@with_appcontext
def doctor(as_json: bool) -> None:
    """Check database, migrations, keys, clock, disk, fonts and SQLite; say the cure."""
    findings = examine(this_app())
    if as_json:
        rows = [
            {"name": f.name, "state": f.state, "seen": f.seen, "cure": f.cure} for f in findings
        ]
        click.echo(json.dumps(rows, ensure_ascii=False))
    else:
        table = Table("check", "state", "seen", "cure")
        for finding in findings:
            table.add_row(finding.name, finding.state, finding.seen, finding.cure)
        Console().print(table)
    sys.exit(1 if any(finding.state == "bad" for finding in findings) else 0)


for command in (
    *people_commands, *post_commands, *courses_commands, *exams_commands, *certificates_commands,
):  # fmt: skip
    main.add_command(command)
