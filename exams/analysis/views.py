"""Pages of the analysis: the event in figures, and how the answers to one item fell."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from exams.analysis import rules
from exams.analysis.policy import ANALYSE
from exams.analysis.queries import analysis_of, choices_of
from exams.bank import forms, keys
from exams.bank.models import QuestionVersion
from exams.bank.policy import OPEN_KEYS
from exams.entries.models import ExamEvent, Part
from exams.papers.models import Paper, Slot
from lms.core import clock
from lms.core.access import acting, requires
from lms.core.db import session
from lms.core.errors import NotFound
from lms.core.uow import unit_of_work

bp = Blueprint("analysis", __name__, url_prefix="/events")

FLAGS = {
    rules.Flag.TOO_HARD: _l("太难：得分率不到 25%，请看题干是否清楚、答案是否有误。"),
    rules.Flag.TOO_EASY: _l("太容易：几乎人人答对，分不出高低。"),
    rules.Flag.REVERSED: _l("反常：成绩好的反而答错，请先核对答案。"),
    rules.Flag.WEAK: _l("区分度低：答对与否和总成绩关系不大。"),
}
SHORT_FLAGS = {
    rules.Flag.TOO_HARD: _l("太难"),
    rules.Flag.TOO_EASY: _l("太容易"),
    rules.Flag.REVERSED: _l("反常"),
    rules.Flag.WEAK: _l("区分度低"),
}


@bp.get("/<int:event_id>/analysis")
@requires(ANALYSE)
def event(event_id: int) -> ResponseReturnValue:
    """Marks, reliability, and every item with what stands out."""
    held = _event(event_id)
    found = analysis_of(event_id)
    flagged = request.args.get("show") == "flagged"
    items = [item for item in found.items if item.flags or not flagged]
    return render_template(
        "exams/analysis.html", event=held, found=found, items=items, flagged=flagged, **_words()
    )


@bp.get("/<int:event_id>/analysis/<int:version_id>")
@requires(ANALYSE)
def item(event_id: int, version_id: int) -> ResponseReturnValue:
    """One item: how the answers fell. The table tells the key, so it opens only on record."""
    held, version = _event(event_id), _version(event_id, version_id)
    token = request.args.get("key")
    found = None
    if version_id in keys.opened(token, acting(), clock.now()):
        OPEN_KEYS.ensure(acting(), version.question.bank)
        found = choices_of(event_id, version_id)
        if found is None:
            raise NotFound(action=ANALYSE.name)
    return render_template(
        "exams/analysis_item.html",
        event=held,
        version=version,
        found=found,
        may_open=OPEN_KEYS.may(acting(), version.question.bank),
        idle=rules.is_idle,
        tempting=rules.is_tempting,
        **_words(),
    )


@bp.post("/<int:event_id>/analysis/<int:version_id>")
@requires(ANALYSE)
def open_item(event_id: int, version_id: int) -> ResponseReturnValue:
    """Record that the key is opened, then show how the answers fell."""
    _event(event_id)
    bank = _version(event_id, version_id).question.bank
    OPEN_KEYS.ensure(acting(), bank)
    with unit_of_work():
        token = keys.open_versions([version_id], bank.id, "analysis", acting(), clock.now())
    target = url_for("analysis.item", event_id=event_id, version_id=version_id, key=token)
    return redirect(target, 303)


def _event(event_id: int) -> ExamEvent:
    found = session().get(ExamEvent, event_id)
    if found is None or found.part != Part.THEORY:
        raise NotFound(action=ANALYSE.name)
    ANALYSE.ensure(acting(), found)
    return found


def _version(event_id: int, version_id: int) -> QuestionVersion:
    """A question of one of the event's papers: an event is no key to other people's banks."""
    asked = (
        select(QuestionVersion)
        .join(Slot, Slot.question_version_id == QuestionVersion.id)
        .join(Paper, Paper.id == Slot.paper_id)
        .where(Paper.event_id == event_id, QuestionVersion.id == version_id)
        .limit(1)
    )
    found = session().scalar(asked)
    if found is None:
        raise NotFound(action=ANALYSE.name)
    return found


def _words() -> dict[str, object]:
    return {
        "kinds": {str(kind): label for kind, label in forms.KIND_LABELS.items()},
        "difficulties": {str(level): label for level, label in forms.DIFFICULTY_LABELS.items()},
        "flag_words": FLAGS,
        "flag_labels": SHORT_FLAGS,
        "least": rules.LEAST,
    }
