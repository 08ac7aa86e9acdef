"""What a phone noted while reading, online or not, is handed in here; each thing counts once."""

from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf

from courses.enrolment.operations import Deed, record
from courses.enrolment.policy import STUDY
from courses.enrolment.tokens import opened_at
from lms.core import clock
from lms.core.access import acting, requires
from lms.core.errors import Invalid
from lms.core.uow import unit_of_work
from lms.core.web import limiter

bp = Blueprint("evidence", __name__, url_prefix="/learn")
MOST_AT_ONCE = 200
LONGEST_BODY = 256 * 1024


def who() -> str:
    """Whom a rate limit counts: the person, for a whole home may share one address."""
    return f"person-{acting().person_id}"


@bp.get("/token")
@requires(STUDY)
def token() -> ResponseReturnValue:
    """A fresh form token, for pages that were kept for long."""
    return jsonify(token=generate_csrf())


@bp.post("/evidence")
@requires(STUDY)
@limiter.limit("120/minute", key_func=who)
def hand_in() -> ResponseReturnValue:
    """Store a batch for one enrolment; answers with what is stored and what was refused."""
    enrolment_id, deeds = _read()
    with unit_of_work():
        outcome = record(enrolment_id, deeds, acting(), clock.now())
    return jsonify(stored=outcome.stored, refused=outcome.refused, complete=outcome.complete)


def _read() -> tuple[int, list[Deed]]:
    if (request.content_length or 0) > LONGEST_BODY:
        raise Invalid(_("一次交得太多，请分几次。"))
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or not _is_id(body.get("enrolment")):
        raise Invalid(_("学习记录的格式不对。"))
    events = body.get("events")
    if not isinstance(events, list) or len(events) > MOST_AT_ONCE:
        raise Invalid(_("一次交得太多，请分几次。"))
    enrolment_id: int = body["enrolment"]
    return enrolment_id, [_deed(enrolment_id, event) for event in events]


def _deed(enrolment_id: int, event: Any) -> Deed:
    if not isinstance(event, dict) or not _is_id(event.get("lesson")):
        raise Invalid(_("学习记录的格式不对。"))
    value = event.get("value")
    facts = dict(value) if isinstance(value, dict) else {}
    lesson_id: int = event["lesson"]
    if event.get("kind") == "opened":
        facts = {"opened": opened_at(facts.get("token"), enrolment_id, lesson_id)}
    return Deed(str(event.get("op", ""))[:41], lesson_id, str(event.get("kind", "")), facts)


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31
