"""Commands of ``courses``."""

import sys
from datetime import date, datetime

import click
from flask.cli import with_appcontext
from rich.console import Console
from rich.table import Table

from courses.catalogue.cli import import_course
from courses.compliance import report
from courses.compliance.models import STATES
from courses.compliance.verdicts import ATTENTION
from courses.compliance.wording import STATE_LABELS
from lms.core import clock
from lms.core.rules import RuleMissing
from lms.people.api import all_regions, full_name


def _day(_ctx: click.Context, _param: click.Parameter, value: str | None) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is no date; write it like 2026-12-31") from None


def _moment(_ctx: click.Context, _param: click.Parameter, value: str | None) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(
            f"{value!r} is no instant; write it like 2027-01-05T00:00+08:00"
        ) from None
    if moment.tzinfo is None:
        raise click.BadParameter(
            f"{value!r} does not say its time zone; add +08:00 for Shanxi: {value}+08:00"
        )
    return moment


def _region(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    if value not in all_regions():
        raise click.BadParameter(
            f"{value!r} is no region of Shanxi; write 14, a city like 1401 or a county like 140105"
        )
    return value


@click.command()
@click.option("--year", type=click.IntRange(2020, 2100), required=True, help="the duty's year")
@click.option("--on", callback=_day, metavar="DATE", help="judge as of this day (default: today)")
@click.option(
    "--as-known", callback=_moment, metavar="DATETIME",
    help="use only what was recorded by this instant (default: now)",
)  # fmt: skip
@click.option("--region", callback=_region, default="14", show_default=True, help="region code")
@click.option("--state", "states", multiple=True, type=click.Choice(STATES), help="only these")
@click.option("--all", "everyone", is_flag=True, help="everyone with the duty, whatever the state")
@click.option("--names", is_flag=True, help="add today's names (may change what is printed later)")
@click.option(
    "--format", "form", type=click.Choice(("table", "csv", "json")), default="table",
    show_default=True,
)  # fmt: skip
@with_appcontext
def flags(
    year: int, on: date | None, as_known: datetime | None, region: str,
    states: tuple[str, ...], everyone: bool, names: bool, form: str,
) -> None:  # fmt: skip
    """Who has missed (or not yet done) the year's central training, why, and what clears it.

    The same question, with --on and --as-known, prints the same bytes for ever.
    """
    now = clock.now()
    chosen: tuple[str, ...] = () if everyone else states or ATTENTION
    asked = report.Asked(
        year, on or clock.local_date(now), as_known or now, region, chosen,
        names or form == "table",
    )  # fmt: skip
    try:
        rows = list(report.lines(asked))
    except RuleMissing as missing:
        click.echo(f"lms flags: {missing}; the rule begins later or was not known then", err=True)
        sys.exit(1)
    if form == "csv":
        click.echo(report.as_csv(asked, rows), nl=False)
    elif form == "json":
        click.echo(report.as_json(asked, rows), nl=False)
    else:
        _print_table(asked, rows)


def _print_table(asked: report.Asked, rows: list[report.Line]) -> None:
    table = Table("县区", "用人单位代码", "姓名", "状态", "还差学时", "原因和办法")
    for row in rows:
        table.add_row(
            full_name(row["region"]),
            row["employer"],
            row["name"],
            str(STATE_LABELS[row["state"]]),
            row["missing_hours"],
            row["explanation"],
        )
    console = Console()
    console.print(table)
    console.print(f"{asked.year}: {len(rows)} ({asked.on}, {full_name(asked.region)})")


commands = [flags, import_course]
