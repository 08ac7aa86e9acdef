"""``lms keys``: announce, rotate, retire, tell of a theft, check."""

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import click
from flask import current_app
from flask.cli import with_appcontext

from certificates.keeping.check import faults
from certificates.log.succession import announce as name_successors
from certificates.log.succession import ensure_named, ensure_next
from lms.core import audit, clock
from lms.core.access import SYSTEM
from lms.core.config import Settings
from lms.core.errors import DomainError
from lms.core.keys.folder import RINGS, KeyFolder
from lms.core.keys.purposes import LOG, SEALS
from lms.core.keys.rings import PublicRing, RingKey, described
from lms.core.uow import unit_of_work

_RING = click.option(
    "--ring", type=click.Choice(RINGS), default=SEALS, show_default=True,
    help="signing: the keys that seal certificates; log: those that sign the register's log",
)  # fmt: skip


@click.group("keys")
def keys() -> None:
    """The keys that seal certificates and sign the register's log."""


@keys.command("list")
@click.option("--json", "as_json", is_flag=True, help="print all times as JSON")
@with_appcontext
def list_keys(as_json: bool) -> None:
    """Show every key and what it does now; all of them verify for ever."""
    rings = {name: _folder(name).read() for name in RINGS}
    if as_json:
        click.echo(json.dumps({n: [described(key) for key in r.keys] for n, r in rings.items()}))
        return
    for name, ring in rings.items():
        for key in ring.keys:
            click.echo(f"{key.kid}  {name}  {_doing(name, ring, key)}")


@keys.command("announce")
@click.option("--hours", type=click.IntRange(0, 24 * 365), default=24, show_default=True)
@_RING
@with_appcontext
def announce(hours: int, ring: str) -> None:
    """Add a key that is published now and signs only after so many hours."""
    now = clock.now()
    if ring == LOG:
        _or_exit(lambda: ensure_next(now))
    later = now + timedelta(hours=hours)
    key = _changed("announce", lambda: _folder(ring).announce(now, later))
    _name_successor(ring)
    click.echo(f"{key.kid}  signs from {key.active_from:%Y-%m-%d %H:%M} UTC")
    _remind()


@keys.command("rotate")
@_RING
@with_appcontext
def rotate(ring: str) -> None:
    """Let the announced key sign from now on, or a new one; the site notices by itself.

    The log's keys both sign until the old one is retired; witnesses follow by themselves.
    """
    key = _changed("rotate", lambda: _folder(ring).rotate(clock.now()))
    _name_successor(ring)
    click.echo(f"{key.kid}  signs now")
    _remind()


@keys.command("retire")
@click.argument("kid")
@click.option("--destroy", is_flag=True, help="remove its private half too; cannot be undone")
@_RING
@with_appcontext
def retire(kid: str, destroy: bool, ring: str) -> None:
    """Let a key sign no more; what it signed goes on verifying."""
    if ring == LOG:
        _or_exit(lambda: ensure_named(kid))
    key = _changed("retire", lambda: _folder(ring).retire(kid, clock.now()))
    if destroy:
        _folder(ring).destroy(kid)
    click.echo(f"{key.kid}  verifies only{', its private half is gone' if destroy else ''}")


@keys.command("compromised")
@click.argument("kid")
@click.option(
    "--since", type=click.DateTime(), required=True, help="first moment (UTC) of the theft"
)
@with_appcontext
def compromised(kid: str, since: datetime) -> None:
    """Tell that a stranger may have signed with a key since a moment.

    What it sealed is doubtful from then on, unless the register's log held it before.
    """
    at = since.replace(tzinfo=UTC)
    key = _changed("compromised", lambda: _folder().compromised(kid, at, clock.now()))
    click.echo(f"{key.kid}  compromised since {key.compromised_from:%Y-%m-%d %H:%M} UTC")


@keys.command("check")
@with_appcontext
def check() -> None:
    """Compare private and public keys, the signer's record, and the register.

    Exit code 0 when everything agrees, 1 when something does not.
    """
    found = 0
    for fault in faults(_settings().signing.keys, _settings().signing.module):
        found += 1
        click.echo(fault, err=True)
    click.echo(f"{found} faults")
    sys.exit(1 if found else 0)


def _settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found


def _folder(ring: str = SEALS) -> KeyFolder:
    signing = _settings().signing
    return KeyFolder(signing.keys, ring, signing.module)


def _changed(step: str, change: Callable[[], RingKey]) -> RingKey:
    """Change the ring and say so in the audit trail."""
    try:
        key = change()
    except PermissionError as error:
        owner = f"run this as the owner of {_settings().signing.keys}"
        raise click.ClickException(f"the keys cannot be changed: {owner}") from error
    with unit_of_work():
        audit.record(SYSTEM, f"keys.{step}", "key", key.kid)
    return key


def _or_exit(check: Callable[[], None]) -> None:
    try:
        check()
    except DomainError as refusal:
        raise click.ClickException(str(refusal)) from refusal


def _name_successor(ring: str) -> None:
    """Let the log's key name the one that follows it, so that witnesses can."""
    if ring == LOG:
        with unit_of_work():
            name_successors(SYSTEM, clock.now())


def _doing(name: str, ring: PublicRing, key: RingKey) -> str:
    now = clock.now()
    signing = key if name == LOG and key.may_sign(now) else ring.signing_at(now)
    told = f"compromised since {key.compromised_from:%Y-%m-%d}, " if key.compromised_from else ""
    if signing is not None and key.kid == signing.kid:
        return f"{told}signs now"
    if key.active_from > now and key.retired_at is None:
        return f"announced, signs from {key.active_from:%Y-%m-%d %H:%M} UTC"
    return f"{told}verifies only"


def _remind() -> None:
    click.echo("Make a backup now: certificates sealed with this key need its public half.")
