"""An app for one test, closed behind it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Flask

from lms.app import create_app
from lms.core.config import Settings
from lms.core.db import db
from tests.once import share_templates


@dataclass(frozen=True)
class Site:
    """The app under test."""

    app: Flask

    @staticmethod
    @contextmanager
    def open(settings: Settings) -> Iterator[Site]:
        """Build the app; dispose of its connections at the end."""
        app = create_app(dataclasses.replace(settings, testing=True))
        share_templates(app)
        try:
            yield Site(app)
        finally:
            with app.app_context():
                db.session.remove()
                db.engine.dispose()
            # The engine's listeners know the app, and the engines are kept by app: neither would
            # ever go by itself, and thousands of apps are made in a run.
            db._app_engines.pop(app, None)
