"""The express lanes' door: what can be taken at once never enters Flask.

It stands before the app (docs/decisions/0016). A request that it does not take is handed on
untouched, as if it had not been looked at.
"""

import json
import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from flask import Flask
from sqlalchemy.exc import DBAPIError, OperationalError

from exams.sittings.answering import parse_steps
from exams.sittings.beginning import Start
from exams.sittings.entering import Entrance
from exams.sittings.errors import BadSteps
from exams.sittings.express import Post
from exams.views.bodies import device_in, epoch_in
from exams.views.carried import cookies_of, form_of, json_of, takes_gzip
from exams.views.lanes import Answers, HandIn, Reply, group_of
from exams.views.opening import Begin, Enter, Page, Visit
from lms.core.db import db
from lms.core.errors import Unavailable
from lms.core.tokens import FormTokens
from lms.core.web import fixed_headers
from lms.people import api as people

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

NUMBER = r"(\d{1,9})"  # fits any database
IN_ROOM = re.compile(rf"/exams/room/{NUMBER}/(answers|hand-in|enter)", re.ASCII)
BEGIN = re.compile(rf"/exams/{NUMBER}/start", re.ASCII)
PAGE = re.compile(rf"/exams/room/{NUMBER}", re.ASCII)
Door = Callable[["WSGIEnvironment"], Reply | None]


class Express:
    """WSGI middleware; see the module."""

    def __init__(self, app: Flask, inner: "WSGIApplication") -> None:
        settings = app.extensions["settings"]
        self._app, self._inner = app, inner
        self._tokens = FormTokens(app)
        self._session_cookie = people.cookie_name(settings.secure_cookies)
        self._origin = f"{settings.base_url}/" if settings.secure_cookies else ""
        self._headers = fixed_headers(settings)
        self._headers_packed = [
            (name, f"{value}, Accept-Encoding" if name == "Vary" else value)
            for name, value in self._headers
        ]
        with app.app_context():
            driver = db.engine.dialect.loaded_dbapi
            # A lane reads by the driver itself: what that says of a lost database is its own.
            self._lost = (driver.OperationalError, driver.InterfaceError)
            group = group_of(app, db.engine)
            answers = Answers(group)
            self.lanes: dict[str, Any] = {
                "answers": answers,
                "hand-in": HandIn(app, db.engine, answers),
                "start": Begin(group),
                "page": Page(app, db.engine, self._tokens),
                "enter": Enter(app, db.engine, group),
            }

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        door = self._door(environ)
        if door is None:
            return self._inner(environ, start_response)
        try:
            reply = door(environ)
        except (OperationalError, Unavailable) as busy:
            return self._refuse(busy, environ, start_response)
        except self._lost:
            return self._refuse(Unavailable(), environ, start_response)
        except (BadSteps, DBAPIError):
            # Sent before, or refused by the database: it costs the others of its group nothing.
            reply = None
        if reply is None:
            return self._inner(environ, start_response)
        return self._send(reply, environ, start_response)

    def _refuse(
        self, busy: Exception, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Say as the app says it that the database cannot be asked now."""
        with self._app.request_context(environ):
            answer = self._app.finalize_request(self._app.handle_user_exception(busy))
            return answer(environ, start_response)

    def _door(self, environ: "WSGIEnvironment") -> Door | None:
        """Who looks at this request first; None for nobody."""
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        if not path.startswith("/exams/"):
            return None
        if method == "POST" and (found := IN_ROOM.fullmatch(path)):
            return partial(self._in_room, int(found[1]), found[2])
        if method == "POST" and (found := BEGIN.fullmatch(path)):
            return partial(self._begin, int(found[1]))
        plain_get = method == "GET" and not environ.get("QUERY_STRING")
        if plain_get and (found := PAGE.fullmatch(path)):
            return partial(self._page, int(found[1]))
        return None

    def _in_room(self, attempt_id: int, name: str, environ: "WSGIEnvironment") -> Reply | None:
        body = json_of(environ)
        token = environ.get("HTTP_X_CSRFTOKEN")
        session = self._session(environ, token) if body is not None else None
        if body is None or session is None:
            return None
        if name == "enter":
            if body.get("take_over") is True:
                return None
            entrance = Entrance(people.hashed(session), attempt_id, device_in(body))
            return self.lanes[name](entrance)  # type: ignore[no-any-return]
        post = Post(
            people.hashed(session), attempt_id, device_in(body), epoch_in(body),
            parse_steps(body.get("steps")),
        )  # fmt: skip
        said = self.lanes[name](post)
        return None if said is None else Reply(_encode(said).encode())

    def _begin(self, entry_id: int, environ: "WSGIEnvironment") -> Reply | None:
        form = form_of(environ)
        if form is None:
            return None
        session = self._session(environ, form.get("csrf_token") or environ.get("HTTP_X_CSRFTOKEN"))
        if session is None:
            return None
        start = Start(people.hashed(session), entry_id, form.get("code"))
        return self.lanes["start"](start)  # type: ignore[no-any-return]

    def _page(self, attempt_id: int, environ: "WSGIEnvironment") -> Reply | None:
        cookies = cookies_of(environ)
        session, form = cookies.get(self._session_cookie), cookies.get(self._tokens.cookie)
        if not session or not form:
            return None
        visit = Visit(
            people.hashed(session), attempt_id, form, cookies.get("lang"),
            environ.get("HTTP_ACCEPT_LANGUAGE", ""),
        )  # fmt: skip
        return self.lanes["page"](visit)  # type: ignore[no-any-return]

    def _session(self, environ: "WSGIEnvironment", token: str | None) -> str | None:
        """The session's cookie, if the request carries the form's token too."""
        cookies = cookies_of(environ)
        form = cookies.get(self._tokens.cookie)
        if not token or not form or not self._tokens.belongs(token, form):
            return None
        if not environ.get("HTTP_REFERER", "").startswith(self._origin):
            return None
        return cookies.get(self._session_cookie)

    def _send(
        self, reply: Reply, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        headers = self._headers if reply.pack is None else self._headers_packed
        sent, more = reply.plain, list(reply.headers)
        if reply.pack is not None and takes_gzip(environ):
            sent = reply.pack()
            more.append(("Content-Encoding", "gzip"))
        start_response(
            reply.status,
            [("Content-Type", reply.kind), ("Content-Length", str(len(sent))), *more, *headers],
        )
        return [sent]


_encode = json.JSONEncoder(separators=(",", ":")).encode
