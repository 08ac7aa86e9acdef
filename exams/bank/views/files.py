"""Questions out: the template, and exports of what a list shows."""

import io

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from exams.bank import browsing
from exams.bank.formats import excel
from exams.bank.formats.detect import Format
from exams.bank.leaving import export_of
from exams.bank.policy import EXPORT, WRITE
from exams.bank.reading import drafts_of
from exams.bank.views.base import bank_for, bp, filters_from
from lms.core import audit
from lms.core.access import acting, requires
from lms.core.errors import NotFound
from lms.core.exports import XLSX_TYPE
from lms.core.uow import unit_of_work
from lms.core.web import limiter

_TYPES = {
    Format.XLSX: (XLSX_TYPE, "xlsx"),
    Format.YAML: ("application/yaml; charset=utf-8", "yaml"),
    Format.GIFT: ("text/plain; charset=utf-8", "gift.txt"),
    Format.MOODLE: ("application/xml; charset=utf-8", "xml"),
    Format.QTI: ("application/zip", "qti.zip"),
}


@bp.get("/template.xlsx")
@requires(WRITE)
def template() -> Response:
    """A workbook with an example of every kind, and how to fill it in."""
    out = io.BytesIO()
    excel.write_template(out)
    return _download(out.getvalue(), Format.XLSX, "questions-template")


@bp.post("/<code>/export")
@requires(EXPORT)
@limiter.limit("60 per hour")
def export(code: str) -> ResponseReturnValue:
    """The questions the filters leave, with keys: a post, because the trail records it.

    With questions that the format cannot hold nothing leaves; they are listed instead.
    """
    bank, filters = bank_for(code, EXPORT), filters_from(request.form)
    wanted = request.form.get("format", "")
    if wanted not in _TYPES:
        raise NotFound(action=EXPORT.name)
    with unit_of_work():
        ids = browsing.newest_versions(bank.id, filters)
        audit.record(
            acting(), "question.key.export", "bank", bank.id, format=wanted, versions=len(ids)
        )
    content, refused = export_of([q for _version, q in drafts_of(ids)], Format(wanted))
    if refused:
        page = render_template(
            "exams/bank/export_refused.html", bank=bank, refused=refused, wanted=wanted
        )
        return page, 422
    return _download(content, Format(wanted), bank.code)


def _download(content: bytes, kind: Format, name: str) -> Response:
    media_type, ending = _TYPES[kind]
    response = Response(content, content_type=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    response.headers["Cache-Control"] = "no-store"
    return response
