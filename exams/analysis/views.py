"""Pages of the analysis: the event in figures, and how one item did."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from exams.analysis import charts, curves
from exams.analysis.answers import choice_labels, right_labels
from exams.analysis.jobs import ANALYSIS
from exams.analysis.policy import ANALYSE
from exams.analysis.queries import (
    AT_ONCE,
    Analysis,
    Item,
    analysis_of,
    sittings_of,
    snapshot_of,
)
from exams.analysis.sheets import analysis_table
from exams.analysis.words import words
from exams.bank import keys
from exams.bank.models import Kind, QuestionKey, QuestionVersion
from exams.bank.policy import OPEN_KEYS
from exams.entries.models import ExamEvent, Part
from exams.marking.corrections.queries import in_force
from exams.papers.models import Paper, Slot
from exams.results.embargo import hides_marks
from exams.views.paging import page_of
from lms.core import clock, tasks
from lms.core.access import acting, requires
from lms.core.db import session
from lms.core.errors import NotFound
from lms.core.sheets import csv_response, xlsx_response
from lms.core.tasks import Task
from lms.core.uow import unit_of_work

PER_PAGE = 40
bp = Blueprint("analysis", __name__, url_prefix="/events")


@bp.get("/<int:event_id>/analysis")
@requires(ANALYSE)
def event(event_id: int) -> ResponseReturnValue:
    """Marks, reliability, and every item with what stands out."""
    held, sat = event_for(event_id), sittings_of(event_id)
    found = _current(held, sat)
    flagged = request.args.get("show") == "flagged"
    items = [item for item in found.items if item.flags or not flagged] if found else []
    shown = _page(items, request.args.get("page", 1, int))
    return render_template(
        "exams/analysis.html",
        event=held,
        found=found,
        sat=sat,
        items=shown.rows,
        page=page_of(shown),
        flagged=flagged,
        charts=charts,
        **words(),
    )


@bp.post("/<int:event_id>/analysis/run")
@requires(ANALYSE)
def run(event_id: int) -> ResponseReturnValue:
    """Start an analysis of a large event; it goes on when the page is left."""
    held = event_for(event_id)
    with unit_of_work():
        params = {"event_id": held.id, "person_id": acting().person_id}
        ref = tasks.start(ANALYSIS, params, acting()).ref
    return redirect(url_for("analysis.running", event_id=event_id, ref=ref), 303)


@bp.get("/<int:event_id>/analysis/run/<ref>")
@requires(ANALYSE)
def running(event_id: int, ref: str) -> ResponseReturnValue:
    """How far an analysis is; leads to the figures when it is done."""
    held, task = event_for(event_id), _task(event_id, ref)
    if task.state == "done":
        return redirect(url_for("analysis.event", event_id=event_id), 303)
    return render_template("exams/analysis_running.html", event=held, task=task)


@bp.get("/<int:event_id>/analysis/run/<ref>/state")
@requires(ANALYSE)
def state(event_id: int, ref: str) -> ResponseReturnValue:
    """The same for the page's script."""
    event_for(event_id)
    task = _task(event_id, ref)
    return jsonify(state=task.state, done=task.done, total=task.total)


@bp.get("/<int:event_id>/analysis.<any(csv, xlsx):kind>")
@requires(ANALYSE)
def export(event_id: int, kind: str) -> ResponseReturnValue:
    """Every item's figures as a file."""
    held = event_for(event_id)
    found = _current(held, sittings_of(event_id))
    if found is None:
        raise NotFound(action=ANALYSE.name)
    headings, rows = analysis_table(found)
    make = csv_response if kind == "csv" else xlsx_response
    return make(_("试题分析-%(n)s", n=held.id), headings, rows)


