"""What ``exams`` adds to the site."""

from flask import Flask


def register(app: Flask) -> None:
    """Join the pages of this package to the app."""
