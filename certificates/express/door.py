"""The door before Flask for ``GET /v/CODE``: an answer that still holds is given again.

Anything but the plainest request of somebody without an account goes the ordinary way, and so does
whoever has no misses left; see docs/decisions/0031.
"""

import logging
import re
import secrets
import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from flask import Flask, Response, request
from flask_wtf.csrf import generate_csrf
from werkzeug.http import dump_cookie, http_date

from certificates.checks import buffer_of
from certificates.express.evidence import CODE, ID, statement
from certificates.express.memo import AS_OF, TOKEN, Asked, Memo, Variant, moment
from certificates.verification import Verdict
from lms.core import clock
from lms.core.assets import encoded, encoding_for
from lms.core.db import db
from lms.core.doors import Reader, cookies_in, stand_before
from lms.core.errors import Unavailable
from lms.core.i18n import locale_of
from lms.core.limits import Standing
from lms.core.moulds import Mould
from lms.core.signing import ring_of
from lms.core.tokens import FormTokens
from lms.core.web import prefers_json, unvaried_headers
from lms.people.api import cookie_name

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger("lms.web")
#: only the canonical writing of a code; every other leads to the same view the ordinary way
PATH = re.compile(r"/(v|V|api/v1/certificates)/([0-9A-HJKMNP-TV-Z]{26})", re.ASCII)
PLACE = "lms.check"
_KEPT_HEADERS = 512
_VALUE = "VALUE"
Answer = tuple[bytes, list[tuple[str, str]]]
json_preferred = lru_cache(maxsize=_KEPT_HEADERS)(prefers_json)
moment_of = lru_cache(maxsize=16)(moment)
date_of = lru_cache(maxsize=16)(http_date)


class Way(NamedTuple):
    """One of the addresses: its route as logged, and how clients stand with its limit."""

    route: str
    standing: Standing
    program: bool = False


class Visitor(NamedTuple):
    """Somebody without an account: what she is answered, and the secret of her form's cookie, None
    while she has no such cookie."""

    variant: Variant
    secret: str | None


_PROGRAM = Visitor(Variant(True, "", False, ""), None)


