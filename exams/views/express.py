"""The express lanes' door: what can be taken at once never enters Flask.

It stands before the app (docs/decisions/0016). A request that it does not take is handed on
untouched, as if it had not been looked at.
"""

import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from flask import Flask
from sqlalchemy.exc import DBAPIError, OperationalError
from werkzeug.http import parse_cookie

from exams.sittings.answering import parse_steps
from exams.sittings.errors import BadSteps
from exams.sittings.express import Post
from exams.views.bodies import device_in, epoch_in
from exams.views.lanes import Answers, HandIn
from lms.core.db import db
from lms.core.errors import Unavailable
from lms.core.tokens import FormTokens
from lms.core.web import fixed_headers
from lms.people import api as people

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATH = re.compile(r"/exams/room/(\d{1,9})/(answers|hand-in)", re.ASCII)  # fits any database
LONGEST = 64 * 1024
Lane = Callable[[Post], dict[str, Any] | None]


class Express:
    """WSGI middleware; see the module."""

    def __init__(self, app: Flask, inner: "WSGIApplication") -> None:
        settings = app.extensions["settings"]
        self._app, self._inner = app, inner
        self._tokens = FormTokens(app)
        self._session_cookie = people.cookie_name(settings.secure_cookies)
        self._origin = f"{settings.base_url}/" if settings.secure_cookies else ""
        self._headers = fixed_headers(settings)
        with app.app_context():
            answers = Answers(db.engine)
            self.lanes: dict[str, Any] = {
                "answers": answers,
                "hand-in": HandIn(app, db.engine, answers),
            }

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        path = PATH.fullmatch(environ["PATH_INFO"])
        if path is None or environ["REQUEST_METHOD"] != "POST":
            return self._inner(environ, start_response)
        try:
            taken = self._try(environ, int(path[1]), self.lanes[path[2]])
        except (OperationalError, Unavailable) as busy:
            with self._app.request_context(environ):
                answer = self._app.finalize_request(self._app.handle_user_exception(busy))
                return answer(environ, start_response)
        if taken is None:
            return self._inner(environ, start_response)
        return self._answer(taken, start_response)

    def _try(
        self, environ: "WSGIEnvironment", attempt_id: int, lane: Lane
    ) -> dict[str, Any] | None:
        body = _body(environ)
        session = self._session(environ) if body is not None else None
        if body is None or session is None:
            return None
        try:
            post = Post(
                people.hashed(session), attempt_id, device_in(body), epoch_in(body),
                parse_steps(body.get("steps")),
            )  # fmt: skip
            return lane(post)
        except (OperationalError, Unavailable):
            raise
        except (BadSteps, DBAPIError):
            # Sent before, or refused by the database: it costs the others of its group nothing.
            return None

    def _session(self, environ: "WSGIEnvironment") -> str | None:
        """The session's cookie, if the request carries the form's token too."""
        cookies = _cookies(environ.get("HTTP_COOKIE", ""))
        token, form = environ.get("HTTP_X_CSRFTOKEN"), cookies.get(self._tokens.cookie)
        if not token or not form or not self._tokens.belongs(token, form):
            return None
        if not environ.get("HTTP_REFERER", "").startswith(self._origin):
            return None
        return cookies.get(self._session_cookie)

    def _answer(self, body: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
        sent = _encode(body).encode()
        start_response(
            "200 OK",
            [
                ("Content-Type", "application/json"),
                ("Content-Length", str(len(sent))),
                *self._headers,
            ],
        )
        return [sent]


_encode = json.JSONEncoder(separators=(",", ":")).encode


def _cookies(header: str) -> Mapping[str, str]:
    """The cookies of a request; those of this site are never quoted."""
    if '"' in header:
        return parse_cookie(header)
    pairs = (part.partition("=") for part in header.split(";"))
    return {name.strip(): value.strip() for name, _sign, value in pairs}


def _body(environ: "WSGIEnvironment") -> dict[str, Any] | None:
    """The JSON object sent; what was read is put back for the ordinary way."""
    if not environ.get("CONTENT_TYPE", "").startswith("application/json"):
        return None
    length = environ.get("CONTENT_LENGTH") or ""
    if not length.isdecimal() or int(length) > LONGEST:
        return None
    raw = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = io.BytesIO(raw)
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None
