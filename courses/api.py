"""The door of ``courses``."""

from courses.rooms import register

__all__ = ["register"]
