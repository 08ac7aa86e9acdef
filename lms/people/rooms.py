"""What ``lms.people`` adds to the site: pages and sessions."""

from flask import Flask

from lms.people import sessions
from lms.people.views import sign_in


def register(app: Flask) -> None:
    """Join the pages of this package to the app."""
    sessions.init_sessions(app)
    app.register_blueprint(sign_in.bp)
