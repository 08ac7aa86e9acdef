"""The teacher's pages in the hall: the screen with the changing code, the list, closing."""

import io
from datetime import datetime

import qrcode
from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from qrcode.image.svg import SvgPathImage

from courses import central
from courses.classroom import codes, queries
from courses.classroom.door import door_list
from courses.classroom.forms import ReasonForm
from courses.classroom.models import CentralSession
from courses.classroom.operations import attendance, sessions
from courses.classroom.policy import SESSIONS_RUN
from courses.classroom.review import doubts_of
from courses.classroom.texts import METHOD_LABELS, SEAT_LABELS
from courses.compliance.wording import hours
from lms.core import clock
from lms.core.access import acting, requires
from lms.core.clock import SHANGHAI
from lms.core.errors import Invalid
from lms.core.exports import csv_response, xlsx_response
from lms.core.uow import unit_of_work

bp = Blueprint("door", __name__, url_prefix="/sessions/<int:session_id>")


@bp.get("/screen")
@requires(SESSIONS_RUN)
def screen(session_id: int) -> ResponseReturnValue:
    """What the hall sees: a QR code and six digits that change every few seconds."""
    row = _run(session_id)
    return render_template("courses/classroom/screen.html", row=row, **_shown(row))


@bp.get("/screen/now")
@requires(SESSIONS_RUN)
def screen_now(session_id: int) -> ResponseReturnValue:
    """The part of the screen that changes, for its module."""
    row = _run(session_id)
    return render_template("courses/classroom/_code.html", row=row, **_shown(row))


@bp.get("/code.svg")
@requires(SESSIONS_RUN)
def picture(session_id: int) -> ResponseReturnValue:
    """The QR code of this moment."""
    row, now = _run(session_id), clock.now()
    step = codes.step_of(now, attendance.code_seconds(row))
    token = codes.scan_code(sessions.secret_of(row), step)
    # The printed address, not the one this request claims to have come to.
    base: str = current_app.extensions["settings"].base_url
    address = base + url_for("check_in.scanned", ref=row.ref, code=token)
    code = qrcode.QRCode(
        error_correction=qrcode.ERROR_CORRECT_M, border=2, box_size=10, mask_pattern=2
    )
    code.add_data(address)
    out = io.BytesIO()
    code.make_image(image_factory=SvgPathImage).save(out)
    return Response(out.getvalue(), mimetype="image/svg+xml")


@bp.post("/attendance")
@requires(SESSIONS_RUN)
def note(session_id: int) -> ResponseReturnValue:
    """Note that somebody came or left, now or at a given time."""
    row = _run(session_id)
    person_id = request.form.get("person_id", 0, type=int)
    kind = "out" if request.form.get("kind") == "out" else "in"
    reason = request.form.get("reason", "").strip()[:200]
    with unit_of_work():
        noted = central.correct(
            session_id, person_id, kind, _time(row), reason, acting(), clock.now()
        )
    text = _("已登记。") if noted.fresh else _("这条已经登记过了。")
    flash(text, "success")
    return redirect(url_for("central.one", session_id=session_id) + f"#p{person_id}", 303)


@bp.post("/take-back")
@requires(SESSIONS_RUN)
def take_back(session_id: int) -> ResponseReturnValue:
    """Take a wrong fact back, with a reason."""
    _run(session_id)
    fact_id = request.form.get("fact_id", 0, type=int)
    reason = request.form.get("reason", "").strip()[:200]
    with unit_of_work():
        central.take_back(session_id, fact_id, reason, acting(), clock.now())
    flash(_("已更正，原记录仍然保留。"), "success")
    return redirect(url_for("central.one", session_id=session_id), 303)


@bp.get("/close")
@requires(SESSIONS_RUN)
def ask_close(session_id: int) -> ResponseReturnValue:
    """Say what closing means."""
    row = _run(session_id)
    door = door_list(row, clock.today())
    return render_template(
        "courses/classroom/close.html",
        row=row,
        came=sum(1 for line in door if line.came_at),
        seats=sum(1 for line in door if line.seat == "booked"),
        early=clock.now() < row.ends_at,
        doubts=sum(1 for doubt in doubts_of(row) if doubt.state == "open"),
        form=ReasonForm(),
    )


@bp.post("/close")
@requires(SESSIONS_RUN)
def close(session_id: int) -> ResponseReturnValue:
    """Close the session: hours are posted, flags clear."""
    _run(session_id)
    with unit_of_work():
        closed = central.close_session(session_id, acting(), clock.now())
    flash(
        _("已结算：%(came)s 人计入学时，共 %(all)s 人。",
          came=len(closed.attended), all=len(closed.counted)),
        "success",
    )  # fmt: skip
    return redirect(url_for("central.one", session_id=session_id), 303)


@bp.get("/list.<any(csv, xlsx):kind>")
@requires(SESSIONS_RUN)
def export(session_id: int, kind: str) -> ResponseReturnValue:
    """The list at the door as a spreadsheet."""
    row = _run(session_id)
    headings = [_("姓名"), _("证件号码"), _("单位"), _("座位"), _("签到时间"), _("方式"), _("学时")]
    rows = [
        [
            line.person.name,
            line.person.id_masked,
            line.home,
            str(SEAT_LABELS[line.seat]),
            line.came_at,
            str(METHOD_LABELS[line.facts[0].method]) if line.facts else "",
            hours(line.outcome.tenths) if line.outcome else "",
        ]
        for line in door_list(row, clock.today())
    ]
    respond = csv_response if kind == "csv" else xlsx_response
    return respond(_("签到表"), headings, rows)


def _run(session_id: int) -> CentralSession:
    row = queries.find_session(session_id)
    SESSIONS_RUN.ensure(acting(), row)
    return row


def _shown(row: CentralSession) -> dict[str, object]:
    now = clock.now()
    seconds = attendance.code_seconds(row)
    step = codes.step_of(now, seconds)
    secret = sessions.secret_of(row)
    door = door_list(row, clock.local_date(now))
    return {
        "code": codes.typed_code(secret, step),
        "tail": codes.tail_code(secret, step),
        "step": step,
        "left": codes.seconds_left(now, seconds),
        "present": sum(1 for line in door if line.present),
        "seats": sum(1 for line in door if line.seat == "booked"),
    }


def _time(row: CentralSession) -> datetime:
    """When: the start of today's part, a typed minute of the session's day, or now."""
    now = clock.now()
    given = request.form.get("at", "now")
    today = [p for p in row.parts if clock.local_date(p.starts_at) == clock.local_date(now)]
    parts = today or list(row.parts)
    if given == "start":
        return min(p.starts_at for p in parts)
    if given == "now":
        return now
    try:
        return datetime.fromisoformat(given).replace(tzinfo=SHANGHAI)
    except ValueError:
        raise Invalid(_("时间看不懂，请重新选择。")) from None
