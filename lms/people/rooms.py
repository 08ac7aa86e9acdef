"""What ``lms.people`` adds to the site: pages and sessions."""

from flask import Flask

from lms.people import sessions
from lms.people.accounts.views import activate, me, second_factor, sign_in


def register(app: Flask) -> None:
    """Join the pages of this package to the app."""
    sessions.init_sessions(app)
    app.extensions["second_factor_in_demo"] = app.extensions["settings"].demo_second_factor
    for views in (sign_in, activate, second_factor, me):
        app.register_blueprint(views.bp)
