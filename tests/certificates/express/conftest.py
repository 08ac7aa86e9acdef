"""A certificate whose answers are remembered, and a look at which requests reach Flask."""

import pytest

from certificates.express.door import Door
from tests.factories.certificates import issue_now, skill_request


def door_of(app) -> Door:
    """The door of an app, wherever it stands."""
    found = app.wsgi_app
    while not isinstance(found, Door):
        found = getattr(found, "_inner", None) or found.app
    return found


@pytest.fixture
def issued(site, cast):
    with site.app.app_context():
        return issue_now(skill_request(cast.wang, cast.base))


@pytest.fixture
def door(site):
    return door_of(site.app)


@pytest.fixture
def ordinary(door, monkeypatch):
    """The paths that went the ordinary way."""
    inner, seen = door._inner, []

    def note(environ, start_response):
        seen.append(environ["PATH_INFO"])
        return inner(environ, start_response)

    monkeypatch.setattr(door, "_inner", note)
    return seen
