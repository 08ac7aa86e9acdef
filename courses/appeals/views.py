"""A person appeals on the page of her year; her county answers."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField
from wtforms.validators import Length

from courses.appeals import operations, queries
from courses.appeals.policy import APPEAL, APPEALS_ANSWER
from courses.compliance.views.officer import words
from lms.core import clock
from lms.core.access import acting, requires
from lms.core.errors import DomainError, NotFound
from lms.core.forms import Form, strip
from lms.core.paging import page_number
from lms.core.uow import unit_of_work

bp = Blueprint("appeals", __name__)


class AppealForm(Form):
    """Words for or against a verdict."""

    text = TextAreaField(_l("说明"), [Length(max=600)], filters=[strip])


@bp.post("/learn/duty/appeal")
@requires(APPEAL)
def appeal() -> ResponseReturnValue:
    """Appeal against my verdict."""
    year = request.form.get("year", clock.today().year, type=int)
    try:
        with unit_of_work():
            operations.appeal(year, AppealForm().text.data or "", acting(), clock.now())
    except DomainError as error:
        flash(str(error), "danger")
    else:
        flash(_("申诉已提交，民政部门会答复您。"), "success")
    return redirect(url_for("my_duty.page", year=year), 303)


@bp.post("/learn/duty/appeal/<int:appeal_id>/withdraw")
@requires(APPEAL)
def withdraw(appeal_id: int) -> ResponseReturnValue:
    """Withdraw my appeal."""
    row = queries.appeal_of(appeal_id)
    if row.person_id != acting().person_id:
        raise NotFound(action=APPEAL.name)
    return _answer(appeal_id, "withdrawn", url_for("my_duty.page", year=row.year))


@bp.get("/flags/appeals")
@requires(APPEALS_ANSWER)
def waiting() -> ResponseReturnValue:
    """Appeals that wait for an answer."""
    return render_template(
        "courses/appeals/waiting.html",
        page=queries.waiting_appeals(acting(), page_number()),
        form=AppealForm(formdata=None),
        **words(),
    )


@bp.post("/flags/appeals/<int:appeal_id>/<any(accepted, rejected):step>")
@requires(APPEALS_ANSWER)
def answer(appeal_id: int, step: str) -> ResponseReturnValue:
    """Answer an appeal of my region."""
    APPEALS_ANSWER.ensure(acting(), queries.appeal_of(appeal_id))
    return _answer(appeal_id, step, url_for("appeals.waiting"))


def _answer(appeal_id: int, step: str, back: str) -> ResponseReturnValue:
    try:
        with unit_of_work():
            operations.answer(appeal_id, step, AppealForm().text.data or "", acting(), clock.now())
    except NotFound:
        raise
    except DomainError as error:
        flash(str(error), "danger")
    else:
        flash(_("已记录。"), "success")
    return redirect(back, 303)
