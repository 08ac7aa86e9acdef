"""Starting: an empty database, a demo on a public address and lost keys are refused in words."""

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import click
import pytest

from lms.app import create_app
from lms.core import clock
from lms.core.config import SettingError
from lms.core.db import db, session
from lms.core.rules import rule_versions
from lms.core.setup import Installation
from lms.core.uow import unit_of_work
from lms.serve import is_public, prepare, settings_at


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


def test_the_port_of_the_command_line_is_listened_on_and_printed(monkeypatch, tmp_path):
    monkeypatch.setenv("LMS_INSTANCE", str(tmp_path))
    monkeypatch.setenv("LMS_PORT", "8081")
    monkeypatch.delenv("LMS_BASE_URL", raising=False)
    given = settings_at("::1", 8082)
    assert (given.host, given.port, given.base_url) == ("::1", 8082, "http://127.0.0.1:8082")
    assert settings_at(None, None).port == 8081


def test_make_run_hands_on_host_and_port():
    said = subprocess.run(
        ["make", "--dry-run", "--always-make", "run"],
        env={**os.environ, "HOST": "::1", "PORT": "8083"},
        cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "lms run --demo-if-empty --host ::1 --port 8083" in said.stdout


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


def test_an_installation_in_use_gets_the_rules_of_a_newer_version_and_keeps_its_own(
    app, settings, monkeypatch, tmp_path
):
    install("production")
    known = rule_versions("compliance.central")
    (tmp_path / "new.yaml").write_text(
        "newer.rule: {effective_from: 2026-01-01, source: 试验, value: {days: 3}}\n"
        "compliance.central: {effective_from: 2020-01-01, source: 试验, value: {}}\n",
        encoding="utf-8",
    )
    monkeypatch.setattr("lms.starter.RULE_FOLDERS", (tmp_path,))
    for _ in range(2):
        assert prepare(app, settings) == "production"
    db.session.remove()
    assert [v.value for v in rule_versions("newer.rule")] == [{"days": 3}]
    assert rule_versions("compliance.central") == known
