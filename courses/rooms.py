"""What ``courses`` adds to the site."""

from flask import Flask

from courses.rooms_duty import register_duty


def register(app: Flask) -> None:
    """Join the pages of this package to the app."""
    register_duty(app)
