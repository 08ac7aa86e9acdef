"""On paper and back: the list to print and sign, and the sheet that is typed from it."""

from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import StringField
from wtforms.validators import Length

from courses import central
from courses.classroom import attendance_sheet as sheet
from courses.classroom import queries
from courses.classroom.door import door_list
from courses.classroom.models import CentralSession
from courses.classroom.operations import attendance
from courses.classroom.policy import SESSIONS_RUN
from lms.core import clock
from lms.core.access import acting, requires
from lms.core.errors import DomainError
from lms.core.exports import xlsx_response
from lms.core.forms import Form, blame, strip
from lms.core.sheets import BadSheet, read_table
from lms.core.uow import unit_of_work

bp = Blueprint("hall_paper", __name__, url_prefix="/sessions/<int:session_id>")
MOST_BYTES = 2 * 1024 * 1024
SHOWN_FAULTS = 200


class SheetForm(Form):
    """A file, and why, for a session that was closed."""

    file = FileField(_l("表格文件"), [FileRequired(_l("请选择一个 .xlsx 或 .csv 文件。"))])
    reason = StringField(_l("补记原因"), [Length(max=200)], filters=[strip])


@bp.get("/roster")
@requires(SESSIONS_RUN)
def roster(session_id: int) -> ResponseReturnValue:
    """Everybody with a place, with room to sign, for the printer."""
    row = _run(session_id)
    people = [line for line in door_list(row, clock.today()) if line.seat in {"booked", "waiting"}]
    return render_template("courses/classroom/roster.html", row=row, people=people)


@bp.get("/sheet")
@requires(SESSIONS_RUN)
def page(session_id: int) -> ResponseReturnValue:
    """Choose a file."""
    return _page(_run(session_id), SheetForm())


@bp.get("/sheet.xlsx")
@requires(SESSIONS_RUN)
def template(session_id: int) -> ResponseReturnValue:
    """Everybody with a place, with two columns to fill."""
    people = door_list(_run(session_id), clock.today())
    rows = [[line.person.id, line.person.name, line.home, "", ""] for line in people]
    return xlsx_response(_("签到登记表"), sheet.HEADINGS, rows)


@bp.post("/sheet")
@requires(SESSIONS_RUN)
def bring(session_id: int) -> ResponseReturnValue:
    """Note everything that the sheet says, or nothing, with every fault."""
    row, form, now = _run(session_id), SheetForm(), clock.now()
    if not form.sent():
        return _page(row, form), 422
    content = form.file.data.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        blame(form.file, _("文件太大（上限 2 MB），请分成几份上传。"))
        return _page(row, form), 422
    try:
        read = sheet.plan(read_table(content, form.file.data.filename or ""), _door(row, now))
    except BadSheet as error:
        blame(form.file, error)
        return _page(row, form), 422
    if read.faults or not read.lines:
        return _page(row, form, read), 422
    try:
        with unit_of_work():
            fresh = central.note_sheet(
                session_id, read.lines, form.reason.data or "", acting(), now
            )
    except DomainError as error:
        blame(form.reason if row.status == "closed" else form.file, error)
        return _page(row, form), error.status
    flash(_("已登记 %(n)s 条签到、签退。", n=fresh), "success")
    return redirect(url_for("central.one", session_id=session_id), 303)


def _run(session_id: int) -> CentralSession:
    row = queries.find_session(session_id)
    SESSIONS_RUN.ensure(acting(), row)
    return row


def _door(row: CentralSession, now: datetime) -> sheet.Door:
    names = {line.person.id: line.person.name for line in door_list(row, clock.local_date(now))}
    days = {clock.local_date(part.starts_at) for part in row.parts}
    return sheet.Door(names, days, lambda at: at <= now and attendance.may_note(row, at))


def _page(row: CentralSession, form: SheetForm, read: sheet.SheetPlan | None = None) -> str:
    return render_template(
        "courses/classroom/sheet.html",
        row=row,
        form=form,
        read=read,
        faults=read.faults[:SHOWN_FAULTS] if read else (),
    )
