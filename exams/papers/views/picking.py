"""The fixed paper of a draft: pick the questions, say what each is worth, put them in order."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exams.bank import browsing
from exams.bank.forms import DIFFICULTY_LABELS, KIND_LABELS
from exams.bank.models import Bank
from exams.bank.policy import VIEW
from exams.bank.views.base import filters_from
from exams.entries.errors import EventNotDraft
from exams.entries.models import ExamEvent
from exams.papers import fixed
from exams.papers.models import PaperMode
from exams.papers.policy import COMPOSE
from exams.papers.rules import FULL_TENTHS
from exams.papers.views.papers import bank_of, bp, event_for
from lms.core import clock
from lms.core.access import acting, requires
from lms.core.errors import DomainError, Invalid, NotFound
from lms.core.uow import unit_of_work

#: Questions offered at a time.
OFFERED = 30


def _draft(event_id: int) -> tuple[ExamEvent, Bank]:
    """A draft with a fixed paper, and its bank: one that the actor may read, or the platform's,
    of which everybody who sets papers sees the questions, but no key."""
    event = event_for(event_id)
    bank = bank_of(event)
    if bank is None or event.paper_mode != PaperMode.FIXED:
        raise NotFound(action=COMPOSE.name)
    if bank.organisation_id is not None:
        VIEW.ensure(acting(), bank)
    if event.status != "draft":
        raise EventNotDraft
    return event, bank


@bp.get("/fixed")
@requires(COMPOSE)
def pick(event_id: int) -> ResponseReturnValue:
    """What is on the paper, and questions to choose from."""
    event, bank = _draft(event_id)
    return _page(event, bank, fixed.picks_of(event.id))


@bp.post("/fixed")
@requires(COMPOSE)
def save_picks(event_id: int) -> ResponseReturnValue:
    """Keep the paper as it stands in the form; it need not be complete."""
    event, bank = _draft(event_id)
    try:
        picks = picks_from(request.form, request.form.getlist("add", int))
        with unit_of_work():
            fixed.save(event, picks, acting(), clock.now())
    except DomainError as refusal:
        flash(str(refusal), "error")
        return _page(event, bank, fixed.picks_of(event.id)), 422
    flash(_("已保存，共 %(n)s 题。", n=len(picks)), "success")
    return redirect(_here(event_id), 303)


def _here(event_id: int, endpoint: str = "pick") -> str:
    """The page with the filters it has now."""
    f = filters_from()
    return url_for(
        f"exam_papers.{endpoint}", event_id=event_id, q=f.q or None, module=f.module or None,
        kind=f.kind or None, difficulty=f.difficulty or None,
    )  # fmt: skip


def picks_from(form: Mapping[str, str], added: list[int]) -> list[fixed.Pick]:
    """The picks in a form, in the order of the places typed. Raises Invalid for odd numbers."""
    kept = []
    for name, value in form.items():
        if name.startswith("marks-") and f"drop-{name[6:]}" not in form:
            question_id = _whole(name[6:])
            place = form.get(f"place-{question_id}", "") or "0"
            kept.append((_whole(place), fixed.Pick(question_id, _tenths(value))))
    ordered = [pick for _place, pick in sorted(kept, key=lambda row: row[0])]
    worth = _tenths(form.get("worth") or "1")
    return [*ordered, *(fixed.Pick(question_id, worth) for question_id in added)]


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise Invalid(_("请填写数字。")) from None


def _tenths(text: str) -> int:
    try:
        marks = Decimal(text.strip())
    except InvalidOperation:
        raise Invalid(_("请填写数字。")) from None
    # Judged before it is made whole: 1e999999 is short to type and long to write out.
    if not marks.is_finite() or abs(marks) > FULL_TENTHS:
        raise Invalid(_("请填写数字。"))
    if (scaled := marks * 10) != int(scaled):
        raise Invalid(_("每题分值最多一位小数。"))
    return int(scaled)


def _page(event: ExamEvent, bank: Bank, picks: list[fixed.Pick]) -> str:
    filters = replace(filters_from(), state="in_use", rung=event.rung)
    chosen = {pick.question_id for pick in picks}
    rows = browsing.question_rows(bank.id, filters, OFFERED + len(chosen), 0)
    return render_template(
        "exams/papers/fixed.html",
        event=event,
        picks=fixed.rows_of(picks),
        total=fixed.add_up(event, picks, clock.now()),
        offered=[row for row in rows if row.id not in chosen][:OFFERED],
        filters=filters,
        target=_here(event.id, "save_picks"),
        active=sum(map(bool, (filters.q, filters.module, filters.kind, filters.difficulty))),
        modules=[(module, module) for module in browsing.tags_of(bank.id).modules],
        kinds={str(kind): label for kind, label in KIND_LABELS.items()},
        difficulties={str(level): label for level, label in DIFFICULTY_LABELS.items()},
    )
