"""Doubtful check-ins: the teacher looks into them, the county looks at what was decided."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from courses import central
from courses.classroom import queries
from courses.classroom.models import CentralSession
from courses.classroom.policy import CHECK_INS_DECIDE, CHECK_INS_SEE
from courses.classroom.review import review_list
from courses.classroom.texts import (
    DECISION_LABELS,
    DOUBT_LABELS,
    DOUBT_TONES,
    KIND_LABELS,
    METHOD_LABELS,
    sign_words,
)
from lms.core import clock
from lms.core.access import acting, requires
from lms.core.errors import DomainError, NotFound
from lms.core.uow import unit_of_work

bp = Blueprint("check_in_review", __name__, url_prefix="/sessions/<int:session_id>/check-ins")


@bp.get("")
@requires(CHECK_INS_SEE)
def page(session_id: int) -> ResponseReturnValue:
    """The doubtful check-ins of a session, with the facts in words and the decisions."""
    row = _session(session_id)
    found = review_list(row)
    return render_template(
        "courses/classroom/review.html",
        row=row,
        found=found,
        decides=CHECK_INS_DECIDE.may(acting(), row),
        words=sign_words,
        states=DOUBT_LABELS,
        tones=DOUBT_TONES,
        decisions=DECISION_LABELS,
        kinds=KIND_LABELS,
        methods=METHOD_LABELS,
    )


@bp.post("/<int:fact_id>/<any(accepted, struck):decision>")
@requires(CHECK_INS_DECIDE)
def decide(session_id: int, fact_id: int, decision: str) -> ResponseReturnValue:
    """Accept or strike a check-in, with a reason."""
    row = queries.find_session(session_id)
    CHECK_INS_DECIDE.ensure(acting(), row)
    reason = request.form.get("reason", "").strip()[:200]
    try:
        with unit_of_work():
            central.decide_check_in(session_id, fact_id, decision, reason, acting(), clock.now())
    except NotFound:
        raise
    except DomainError as error:
        flash(str(error), "danger")
    else:
        done = (
            _("已采用这条签到。") if decision == "accepted" else _("已撤回这条签到，已通知本人。")
        )
        flash(done, "success")
    return redirect(url_for("check_in_review.page", session_id=session_id), 303)


def _session(session_id: int) -> CentralSession:
    row = queries.find_session(session_id)
    CHECK_INS_SEE.ensure(acting(), row)
    return row
