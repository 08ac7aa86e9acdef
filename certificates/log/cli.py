"""Commands about the register's log, for the site's own machine."""

import sys

import click
from flask.cli import with_appcontext

from certificates.log.audit import faults
from certificates.log.operations import verifier
from certificates.log.queries import newest_checkpoint


@click.group("log")
def log_commands() -> None:
    """The log of everything that happened to certificates."""


@log_commands.command("key")
@with_appcontext
def key() -> None:
    """Print the key to give to a witness, on a way other than this site."""
    click.echo(verifier().text)


@log_commands.command("check")
@with_appcontext
def check() -> None:
    """Work the whole log out anew and compare it with the register and with what was signed.

    Exit code 0 when everything agrees, 1 when something does not.
    """
    found = 0
    for fault in faults():
        found += 1
        click.echo(fault, err=True)
    newest = newest_checkpoint()
    click.echo(f"{newest.size if newest else 0} entries, {found} faults")
    sys.exit(1 if found else 0)
