"""For employers and officers: check up to 5,000 certificates from a sheet, get a report back."""

from datetime import date

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from certificates import checks
from certificates.policy import CHECK_SHEET
from certificates.sheet import report
from certificates.sheet.answering import Found, answers
from certificates.sheet.forms import SheetForm
from certificates.sheet.plan import HEADINGS, Plan, plan
from certificates.views.check import may_try_holder
from lms.core import audit, clock
from lms.core.access import acting, requires
from lms.core.forms import blame
from lms.core.sheets import BadSheet, csv_response, read_table, xlsx_response
from lms.core.uow import unit_of_work
from lms.core.web import limiter, per_person

bp = Blueprint("check_sheet", __name__, url_prefix="/v/sheet")
MOST_BYTES = 2 * 1024 * 1024
SHOWN_FAULTS = 200


@bp.get("")
@requires(CHECK_SHEET)
def page() -> ResponseReturnValue:
    """Choose a file."""
    return _page(SheetForm())


@bp.get("/template.xlsx")
@requires(CHECK_SHEET)
def template() -> Response:
    """An empty sheet with headings and an example."""
    notes = [
        [_("列"), _("说明")],
        [HEADINGS[0], _("纸面上的证书编号，或纸面底部的 26 位查验码")],
        [HEADINGS[1], _("姓名，或证件号后四位；用编号查时必须填，用查验码查时可以不填")],
    ]
    return xlsx_response(_("批量查验模板"), list(HEADINGS), [], notes=notes)


@bp.post("")
@requires(CHECK_SHEET)
@limiter.limit("12 per hour; 40 per day", key_func=per_person)
def check() -> ResponseReturnValue:
    """Check the sheet and send the report, or say what to mend; nothing of it is kept."""
    form = SheetForm()
    if not form.sent():
        return _page(form), 422
    content = form.file.data.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        blame(form.file, _("文件太大（上限 2 MB），请分成几份上传。"))
        return _page(form), 422
    try:
        read = plan(read_table(content, form.file.data.filename or ""))
    except BadSheet as error:
        blame(form.file, error)
        return _page(form), 422
    if read.faults or not read.asked:
        return _page(form, read), 422
    return _report(read, form.on.data, form.form.data)


def _report(read: Plan, on: date | None, form: str) -> Response:
    now = clock.now()
    found = (_counted(answer) for answer in answers(read.asked, now, on))
    lines = report.rows(found, now, on, may_try_holder)
    send = csv_response if form == "csv" else xlsx_response
    response = send(_("证书查验报告"), report.headings(on), lines)
    with unit_of_work():
        audit.record(acting(), "certificate.check_sheet", "certificate", rows=len(read.asked))
    return response


def _counted(answer: Found) -> Found:
    """The holder sees that her certificate was checked, unless she did it herself."""
    row = answer.certificate
    if row is not None and row.person_id != acting().person_id:
        checks.buffer().note(row.id, clock.today())
    return answer


def _page(form: SheetForm, read: Plan | None = None) -> str:
    return render_template(
        "certificates/sheet.html",
        form=form,
        read=read,
        faults=read.faults[:SHOWN_FAULTS] if read else (),
    )
