"""Starting: an empty database, a demo on a public address and lost keys are refused in words."""

import shutil
from dataclasses import replace

import click
import pytest

from lms.app import create_app
from lms.core import clock
from lms.core.config import SettingError
from lms.core.db import db, session
from lms.core.setup import Installation
from lms.core.uow import unit_of_work
from lms.serve import is_public, prepare


def install(kind):
    with unit_of_work():
        session().add(Installation(id=1, kind=kind, created_at=clock.now()))
    db.session.remove()


@pytest.mark.parametrize(
    ("host", "public"),
    [("127.0.0.1", False), ("localhost", False), ("::1", False), ("0.0.0.0", True),  # noqa: S104
     ("192.168.1.5", True), ("::", True), ("training.example.cn", True)],
)  # fmt: skip
def test_which_addresses_are_public(host, public):
    assert is_public(host) is public


def test_an_empty_database_is_not_served(app, settings):
    with pytest.raises(click.ClickException, match="lms init"):
        prepare(app, settings)


def test_a_demo_is_served_on_this_machine_only_unless_told(app, settings):
    install("demo")
    assert prepare(app, settings) == "demo"
    open_to_all = replace(settings, host="0.0.0.0")  # noqa: S104
    with pytest.raises(click.ClickException, match="LMS_DEMO_ON_PUBLIC_ADDRESS"):
        prepare(app, open_to_all)
    assert prepare(app, replace(open_to_all, demo_on_public_address=True)) == "demo"


def test_a_real_installation_is_served_anywhere(app, settings):
    install("production")
    assert prepare(app, replace(settings, host="0.0.0.0")) == "production"  # noqa: S104


def test_a_database_in_use_without_its_keys_does_not_start(app, settings):
    install("production")
    shutil.rmtree(settings.instance / "keys")
    with pytest.raises(SettingError, match="restore them from the backup"):
        create_app(settings)
    assert not (settings.instance / "keys" / "vault.json").exists()
