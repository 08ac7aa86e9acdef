"""``lms account``: a way in for whoever runs the server when nobody can sign in any more."""

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from lms.core import clock
from lms.core.access import SYSTEM
from lms.core.db import session
from lms.core.errors import NotFound
from lms.core.uow import unit_of_work
from lms.people import sessions
from lms.people.accounts import rules, second_factor, slips
from lms.people.models import Account


@click.group()
def account() -> None:
    """Help somebody who cannot sign in (also the only administrator)."""


@account.command()
@click.argument("login")
@with_appcontext
def slip(login: str) -> None:
    """Print a new activation code for LOGIN; older codes stop working."""
    with unit_of_work():
        code = slips.issue_slip(_account(login).person_id, SYSTEM, clock.now())
    click.echo(code)


@account.command("reset-second-factor")
@click.argument("login")
@click.option("--reason", prompt="Reason (kept in the audit trail)")
@with_appcontext
def reset_second_factor(login: str, reason: str) -> None:
    """Take the second factor off LOGIN, who sets up a new one at the next sign-in."""
    with unit_of_work():
        second_factor.remove(_account(login).id, SYSTEM, clock.now(), reason)
    click.echo(f"{login} is signed out everywhere and sets up the second factor anew.")


@account.command("sign-out")
@click.argument("login")
@with_appcontext
def sign_out(login: str) -> None:
    """End every session of LOGIN."""
    with unit_of_work():
        ended = sessions.end_all(_account(login).id, clock.now())
    click.echo(f"{ended} sessions ended.")


def _account(login: str) -> Account:
    found = session().scalar(select(Account).where(Account.login == rules.normal_login(login)))
    if found is None:
        raise NotFound(f"no account has the login name {login}")
    return found
