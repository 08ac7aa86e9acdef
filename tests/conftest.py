"""Fixtures: one migrated template database per run, a fresh copy of it for every test.

``pytest --database postgresql`` runs the same tests on a real PostgreSQL server that is started
for the run and stopped with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from lms.core.config import Settings, load_settings
from tests import databases
from tests.cast import Cast, build_cast
from tests.factories.signing_in import sign_in_as
from tests.once import share_addresses
from tests.site import Site

# No test depends on how fast the machine is just now.
hypothesis_settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("unhurried")

share_addresses()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=("sqlite", "postgresql"), default="sqlite")


@pytest.fixture(scope="session")
def template(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[databases.Template]:
    """A migrated database with rules, regions and the cast, made once per worker."""
    folder = tmp_path_factory.mktemp("template")
    with databases.open_template(request.config.getoption("--database"), folder) as made:
        made.prepare(build_cast)
        yield made


@pytest.fixture
def settings(template: databases.Template) -> Iterator[Settings]:
    """Settings of an installation of this test's own."""
    instance = template.new_instance()
    with template.copy(instance) as url:
        yield load_settings({"LMS_INSTANCE": str(instance), "LMS_DATABASE_URL": url})


@pytest.fixture
def site(settings: Settings) -> Iterator[Site]:
    """The app on this test's database."""
    with Site.open(settings) as opened:
        yield opened


@pytest.fixture
def app(site: Site) -> Iterator[Flask]:
    """The app with an application context pushed, for tests below the request level."""
    with site.app.app_context():
        yield site.app


@pytest.fixture
def cast(template: databases.Template) -> Cast:
    """The named people and places every test knows."""
    return template.cast


@pytest.fixture
def visitor(site: Site) -> FlaskClient:
    """A browser without an account."""
    return site.app.test_client()


@pytest.fixture
def sign_in(site: Site) -> Callable[[int], FlaskClient]:
    """``sign_in(cast.wang)`` gives a browser in which that person is signed in."""
    return lambda person_id: sign_in_as(site.app, person_id)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Why a journey was walked twice, so that a second walk hides nothing."""
    for report in terminalreporter.stats.get("rerun", []):
        terminalreporter.write_sep("_", f"walked again: {report.nodeid}")
        terminalreporter.write_line(report.longreprtext)
