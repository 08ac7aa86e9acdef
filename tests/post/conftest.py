"""A post office on this machine for every test, and a site that knows where it is."""

import dataclasses

import pytest

from lms.core.carriers import load_carriers
from lms.post.office.checks import OfficeSecrets
from lms.post.office.server import PostOffice
from tests.post.world import SECRETS, environment


@pytest.fixture
def office():
    """Takes everything and checks it as the real receivers do."""
    made = PostOffice(OfficeSecrets(**SECRETS))
    made.start()
    yield made
    made.stop()


@pytest.fixture
def settings(settings, office):
    """Settings with mail, SMS and the private network of the post office."""
    return dataclasses.replace(settings, carriers=load_carriers(environment(office)))


@pytest.fixture
def do(site):
    """``do(function, …)`` calls it in an application context of its own, as a job would."""

    def run(function, *args, **kwargs):
        with site.app.app_context():
            return function(*args, **kwargs)

    return run
