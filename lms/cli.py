"""The ``lms`` command: gathers each package's commands."""

import click
from flask.cli import ScriptInfo

from lms.app import create_app


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def main(ctx: click.Context) -> None:
    """Training and certification for the elderly-care workforce."""
    ctx.obj = ScriptInfo(create_app=create_app, set_debug_flag=False)
