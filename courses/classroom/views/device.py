"""The mark of a phone's browser: the same for everybody who uses it, says nothing about them."""

import secrets
from hashlib import sha256

from flask import Response, current_app, g, request

_COOKIE = "device"
_DAYS = 400


def device() -> str:
    """A hash of this browser's mark; one without a mark gets it with the answer."""
    return sha256(_mark().encode()).hexdigest()[:32]


def with_device(answer: Response) -> Response:
    """Give the browser its mark if it has none."""
    if not request.cookies.get(_COOKIE):
        answer.set_cookie(
            _COOKIE,
            _mark(),
            max_age=_DAYS * 24 * 3600,
            secure=current_app.config["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite="Lax",
        )
    return answer


def _mark() -> str:
    known = request.cookies.get(_COOKIE)
    if known:
        return known
    if "device_mark" not in g:
        g.device_mark = secrets.token_urlsafe(16)
    return str(g.device_mark)
