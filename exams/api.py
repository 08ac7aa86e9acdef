"""The door of ``exams``."""

from exams.rooms import register

__all__ = ["register"]
