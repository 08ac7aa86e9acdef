"""Questions in: upload → watch → read the plan → confirm → watch → result."""

from pathlib import PurePath

from flask import Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exams.bank import uploads
from exams.bank.formats.items import MOST_BYTES
from exams.bank.forms import UploadForm
from exams.bank.jobs import APPLY, PLAN, SHOWN
from exams.bank.models import Bank
from exams.bank.policy import WRITE
from exams.bank.views.base import bank_for, bp
from lms.core import clock, tasks
from lms.core.access import acting, requires
from lms.core.errors import Conflict, NotFound
from lms.core.forms import blame
from lms.core.i18n import chosen_locale
from lms.core.sheets import csv_response
from lms.core.tasks import Task
from lms.core.uow import unit_of_work
from lms.core.web import limiter


@bp.get("/<code>/import")
@requires(WRITE)
def import_page(code: str) -> ResponseReturnValue:
    """Choose a file."""
    return _upload_page(bank_for(code, WRITE), UploadForm())


@bp.post("/<code>/import")
@requires(WRITE)
@limiter.limit("60 per hour")
def upload(code: str) -> ResponseReturnValue:
    """Seal the file and queue its planning."""
    bank, form = bank_for(code, WRITE), UploadForm()
    if not form.sent():
        return _upload_page(bank, form), 422
    content = form.file.data.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES or not content:
        text = _("文件太大（上限 12 MB），请分成几份。") if content else _("文件是空的。")
        blame(form.file, text)
        return _upload_page(bank, form), 422
    sent = uploads.Upload(
        person_id=acting().person_id,
        bank_id=bank.id,
        filename=PurePath(form.file.data.filename or "questions").name[-80:],
        wanted=form.wanted.data,
        rung=form.rung.data,
        module=form.module.data or "",
        content=content,
    )
    params = {
        "upload": uploads.keep(sent, clock.now()), "filename": sent.filename, "bank_id": bank.id,
        "person_id": sent.person_id, "locale": chosen_locale(),
    }  # fmt: skip
    with unit_of_work():
        ref = tasks.start(PLAN, params, acting()).ref
    return redirect(url_for("bank.import_plan", code=code, ref=ref), 303)


@bp.get("/<code>/import/<ref>")
@requires(WRITE)
def import_plan(code: str, ref: str) -> ResponseReturnValue:
    """Whatever there is to see of an import: progress, plan, result or refusal."""
    bank = bank_for(code, WRITE)
    task = _task(bank, ref)
    page = "plan" if task.kind == PLAN else "result"
    if task.state in {"waiting", "running"}:
        page = "progress"
    elif task.state == "failed" or (page == "plan" and "changes" not in task.result):
        page = "failed"
    return render_template(
        f"exams/bank/import_{page}.html", bank=bank, task=task, plan=task.result, shown=SHOWN
    )


@bp.get("/<code>/import/<ref>/state")
@requires(WRITE)
def import_state(code: str, ref: str) -> ResponseReturnValue:
    """How far an import is, for the page's script."""
    task = _task(bank_for(code, WRITE), ref)
    return jsonify(state=task.state, done=task.done, total=task.total)


@bp.get("/<code>/import/<ref>/faults.csv")
@requires(WRITE)
def import_faults(code: str, ref: str) -> Response:
    """What is to be mended and what is not supported, as a table."""
    result = _task(bank_for(code, WRITE), ref).result
    rows = [[_("要改的地方"), *row] for row in result.get("faults", [])]
    rows += [[_("不支持"), *row] for row in result.get("unsupported", [])]
    return csv_response(_("题目检查结果"), (_("类别"), _("位置"), _("列"), _("怎么改")), rows)


@bp.post("/<code>/import/<ref>")
@requires(WRITE)
def confirm_import(code: str, ref: str) -> ResponseReturnValue:
    """Queue the writing of what was shown; once per plan."""
    bank = bank_for(code, WRITE)
    with unit_of_work():
        plan = _task(bank, ref)
        digest = plan.result.get("digest")
        sound = plan.kind == PLAN and plan.state == "done" and digest
        if not sound or request.form.get("digest") != digest:
            raise Conflict
        if "applied" not in plan.result:
            started = tasks.start(APPLY, {**plan.params, "digest": digest}, acting())
            plan.result = {**plan.result, "applied": started.ref}
        applied = plan.result["applied"]
    return redirect(url_for("bank.import_plan", code=code, ref=applied), 303)


def _task(bank: Bank, ref: str) -> Task:
    """The actor's own import into this bank. Raises NotFound."""
    task = tasks.find(ref, acting())
    if task is None or task.kind not in {PLAN, APPLY} or task.params["bank_id"] != bank.id:
        raise NotFound(action=WRITE.name)
    return task


def _upload_page(bank: Bank, form: UploadForm) -> str:
    return render_template("exams/bank/import.html", bank=bank, form=form)
