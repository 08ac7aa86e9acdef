"""Fixtures of the courses tests."""

import pytest


@pytest.fixture
def do(site):
    """``do(function, …)`` calls it in an application context of its own, as a request would."""

    def run(function, *args, **kwargs):
        with site.app.app_context():
            return function(*args, **kwargs)

    return run
