"""Questions in and out: upload → plan → confirm, templates, exports."""

import io
from pathlib import PurePath

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exams.bank import browsing, uploads
from exams.bank.formats import excel, gift, moodle, yaml_text
from exams.bank.formats.detect import Format, read_file
from exams.bank.formats.items import MOST_BYTES, Defaults, Reading
from exams.bank.forms import UploadForm
from exams.bank.importing import import_questions, plan_import
from exams.bank.models import Bank
from exams.bank.policy import EXPORT, WRITE
from exams.bank.reading import drafts_of
from exams.bank.views.base import bank_for, bp, filters_from
from lms.core import audit, clock
from lms.core.access import acting, requires
from lms.core.errors import Invalid, NotFound
from lms.core.exports import XLSX_TYPE
from lms.core.forms import blame
from lms.core.uow import unit_of_work
from lms.core.web import limiter

SHOWN = 300
_TYPES = {
    Format.XLSX: (XLSX_TYPE, "xlsx"),
    Format.YAML: ("application/yaml; charset=utf-8", "yaml"),
    Format.GIFT: ("text/plain; charset=utf-8", "gift.txt"),
    Format.MOODLE: ("application/xml; charset=utf-8", "xml"),
}


@bp.get("/template.xlsx")
@requires(WRITE)
def template() -> Response:
    """An empty workbook with headings, and how to fill it in."""
    out = io.BytesIO()
    excel.write(out, [])
    return _download(out.getvalue(), Format.XLSX, "questions-template")


@bp.get("/<code>/import")
@requires(WRITE)
def import_page(code: str) -> ResponseReturnValue:
    """Choose a file."""
    return _upload_page(bank_for(code, WRITE), UploadForm())


@bp.post("/<code>/import")
@requires(WRITE)
@limiter.limit("60 per hour")
def upload(code: str) -> ResponseReturnValue:
    """Read the file; keep it, sealed, while its plan is looked at."""
    bank, form = bank_for(code, WRITE), UploadForm()
    if not form.sent():
        return _upload_page(bank, form), 422
    sent = uploads.Upload(
        person_id=acting().person_id,
        bank_id=bank.id,
        filename=PurePath(form.file.data.filename or "questions").name[-80:],
        wanted=form.wanted.data,
        rung=form.rung.data,
        module=form.module.data or "",
        content=form.file.data.read(MOST_BYTES + 1),
    )
    try:
        _read(sent)
    except Invalid as refusal:
        blame(form.file, refusal)
        return _upload_page(bank, form), 422
    ref = uploads.keep(sent, clock.now())
    return redirect(url_for("bank.import_plan", code=code, ref=ref), 303)


@bp.get("/<code>/import/<ref>")
@requires(WRITE)
def import_plan(code: str, ref: str) -> ResponseReturnValue:
    """What importing would do; every fault with its place."""
    bank = bank_for(code, WRITE)
    sent = _sent(bank, ref)
    plan = plan_import(bank, _read(sent))
    return render_template(
        "exams/bank/import_plan.html", bank=bank, plan=plan, ref=ref, sent=sent, shown=SHOWN
    )


@bp.post("/<code>/import/<ref>")
@requires(WRITE)
def confirm_import(code: str, ref: str) -> ResponseReturnValue:
    """Write what was shown, if it is still what would happen."""
    bank = bank_for(code, WRITE)
    reading = _read(_sent(bank, ref))
    with unit_of_work():
        plan = import_questions(
            bank, reading, acting(), clock.now(), request.form.get("digest", "")
        )
    uploads.drop(ref)
    flash(
        _("新增 %(new)s 道，更新 %(changed)s 道，都在等审核。", new=plan.new, changed=plan.changed),
        "success",
    )
    return redirect(url_for("bank.questions", code=code, state="waiting"), 303)


@bp.post("/<code>/export")
@requires(EXPORT)
@limiter.limit("60 per hour")
def export(code: str) -> ResponseReturnValue:
    """The questions the filters leave, with keys: a post, because the trail records it."""
    bank, filters = bank_for(code, EXPORT), filters_from(request.form)
    wanted = request.form.get("format", "")
    if wanted not in _TYPES:
        raise NotFound(action=EXPORT.name)
    with unit_of_work():
        ids = browsing.newest_versions(bank.id, filters)
        audit.record(
            acting(), "question.key.export", "bank", bank.id, format=wanted, versions=len(ids)
        )
    questions = [written for _version, written in drafts_of(ids)]
    if wanted == Format.XLSX:
        out = io.BytesIO()
        excel.write(out, questions)
        content = out.getvalue()
    else:
        writer = {Format.YAML: yaml_text, Format.GIFT: gift, Format.MOODLE: moodle}[Format(wanted)]
        content = writer.write(questions)
    return _download(content, Format(wanted), bank.code)


def _download(content: bytes, kind: Format, name: str) -> Response:
    media_type, ending = _TYPES[kind]
    response = Response(content, content_type=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _upload_page(bank: Bank, form: UploadForm) -> str:
    return render_template("exams/bank/import.html", bank=bank, form=form)


def _sent(bank: Bank, ref: str) -> uploads.Upload:
    sent = uploads.fetch(ref, acting().person_id)
    if sent.bank_id != bank.id:
        raise NotFound(action=WRITE.name)
    return sent


def _read(sent: uploads.Upload) -> Reading:
    defaults = Defaults(rung=sent.rung, module=sent.module)
    return read_file(sent.content, sent.filename, sent.wanted, defaults)
