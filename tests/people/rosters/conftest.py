"""An app for tests that generate many examples and touch no data."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask_babel import Babel


@pytest.fixture(scope="module")
def app_once() -> Iterator[None]:
    """An application context in which texts are translated, and nothing else."""
    app = Flask("texts")
    Babel(app)
    with app.app_context():
        yield
