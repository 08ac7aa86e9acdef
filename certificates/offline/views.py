"""What a phone fetches while there is a signal, and the page that checks without one."""

from base64 import urlsafe_b64encode
from datetime import date, timedelta
from hashlib import sha256

from flask import Blueprint, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from certificates import checks
from certificates.offline.statuses import NEW_EVERY, status_list
from certificates.offline.words import page_words
from certificates.rules import normal_code
from certificates.verification import ids_of
from lms.core import clock
from lms.core.access import public
from lms.core.db import Json
from lms.core.errors import Invalid
from lms.core.keys.rings import raw
from lms.core.signing import ring
from lms.core.web import limiter

bp = Blueprint("offline_check", __name__)
OFTEN = "60 per minute; 600 per hour"
MOST_TOLD = 50
LATEST_DAYS = 31  # how long a phone may have been without a signal


@bp.get("/v/keys")
@public
@limiter.limit(OFTEN)
def keys() -> ResponseReturnValue:
    """The public keys that signed certificates and facts, old ones too."""
    body = [
        {
            "id": key.kid,
            "public": urlsafe_b64encode(raw(key.public)).decode().rstrip("="),
            "stolen": key.compromised_from is not None,
        }
        for key in ring().keys
    ]
    return _shared(jsonify(keys=body))


@bp.get("/v/statuses")
@public
@limiter.limit(OFTEN)
def statuses() -> ResponseReturnValue:
    """Everything revoked, suspended or corrected, as marks, signed with the moment."""
    content = status_list(clock.now()).content
    return _shared(Response(content, mimetype="application/octet-stream"))


@bp.get("/v/offline")
@public
def page() -> ResponseReturnValue:
    """The check without a signal; the same for everybody, so that a phone may keep it."""
    return render_template(  # noqa: S604 - "shell" is the frame of the page
        "certificates/offline.html",
        shell="public",
        actor=None,
        words=page_words(),
    )


@bp.post("/v/offline-checks")
@public
@limiter.limit("6 per minute; 60 per hour")
def told() -> ResponseReturnValue:
    """Count the checks that a phone made without a signal; says nothing about the codes."""
    today = clock.today()
    said = _told(request.get_json(silent=True), today)
    known = ids_of({code for code, _day in said})
    for code, day in said:
        if code in known:
            checks.buffer().note(known[code], day)
    return Response(status=204)


def _told(body: Json | None, today: date) -> list[tuple[str, date]]:
    listed = body.get("checks") if isinstance(body, dict) else None
    if not isinstance(listed, list) or not 0 < len(listed) <= MOST_TOLD:
        raise Invalid(_("要有 1 到 50 次查验。"))
    return [(code, day) for code, day in (_one(entry, today) for entry in listed) if code]


def _one(entry: object, today: date) -> tuple[str, date]:
    """Code and day of one check; a day that cannot be is today."""
    if not isinstance(entry, dict):
        raise Invalid(_("要有 1 到 50 次查验。"))
    try:
        day = date.fromisoformat(str(entry.get("day", "")))
    except ValueError:
        day = today
    if not today - timedelta(days=LATEST_DAYS) <= day <= today:
        day = today
    return normal_code(str(entry.get("code", ""))) or "", day


def _shared(response: Response) -> Response:
    """The same for everybody: shared caches may keep it as long as it is new."""
    response.set_etag(sha256(response.get_data()).hexdigest()[:32])
    response.headers["Cache-Control"] = f"public, max-age={int(NEW_EVERY.total_seconds())}"
    response.make_conditional(request)
    return response
