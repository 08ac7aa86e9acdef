"""Keys for tests."""

from __future__ import annotations

from flask import Flask

from lms.core import clock
from lms.core.keys.folder import KeyFolder


def rotate(app: Flask) -> str:
    """Let a new key seal from now on; its id."""
    folder = KeyFolder(app.extensions["settings"].signing.keys, "signing")
    return folder.rotate(clock.now()).kid
