"""Receipts: the file a candidate keeps, and the page on which anybody who holds one checks it."""

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from exams.entries.policy import SIT
from exams.sittings.queries import receipt, receipt_of
from exams.sittings.starting import own_attempt
from lms.core.access import acting, public, requires
from lms.core.web import limiter

bp = Blueprint("exam_receipts", __name__, url_prefix="/exams")


@bp.get("/receipt")
@public
@limiter.limit("60 per minute")
def look_up() -> ResponseReturnValue:
    """Type the code of a receipt, or be told that there is none."""
    typed = request.args.get("code", "")
    code = _tidy(typed)
    if code and receipt(code) is not None:
        return redirect(url_for("exam_learner.receipt", code=code), 303)
    return render_template("exams/receipt_form.html", typed=typed, shell="public")  # noqa: S604


def _tidy(typed: str) -> str:
    """``7kq2 m9xt4hwp`` is ``7KQ2-M9XT-4HWP``."""
    letters = "".join(c for c in typed.upper() if c.isascii() and c.isalnum())[:12]
    return "-".join(letters[n : n + 4] for n in range(0, len(letters), 4))


@bp.get("/room/<int:attempt_id>/receipt.txt")
@requires(SIT)
def file(attempt_id: int) -> ResponseReturnValue:
    """The receipt as a text of a few lines; the last line is what the digest is over."""
    attempt = own_attempt(attempt_id, acting().person_id)
    both = receipt_of(attempt)
    if both is None:
        return redirect(url_for("exam_room.done", attempt_id=attempt_id), 303)
    found, text = both
    # The configured address: a request's own Host header is anybody's word.
    site = current_app.extensions["settings"].base_url
    address = site + url_for("exam_learner.receipt", code=found.code)
    lines = render_template("exams/receipt.txt", receipt=found, address=address)
    response = Response(lines.strip().encode() + b"\n" + text, mimetype="text/plain")
    response.headers["Content-Disposition"] = f'attachment; filename="receipt-{found.code}.txt"'
    return response
