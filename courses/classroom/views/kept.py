"""Checking in without a signal: what a phone fetches beforehand, and where it delivers later."""

from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from courses import central
from courses.classroom import queries, signed
from courses.classroom.models import CentralSession
from courses.classroom.operations import delivering
from courses.classroom.policy import OWN_SESSIONS
from courses.classroom.views.check_in import near_sessions
from courses.classroom.views.device import device, with_device
from lms.core import clock
from lms.core.access import acting, public, requires
from lms.core.db import Json
from lms.core.errors import DomainError, Invalid, Throttled, Unavailable
from lms.core.uow import unit_of_work
from lms.core.web import limiter, per_person

bp = Blueprint("kept_scans", __name__, url_prefix="/check-in")
#: Ten digits among a day's two thousand steps: at this pace a lucky guess takes years.
MOST_AT_ONCE = 5
#: Refusals that pass: the phone keeps its scan and tries again.
_PASSING = (Throttled, Unavailable)


@bp.get("/offline")
@public
def page() -> ResponseReturnValue:
    """Checking in without a signal; the same for everybody, so that a phone may keep it."""
    return render_template(  # noqa: S604 - "shell" is the frame of the page
        "courses/classroom/offline.html", shell="public", actor=None, words=_words()
    )


@bp.get("/near")
@requires(OWN_SESSIONS)
def near() -> ResponseReturnValue:
    """The sessions that a phone should know before the signal goes: hers, and those around."""
    mine = [own.session for own in queries.sessions_for(acting().person_id, clock.today())]
    found = {row.id: row for row in (*mine, *near_sessions()) if row.status == "open"}
    return jsonify(sessions=[_known(row) for row in found.values()])


@bp.post("/keys")
@requires(OWN_SESSIONS)
@limiter.limit("20 per hour", key_func=per_person)
def register() -> ResponseReturnValue:
    """Register the public key of this phone for the person signed in."""
    body = request.get_json(silent=True)
    public_key = signed.point(body.get("key") if isinstance(body, dict) else None)
    with unit_of_work():
        row = delivering.register_key(public_key, device(), acting(), clock.now())
    return with_device(jsonify(key=row.ref))


@bp.post("/scans")
@requires(OWN_SESSIONS)
@limiter.limit("10 per minute; 40 per hour", key_func=per_person)
def deliver() -> ResponseReturnValue:
    """Take scans that a phone kept; each is judged by itself and answered by its id."""
    return jsonify(answers=[_answer(value) for value in _sent(request.get_json(silent=True))])


def _sent(body: Json | None) -> list[object]:
    listed = body.get("scans") if isinstance(body, dict) else None
    if not isinstance(listed, list) or not 0 < len(listed) <= MOST_AT_ONCE:
        raise Invalid(_("一次可送 1 到 %(n)s 条签到记录。", n=MOST_AT_ONCE))
    return listed


def _answer(value: object) -> dict[str, str]:
    """What became of one scan. The foreign one stays on the phone until its own person is back."""
    name = str(value.get("scan", ""))[:32] if isinstance(value, dict) else ""
    try:
        record = signed.read(value)
        with unit_of_work():
            central.deliver(record, acting(), clock.now())
    except _PASSING:
        raise
    except delivering.ForeignScan as error:
        return {"scan": name, "state": "kept", "code": error.code, "text": str(error)}
    except DomainError as error:
        return {"scan": name, "state": "refused", "code": error.code, "text": str(error)}
    return {"scan": name, "state": "counted", "code": "", "text": ""}


def _known(row: CentralSession) -> dict[str, str]:
    return {"ref": row.ref, "title": row.title, "venue": row.venue, "ends": row.ends_at.isoformat()}


def _words() -> dict[str, str]:
    """What the page's module says."""
    return {
        "in": _("签到"),
        "out": _("签退"),
        "kept": _("留在这部手机上，还没有送到"),
        "counted": _("已送到"),
        "refused": _("没有采用："),
        "unknown": _("现场的集中培训"),
        "signIn": _("请登录，登录后自动送出。"),
        "sending": _("正在送出……"),
        "wrong": _("这不是签到码，请对准大屏幕。"),
        "noCamera": _("没有打开相机，请在浏览器里允许使用相机，或改用输入。"),
        "badDigits": _("请输入大屏幕上的全部 10 位数字。"),
    }
