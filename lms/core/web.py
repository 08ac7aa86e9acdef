"""The edge: who is asking, may they, headers on the way out, errors as pages or problem+json."""

import logging
import secrets
import time
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, g, jsonify, redirect, render_template, request, url_for
from flask.json.provider import DefaultJSONProvider
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel.speaklater import LazyString
from flask_limiter import Limiter, RateLimitExceeded
from flask_limiter.util import get_remote_address
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, OperationalError
from werkzeug.datastructures import MIMEAccept
from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.http import parse_accept_header
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter

from lms.core.access import Action, Actor, current_actor
from lms.core.config import Settings
from lms.core.db import session
from lms.core.errors import DomainError, Forbidden, NotFound, Throttled, Unavailable

log = logging.getLogger("lms.web")
denied = logging.getLogger("lms.denied")
csrf = CSRFProtect()
limiter = Limiter(get_remote_address, default_limits=[])

CSP = (
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
HSTS = "max-age=31536000; includeSubDomains"
#: Static files that are never a document of their own need no document's policy: a page loads
#: forty of them, and on a weak signal each line counts.
_PASSIVE = frozenset({"text/css", "text/javascript", "application/javascript"})
_ALWAYS = frozenset({"X-Content-Type-Options", "Cross-Origin-Resource-Policy"})
_HTTP_ERRORS: dict[int, type[DomainError]] = {403: Forbidden, 404: NotFound, 429: Throttled}


class RowNumber(IntegerConverter):
    """A number in an address; one that no row of any database can have leads nowhere."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **({"max": 2**31 - 1} | kwargs))


class ShallowJson(DefaultJSONProvider):
    """JSON whose nesting outgrows the parser is malformed, not an error of ours."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Parse, with ValueError for whatever cannot be parsed."""
        try:
            return super().loads(s, **kwargs)
        except RecursionError as error:
            raise ValueError("too deep") from error


LoadActor = Callable[[], Actor | None]
Detour = Callable[[Action | None], ResponseReturnValue | None]


def init_web(app: Flask, settings: Settings, load_actor: LoadActor, detour: Detour) -> None:
    """Wire the edge.

    ``load_actor`` reads the session cookie and returns the actor or None; ``detour`` may answer
    in place of a view whose actor has something to do first (the second factor).
    """
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=settings.max_upload_mb * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        MAX_FORM_PARTS=2000,
        SESSION_COOKIE_NAME="__Host-form" if settings.secure_cookies else "form",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=settings.secure_cookies,
        WTF_CSRF_ENABLED=True,
        RATELIMIT_STORAGE_URI=settings.limiter_storage,
        RATELIMIT_HEADERS_ENABLED=True,
        BOOTSTRAP_SERVE_LOCAL=True,
        SEND_FILE_MAX_AGE_DEFAULT=3600,
    )
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, hops, hops, hops)  # type: ignore[method-assign]
    app.json = ShallowJson(app)
    app.url_map.converters["int"] = RowNumber
    # Who may enter is asked before the form's token, so that a refusal says the real reason.
    app.before_request(_begin)
    app.before_request(lambda: _admit(app, load_actor, detour))
    app.before_request(_refuse_impossible_text)
    csrf.init_app(app)
    limiter.init_app(app)
    app.after_request(lambda response: _finish(response, settings))
    _register_errors(app)


def _begin() -> None:
    g.request_id = secrets.token_hex(8)
    g.started = time.perf_counter()


def _admit(app: Flask, load_actor: LoadActor, detour: Detour) -> ResponseReturnValue | None:
    """Find the actor and check the view's declared action; an undeclared view is refused."""
    if request.endpoint is None or request.endpoint.rsplit(".", 1)[-1] == "static":
        return None
    g.actor = load_actor()
    view = app.view_functions[request.endpoint]
    if getattr(view, "is_public", False):
        # The front door is public, yet it is home to whoever is signed in.
        return detour(None) if g.actor is not None and request.path == "/" else None
    needed: Action | None = getattr(view, "needed_action", None)
    if needed is None:
        raise Forbidden(action="undeclared")
    if g.actor is None:
        return _ask_to_sign_in()
    elsewhere = detour(needed)
    if elsewhere is None:
        needed.ensure(g.actor)
    return elsewhere


def _refuse_impossible_text() -> None:
    """No field and no address of ours holds a NUL, and PostgreSQL can store none."""
    asked = [request.path, *(v for _name, v in request.args.items(multi=True))]
    sent = (v for _name, v in request.form.items(multi=True))
    if any("\0" in text for text in (*asked, *sent)):
        raise BadRequest


def _ask_to_sign_in() -> ResponseReturnValue:
    if wants_json():
        return problem(401, "sign-in", _("请先登录"), _("请先登录再继续。"))
    back = request.full_path.rstrip("?") if request.method == "GET" else ""
    return redirect(url_for("sign_in.page", next=back or None))


def per_person() -> str:
    """Whom a rate limit counts: a signed-in person, for a whole hall may share one address."""
    actor = current_actor()
    return f"person-{actor.person_id}" if actor else get_remote_address()