class Door:
    """WSGI middleware; see the module."""

    def __init__(self, app: Flask, inner: "WSGIApplication", limit: str) -> None:
        settings = app.extensions["settings"]
        self._app, self._inner = app, inner
        self._tokens = FormTokens(app)
        self._session = cookie_name(settings.secure_cookies)
        self._headers = [
            ("Vary", "Accept, Cookie, Accept-Language, Accept-Encoding"),
            *unvaried_headers(settings),
        ]
        self._ways = {
            "v": Way("/v/<code>", Standing(limit, "verify.page")),
            "V": Way("/V/<code>", Standing(limit, "verify.page_upper")),
            "api/v1/certificates": Way(
                "/api/v1/certificates/<code>", Standing(limit, "certificates_api.show"), True
            ),
        }
        self._cookie = dump_cookie(
            self._tokens.cookie,
            _VALUE,
            path="/",
            secure=settings.secure_cookies,
            httponly=True,
            samesite="Lax",
        )
        with app.app_context():
            self._reader = Reader(db.engine, statement(db.engine.dialect), CODE)
        self.memo = Memo()

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        path = PATH.fullmatch(environ["PATH_INFO"])
        if path is None or environ["REQUEST_METHOD"] != "GET":
            return self._inner(environ, start_response)
        answer = self._answer(environ, self._ways[path[1]], path[2])
        if answer is None:
            return self._inner(environ, start_response)
        body, headers = answer
        start_response("200 OK", headers)
        return [body]

    def _answer(self, environ: "WSGIEnvironment", way: Way, code: str) -> Answer | None:
        """The answer, if one that was drawn before still holds."""
        begun = time.perf_counter()
        visitor = self._visitor(environ, way)
        standing = visitor and way.standing.headers(environ.get("REMOTE_ADDR") or "127.0.0.1")
        if visitor is None or standing is None:
            return None
        evidence = self._read(code)
        if evidence is None:
            return None
        now = clock.now()
        ring, day = ring_of(self._app), clock.local_date(now)
        mould = self.memo.find(code, visitor.variant, evidence, ring, day)
        if mould is None:
            environ[PLACE] = Asked(self.memo, code, visitor.variant, evidence, ring, day)
            return None
        buffer_of(self._app).note(evidence[ID], day)
        body, headers = self._filled(environ, mould, visitor, now)
        _tell(way.route, begun)
        return body, headers + standing

    def _read(self, code: str) -> Sequence[Any] | None:
        try:
            return self._reader.row(code)
        except Unavailable:
            return None

    def _visitor(self, environ: "WSGIEnvironment", way: Way) -> Visitor | None:
        """Who asks; None for somebody with a session, and for requests that say more than usual."""
        if environ.get("QUERY_STRING") or environ.get("SCRIPT_NAME") or environ.get("CONTENT_TYPE"):
            return None
        cookies = cookies_in(environ.get("HTTP_COOKIE", ""))
        if self._session in cookies:
            return None
        if way.program or json_preferred(environ.get("HTTP_ACCEPT", "")):
            return _PROGRAM
        form = cookies.get(self._tokens.cookie)
        secret = self._tokens.alone_in(form) if form else None
        if form and secret is None:
            return None
        spoken = locale_of(cookies.get("lang"), environ.get("HTTP_ACCEPT_LANGUAGE", ""))
        elder = cookies.get("elder") == "1"
        size = cookies.get("text", "") if elder else ""
        if size and not (len(size) == 2 and size.isascii() and size.isdigit()):
            return None  # nothing this site sets: the app reads it in its own way
        return Visitor(Variant(False, spoken, elder, size), secret)

    def _filled(
        self, environ: "WSGIEnvironment", mould: Mould, visitor: Visitor, now: datetime
    ) -> Answer:
        """The mould's holes filled; compressed as the app would."""
        variant, secret, cookie = visitor.variant, visitor.secret, None
        if not variant.json and secret is None:
            secret, cookie = self._tokens.new_secret()
        token = self._tokens.token_for(secret) if secret else ""
        second = now.replace(microsecond=0)
        at = moment_of(second if variant.json else second.replace(second=0), variant)
        values = {AS_OF: at.encode(), TOKEN: token.encode()}
        kind = "application/json" if variant.json else "text/html; charset=utf-8"
        headers = [("Content-Type", kind), *self._headers]
        encoding = encoding_for(environ.get("HTTP_ACCEPT_ENCODING", ""))
        body = mould.packed(values) if encoding == "gzip" else mould.filled(values)
        if encoding not in (None, "gzip"):
            body = encoded(self._app, body, encoding)
        if encoding:
            # Whoever compresses for the app says when, too.
            headers += [("Content-Encoding", encoding), ("Date", date_of(second))]
        headers.append(("Content-Length", str(len(body))))
        if cookie is not None:
            headers.append(("Set-Cookie", self._cookie.replace(_VALUE, cookie)))
        return body, headers


def _tell(route: str, begun: float) -> None:
    """The line that the app would write for it."""
    log.info(
        "request",
        extra={
            "method": "GET",
            "route": route,
            "status": 200,
            "ms": round((time.perf_counter() - begun) * 1000, 1),
            "person": 0,
            "request": secrets.token_hex(8),
        },
    )


def init_door(app: Flask, limit: str) -> None:
    """Give the app its door; ``limit`` is that of the views for misses."""
    stand_before(app, lambda inner: Door(app, inner, limit))


def keep(response: Response, verdict: Verdict) -> None:
    """In a view: remember its answer, if the door would like to have it."""
    asked: Asked | None = request.environ.get(PLACE)
    if asked is not None and response.status_code == 200:
        token = "" if asked.variant.json else generate_csrf()
        asked.keep(response.get_data(as_text=True), verdict, token)
