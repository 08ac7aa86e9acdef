"""Links back: only to this site."""

from urllib.parse import urlsplit

from flask import request


def is_local(target: str | None) -> bool:
    """True for a path on this site (``/x?y``), never ``//host`` or another scheme."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return False
    parts = urlsplit(target)
    return not parts.scheme and not parts.netloc and target.isprintable()


def safe_next(default: str) -> str:
    """The ``next`` parameter when it stays on this site, else ``default``."""
    target = request.values.get("next")
    return target if target and is_local(target) else default


def safe_back(default: str) -> str:
    """The page the request came from when it is on this site, else ``default``."""
    parts = urlsplit(request.referrer or "")
    if parts.netloc != request.host:
        return default
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    return target if is_local(target) else default