def wants_json() -> bool:
    """True for API calls and for scripts that ask for JSON rather than HTML."""
    if request.path.startswith("/api/"):
        return True
    return prefers_json(request.headers.get("Accept", "")) or request.is_json


def prefers_json(accept: str) -> bool:
    """True if an Accept header would rather have JSON than HTML."""
    accepted = parse_accept_header(accept, MIMEAccept)
    return accepted.best_match(["text/html", "application/json"]) == "application/json"


def problem(status: int, code: str, title: str, text: str, **more: Any) -> Response:
    """An RFC 9457 problem document."""
    body = {"type": f"about:blank#{code}", "title": title, "status": status, "detail": text}
    response = jsonify(body | {"code": code, "request_id": g.get("request_id", "")} | more)
    response.status_code = status
    response.content_type = "application/problem+json"
    return response


def fixed_headers(settings: Settings) -> list[tuple[str, str]]:
    """Headers of an answer that is one person's, for doors that stand before Flask."""
    return [("Vary", "Cookie, Accept-Language"), *unvaried_headers(settings)]


def unvaried_headers(settings: Settings) -> list[tuple[str, str]]:
    """The same without ``Vary``."""
    hsts = [("Strict-Transport-Security", HSTS)] if settings.secure_cookies else []
    return [*HEADERS.items(), *hsts, ("Cache-Control", "no-store")]


def _finish(response: Response, settings: Settings) -> Response:
    is_static = bool(request.endpoint) and str(request.endpoint).rsplit(".", 1)[-1] == "static"
    for name, value in HEADERS.items():
        if not is_static or response.mimetype not in _PASSIVE or name in _ALWAYS:
            response.headers.setdefault(name, value)
    if settings.secure_cookies:
        response.headers["Strict-Transport-Security"] = HSTS
    if request.endpoint and not is_static:
        response.headers.setdefault("Cache-Control", "no-store")
        response.vary.update(["Cookie", "Accept-Language"])
    actor = current_actor()
    log.info(
        "request",
        extra={
            "method": request.method,
            "route": str(request.url_rule) if request.url_rule else "-",
            "status": response.status_code,
            "ms": round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1),
            "person": actor.person_id if actor else 0,
        },
    )
    return response


def _register_errors(app: Flask) -> None:
    app.register_error_handler(DomainError, _domain_error)
    app.register_error_handler(RateLimitExceeded, lambda _error: _domain_error(Throttled()))
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, _busy_error)
    app.register_error_handler(DataError, lambda _error: _http_error(BadRequest()))
    app.register_error_handler(OverflowError, _too_large)
    app.register_error_handler(Exception, _unexpected)


def _page(status: int, code: str, title: LazyString | str, text: LazyString | str) -> Response:
    session().rollback()
    if wants_json():
        return problem(status, code, str(title), str(text))
    error = {
        "status": status,
        "code": code,
        "title": title,
        "text": text,
        "request_id": g.get("request_id", ""),
    }
    return Response(render_template("error.html", error=error), status=status)


def _domain_error(error: DomainError) -> Response:
    if error.status in {403, 404}:
        actor = current_actor()
        denied.warning(
            "denied",
            extra={
                "action": str(error.details.get("action", error.code)),
                "route": str(request.url_rule),
                "person": actor.person_id if actor else 0,
            },
        )
    response = _page(error.status, error.code, error.title, error.message)
    if error.status in {429, 503}:
        response.headers["Retry-After"] = str(error.details.get("retry_after", 30))
    return response


def _csrf_error(_error: CSRFError) -> Response:
    text = _("页面停留太久，请返回刷新后再提交。您填写的内容还在上一页。")
    return _page(400, "form-expired", _("页面已过期"), text)


def _http_error(error: HTTPException) -> Response | HTTPException:
    status = error.code or 500
    if status < 400:
        return error
    if status == 413:
        return _page(413, "too-large", _("文件太大"), _("请把文件缩小或分成几份再上传。"))
    if status == 405:
        return _page(405, "method", _("打不开这个地址"), _("请从页面上的按钮进入。"))
    known = _HTTP_ERRORS.get(status)
    if known:
        return _domain_error(known())
    return _page(status, "http-error", _("请求没有成功"), _("请检查后再试。"))


def _busy_error(error: OperationalError) -> Response:
    log.error("database unavailable: %s", type(error.orig).__name__)
    return _domain_error(Unavailable(retry_after=5))


def _too_large(error: OverflowError) -> Response | HTTPException:
    """SQLite's way of refusing a number that PostgreSQL answers with a DataError."""
    return _http_error(BadRequest()) if "SQLite INTEGER" in str(error) else _unexpected(error)


def _unexpected(error: Exception) -> Response:
    log.exception("unhandled %s", type(error).__name__)
    text = _("我们已记录这个问题。如需帮助，请报上面的编号。")
    return _page(500, "internal", _("出了点问题"), text)
