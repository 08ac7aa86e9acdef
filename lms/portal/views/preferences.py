"""Elder mode, text size and language: one tap, remembered."""

from flask import Blueprint, Response, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lms.core.access import public
from lms.core.i18n import LOCALES
from lms.core.links import safe_back
from lms.core.uow import unit_of_work
from lms.portal.shell import TEXT_SIZES, preferences

bp = Blueprint("preferences", __name__, url_prefix="/preferences")
YEAR = 365 * 24 * 3600


@bp.post("/elder")
@public
def elder() -> ResponseReturnValue:
    """Turn elder mode on or off."""
    wanted = not preferences().elder
    return _remember("elder", "1" if wanted else "0", "elder", wanted)


@bp.post("/text")
@public
def text_size() -> ResponseReturnValue:
    """Choose the text size of elder mode, in CSS pixels."""
    size = request.form.get("size", type=int)
    if size not in TEXT_SIZES:
        size = 22
    return _remember("text", str(size), "text_size", size)


@bp.post("/language")
@public
def language() -> ResponseReturnValue:
    """Choose Chinese or English."""
    wanted = request.form.get("lang")
    if wanted not in LOCALES:
        wanted = "en" if preferences().locale == "zh" else "zh"
    return _remember("lang", wanted, "locale", wanted)


def _remember(cookie: str, value: str, field: str, stored: object) -> Response:
    account = g.get("account")
    if account is not None:
        with unit_of_work():
            setattr(account, field, stored)
    response = redirect(safe_back(url_for("sign_in.page")))
    response.set_cookie(
        cookie,
        value,
        max_age=YEAR,
        samesite="Lax",
        httponly=True,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )
    return response  # type: ignore[return-value]
