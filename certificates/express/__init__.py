"""Checks of certificates answered before Flask; see docs/decisions/0031."""
