"""What the portal adds to the site."""

from flask import Flask

from lms.portal.shell import init_shell
from lms.portal.views import health, home, install, preferences


def register(app: Flask) -> None:
    """Join the pages of this package to the app."""
    init_shell(app)
    app.register_blueprint(health.bp)
    app.register_blueprint(home.bp)
    app.register_blueprint(install.bp)
    app.register_blueprint(preferences.bp)