@bp.get("/<int:event_id>/analysis/<int:version_id>")
@requires(ANALYSE)
def item(event_id: int, version_id: int) -> ResponseReturnValue:
    """One item: its curve and time; with the key opened on record, how the answers fell."""
    held, version = event_for(event_id), _version(event_id, version_id)
    found = _current(held, sittings_of(event_id))
    if found is None:
        return redirect(url_for("analysis.event", event_id=event_id), 303)
    opened = version_id in keys.opened(request.args.get("key"), acting(), clock.now())
    if opened:
        OPEN_KEYS.ensure(acting(), version.question.bank)
    parts = [row for row in found.items if row.version_id == version_id]
    key = _key(event_id, version) if opened else None
    return render_template(
        "exams/analysis_item.html",
        event=held,
        version=version,
        found=found,
        parts=[detail(row, version, key) for row in parts],
        opened=opened,
        may_open=OPEN_KEYS.may(acting(), version.question.bank),
        charts=charts,
        idle=curves.is_idle,
        tempting=curves.is_tempting,
        **words(),
    )


@bp.post("/<int:event_id>/analysis/<int:version_id>")
@requires(ANALYSE)
def open_item(event_id: int, version_id: int) -> ResponseReturnValue:
    """Record that the key is opened, then show how the answers fell."""
    event_for(event_id)
    bank = _version(event_id, version_id).question.bank
    OPEN_KEYS.ensure(acting(), bank)
    with unit_of_work():
        token = keys.open_versions([version_id], bank.id, "analysis", acting(), clock.now())
    target = url_for("analysis.item", event_id=event_id, version_id=version_id, key=token)
    return redirect(target, 303)


@dataclass(frozen=True, slots=True)
class Detail:
    """One question, or one part of a case, on its page; ``rows`` only with the key opened."""

    item: Item
    stem: str
    body: dict[str, Any]
    rows: list[curves.Choice]
    labels: list[str]
    listed: bool


def detail(item: Item, version: QuestionVersion, key: dict[str, Any] | None) -> Detail:
    """What the page shows; ``key`` None while it is shut."""
    kind, stem, body = version.kind, version.stem, version.body
    if version.kind == Kind.CASE and item.part:
        part = body["parts"][item.part - 1]
        kind, stem, body = part["kind"], part["stem"], part["body"]
        key = key["parts"][item.part - 1] if key else None
    figures, rows = item.figures, []
    labels = choice_labels(kind, body)
    listed = not labels
    if key is not None:
        labels = labels or [answer.label for answer in figures.answers if answer.label]
        right = right_labels(kind, key, labels)
        rows = curves.choices(figures.answers, figures.groups, figures.sums.n, labels, right)
    return Detail(item, stem, body, rows, labels, listed)


def _key(event_id: int, version: QuestionVersion) -> dict[str, Any]:
    """The key as it counts in this event: corrected where it was."""
    key = dict(session().get_one(QuestionKey, version.id).key)
    for (version_id, part), corrected in in_force(event_id).items():
        if version_id != version.id or corrected.way != "key":
            continue
        if part is None:
            key = dict(corrected.key)
        else:
            key["parts"] = [*key["parts"][:part], dict(corrected.key), *key["parts"][part + 1 :]]
    return key


@dataclass(frozen=True, slots=True)
class _Shown:
    """One page of items."""

    rows: list[Item]
    total: int
    number: int
    pages: int


def _page(items: list[Item], number: int) -> _Shown:
    pages = max(1, -(-len(items) // PER_PAGE))
    number = min(max(1, number), pages)
    return _Shown(items[(number - 1) * PER_PAGE : number * PER_PAGE], len(items), number, pages)


def _current(event: ExamEvent, sat: int) -> Analysis | None:
    """A small event as it is now; a large one as it was kept, None before the first time."""
    return analysis_of(event.id) if sat <= AT_ONCE else snapshot_of(event.id)


def event_for(event_id: int) -> ExamEvent:
    """A theory event whose figures the actor may see. Raises NotFound otherwise."""
    found = session().get(ExamEvent, event_id)
    if found is None or found.part != Part.THEORY or found.practice:
        raise NotFound(action=ANALYSE.name)
    ANALYSE.ensure(acting(), found)
    if hides_marks(found, acting()):
        raise NotFound(action=ANALYSE.name)
    return found


def _task(event_id: int, ref: str) -> Task:
    task = tasks.find(ref, acting())
    if task is None or task.kind != ANALYSIS or task.params.get("event_id") != event_id:
        raise NotFound(action=ANALYSE.name)
    return task


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
