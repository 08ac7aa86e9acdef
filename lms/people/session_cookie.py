"""The cookie of a session: 256 random bits, of which the database keeps the hash."""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from flask import current_app, request
from werkzeug.wrappers import Response

LONGEST = timedelta(days=30)


def cookie_name(secure: bool | None = None) -> str:
    """``__Host-session`` behind TLS, ``session`` on plain http; by default as this site is."""
    if secure is None:
        secure = current_app.config["SESSION_COOKIE_SECURE"]
    return "__Host-session" if secure else "session"


def hashed(token: str) -> str:
    """What the database keeps of a token or slip code."""
    return sha256(token.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session just begun: the cookie's value, and whether the browser may keep it."""

    token: str
    persistent: bool

    def give(self, response: Response) -> None:
        """Put the session's cookie on a response."""
        response.set_cookie(
            cookie_name(),
            self.token,
            max_age=LONGEST if self.persistent else None,
            path="/",
            httponly=True,
            samesite="Lax",
            secure=current_app.config["SESSION_COOKIE_SECURE"],
        )


@dataclass(frozen=True, slots=True)
class Browser:
    """Where a request comes from: the cookie it carried and what it says it is."""

    token: str | None
    user_agent: str


def this_browser() -> Browser:
    """The browser of this request."""
    return Browser(request.cookies.get(cookie_name()), request.user_agent.string)


def forget_cookie(response: Response) -> None:
    """Take the session's cookie off the browser."""
    response.delete_cookie(
        cookie_name(),
        path="/",
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )
