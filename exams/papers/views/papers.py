"""The papers of one event: figures, forms, a sample as the candidate would see it."""

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from exams.bank import keys
from exams.bank.models import Bank
from exams.bank.policy import OPEN_KEYS
from exams.entries.models import ExamEvent, Part
from exams.papers import passes
from exams.papers.jobs import fill_later
from exams.papers.policy import COMPOSE
from exams.papers.previewing import SAMPLES, Preview, form_preview, right_of, sample
from exams.papers.shown import exposure_of, figures_of, forms_of, work_on
from lms.core import clock
from lms.core.access import acting, requires
from lms.core.db import session
from lms.core.errors import Conflict, DomainError, NotFound
from lms.core.uow import unit_of_work

bp = Blueprint("exam_papers", __name__, url_prefix="/events/<int:event_id>/papers")


def event_for(event_id: int) -> ExamEvent:
    """A theory event whose papers the actor answers for. Raises NotFound otherwise."""
    event = session().get(ExamEvent, event_id)
    if event is None or event.part != Part.THEORY:
        raise NotFound(action=COMPOSE.name)
    COMPOSE.ensure(acting(), event)
    return event


def bank_of(event: ExamEvent) -> Bank | None:
    """The bank an event draws from."""
    return session().get(Bank, event.bank_id) if event.bank_id else None


@bp.get("")
@requires(COMPOSE)
def papers(event_id: int) -> ResponseReturnValue:
    """How many papers there are, how alike they are, and how much they share."""
    event = event_for(event_id)
    return render_template(
        "exams/papers/papers.html",
        event=event,
        figures=figures_of(event),
        work=work_on(event),
        forms=forms_of(event.id),
        exposure=exposure_of(event.id),
    )


@bp.get("/state")
@requires(COMPOSE)
def state(event_id: int) -> ResponseReturnValue:
    """How far the event's task is, for the page's script."""
    work = work_on(event_for(event_id))
    if work is None:
        return jsonify(state="done", done=0, total=0)
    return jsonify(state=work.state, done=work.done, total=work.total)


@bp.post("/fill")
@requires(COMPOSE)
def fill(event_id: int) -> ResponseReturnValue:
    """Make the papers that are lacking."""
    event = event_for(event_id)
    work = work_on(event)
    if event.status != "published" or (work and work.running):
        raise Conflict
    with unit_of_work():
        fill_later(event, acting())
    return redirect(url_for("exam_events.page", event_id=event_id, _anchor="papers"), 303)


@bp.get("/preview")
@requires(COMPOSE)
def preview(event_id: int) -> ResponseReturnValue:
    """A sample of a draft, or a form that was made; a form only for who opened it on record."""
    event = event_for(event_id)
    token, number = request.args.get("key"), _number()
    allowed = set(keys.opened(token, acting(), clock.now()))
    found, refused = _found(event, number)
    opened = found is not None and _all_open(found, allowed)
    told = request.args.get("paper")
    free = event.status == "draft" or passes.is_open(told, event.id, number, acting(), clock.now())
    shown = found if opened or free else None
    bank = bank_of(event)
    return render_template(
        "exams/papers/preview.html",
        event=event,
        number=number,
        samples=SAMPLES,
        found=found,
        refused=refused,
        paper=shown,
        right=right_of(shown) if opened and shown else {},
        may_open=bank is not None and OPEN_KEYS.may(acting(), bank),
        token=token if opened else None,
    )


@bp.post("/preview")
@requires(COMPOSE)
def open_preview(event_id: int) -> ResponseReturnValue:
    """Record that a paper, or its keys too, are opened; then show it."""
    event, number, now = event_for(event_id), _number(), clock.now()
    found, _refused = _found(event, number)
    bank = bank_of(event)
    if found is None or bank is None:
        raise NotFound(action=COMPOSE.name)
    told = {}
    if request.form.get("what") == "paper":
        with unit_of_work():
            told["paper"] = passes.open_form(event.id, number, acting(), now)
    else:
        OPEN_KEYS.ensure(acting(), bank)
        with unit_of_work():
            ids = list(dict.fromkeys(found.version_ids))
            told["key"] = keys.open_versions(ids, bank.id, "paper", acting(), now)
    target = url_for(
        "exam_papers.preview",
        event_id=event_id, n=number, key=told.get("key"), paper=told.get("paper"),
    )  # fmt: skip
    return redirect(target, 303)


def _number() -> int:
    number = request.values.get("n", 1, type=int)
    return number if 1 <= number <= SAMPLES else 1


def _found(event: ExamEvent, number: int) -> tuple[Preview | None, str]:
    if event.status != "draft":
        return form_preview(event, number), ""
    try:
        return sample(event, number, clock.now()), ""
    except DomainError as refusal:
        return None, str(refusal)


def _all_open(paper: Preview, allowed: set[int]) -> bool:
    return set(paper.version_ids) <= allowed
