"""What ``certificates`` adds to the site."""

from flask import Flask

from certificates import models  # noqa: F401 - its tables


def register(app: Flask) -> None:
    """Join the pages of this package to the app."""
