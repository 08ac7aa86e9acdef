"""The ``lms`` command: gathers each package's commands.

Exit codes: 0 done, 1 refused (the message says why and the cure), 2 wrong usage.
"""

import json
import sys

import click
from flask import current_app
from flask.cli import ScriptInfo, with_appcontext
from rich.console import Console
from rich.table import Table

from lms.app import create_app
from lms.core.config import SettingError, load_settings
from lms.core.setup import migrate_database
from lms.demo import fill_if_empty
from lms.doctor import examine
from lms.serve import prepare, serve, with_address


class Root(click.Group):
    """The root command; settings that cannot be used end it with exit code 2."""

    def invoke(self, ctx: click.Context) -> object:
        """Turn refusals into one line and an exit code."""
        try:
            return super().invoke(ctx)
        except SettingError as error:
            click.echo(f"lms: {error}", err=True)
            ctx.exit(2)


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
    """Migrate the database and serve the site with its scheduler."""
    settings = with_address(load_settings(), host, port)
    app = create_app(settings)
    if demo_if_empty:
        fill_if_empty(app)
    kind = prepare(app, settings)
    click.echo(f"Serving the {kind} installation on http://{settings.host}:{settings.port}")
    serve(settings)


@main.command()
@with_appcontext
def migrate() -> None:
    """Bring the database to the newest revision."""
    migrate_database()
    click.echo("The database is up to date.")


@main.command()
@click.option("--json", "as_json", is_flag=True, help="print findings as JSON")
@with_appcontext
def doctor(as_json: bool) -> None:
    """Check database, migrations, keys, clock, disk, fonts and SQLite; say the cure."""
    findings = examine(current_app._get_current_object())  # type: ignore[attr-defined]
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
