"""The door of ``certificates``."""

from certificates.rooms import register

__all__ = ["register"]
