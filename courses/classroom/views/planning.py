"""The base's pages: plan, edit, open, cancel central sessions."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from courses import central
from courses.classroom import queries
from courses.classroom.door import door_list
from courses.classroom.forms import ReasonForm, SessionForm
from courses.classroom.models import SESSION_STATES, CentralSession
from courses.classroom.operations import sessions
from courses.classroom.policy import (
    CHECK_INS_SEE,
    SESSIONS_BOOK,
    SESSIONS_PLAN,
    SESSIONS_RUN,
    SESSIONS_SEE,
)
from courses.classroom.review import doubts_of
from courses.classroom.texts import SEAT_LABELS, SESSION_LABELS, SESSION_TONES
from lms.core import clock
from lms.core.access import Role, acting, requires
from lms.core.errors import DomainError, Forbidden
from lms.core.forms import blame, choices
from lms.core.paging import page_number
from lms.core.uow import unit_of_work
from lms.people.api import (
    all_regions,
    full_name,
    organisation_card,
    organisation_cards,
    person_cards,
    role_holders,
)

bp = Blueprint("central", __name__, url_prefix="/sessions")


@bp.get("")
@requires(SESSIONS_SEE)
def page() -> ResponseReturnValue:
    """The sessions the actor may see."""
    status = request.args.get("status", "")
    status = status if status in SESSION_STATES else ""
    year = request.args.get("year", clock.today().year, type=int)
    found = queries.session_list(acting(), year, status, "", page_number())
    return render_template(
        "courses/classroom/list.html",
        page=found,
        year=year,
        status=status,
        may_plan=SESSIONS_PLAN.may(acting()),
        **words(),
    )


@bp.get("/new")
@requires(SESSIONS_PLAN)
def new() -> ResponseReturnValue:
    """An empty plan."""
    form = _form()
    form.year.data, form.capacity.data = clock.today().year, 60
    return render_template("courses/classroom/edit.html", form=form, row=None)


@bp.post("/new")
@requires(SESSIONS_PLAN)
def create() -> ResponseReturnValue:
    """Record the plan."""
    form = _form()
    if not _complete(form):
        return render_template("courses/classroom/edit.html", form=form, row=None), 422
    actor = acting()
    if form.organiser.data not in actor.organisations(Role.AUTHOR, Role.TEACHER):
        raise Forbidden
    try:
        with unit_of_work():
            row = sessions.plan_session(form.organiser.data, form.plan(), actor, clock.now())
    except DomainError as error:
        blame(form.day_1, error)
        return render_template("courses/classroom/edit.html", form=form, row=None), 422
    flash(_("培训已保存。核对后请开放报名。"), "success")
    return redirect(url_for("central.one", session_id=row.id), 303)


@bp.get("/<int:session_id>")
@requires(SESSIONS_SEE)
def one(session_id: int) -> ResponseReturnValue:
    """A session: facts, seats, attendance, what can be done."""
    row, actor = _seen(session_id), acting()
    runs = SESSIONS_RUN.may(actor, row)
    door = door_list(row, clock.today()) if runs else []
    looks = CHECK_INS_SEE.may(actor, row)
    doubts = doubts_of(row) if looks else []
    return render_template(
        "courses/classroom/one.html",
        row=queries.session_row(row),
        door=door,
        runs=runs,
        looks=looks,
        doubts=len(doubts),
        doubtful={doubt.fact.person_id for doubt in doubts if doubt.state == "open"},
        books=row.status == "open" and SESSIONS_BOOK.may(actor, row),
        started=row.starts_at <= clock.now(),
        region=full_name(row.region),
        teachers=person_cards({teacher.person_id for teacher in row.teachers}).values(),
        **words(),
    )


@bp.get("/<int:session_id>/edit")
@requires(SESSIONS_PLAN)
def edit(session_id: int) -> ResponseReturnValue:
    """The plan of a session."""
    row = _run(session_id)
    form = _form(row)
    form.show(sessions.stretches(row))
    form.teachers.data = [teacher.person_id for teacher in row.teachers]
    return render_template("courses/classroom/edit.html", form=form, row=row)


@bp.post("/<int:session_id>/edit")
@requires(SESSIONS_PLAN)
def change(session_id: int) -> ResponseReturnValue:
    """Change the plan."""
    row = _run(session_id)
    form = _form(row)
    if not _complete(form):
        return render_template("courses/classroom/edit.html", form=form, row=row), 422
    revision = int(form.revision.data) if str(form.revision.data).isdecimal() else 0
    try:
        with unit_of_work():
            central.change_session(session_id, revision, form.plan(), acting(), clock.now())
    except DomainError as error:
        blame(form.day_1, error)
        return render_template("courses/classroom/edit.html", form=form, row=row), error.status
    flash(_("修改已保存。"), "success")
    return redirect(url_for("central.one", session_id=session_id), 303)


@bp.post("/<int:session_id>/open")
@requires(SESSIONS_PLAN)
def open_for_booking(session_id: int) -> ResponseReturnValue:
    """Open a planned session."""
    _run(session_id)
    with unit_of_work():
        sessions.open_session(session_id, acting(), clock.now())
    flash(_("已开放报名，用人单位现在可以预订名额。"), "success")
    return redirect(url_for("central.one", session_id=session_id), 303)


@bp.post("/<int:session_id>/invite")
@requires(SESSIONS_PLAN)
def invite(session_id: int) -> ResponseReturnValue:
    """Invite by rule everybody of the region who still owes the year."""
    _run(session_id)
    with unit_of_work():
        number = central.invite_by_rule(session_id, acting(), clock.now())
    flash(_("已邀请 %(n)s 人，他们会收到通知。", n=number), "success")
    return redirect(url_for("central.one", session_id=session_id), 303)


@bp.get("/<int:session_id>/cancel")
@requires(SESSIONS_PLAN)
def ask_cancel(session_id: int) -> ResponseReturnValue:
    """Say what cancelling means and ask why."""
    row = queries.session_row(_run(session_id))
    return render_template("courses/classroom/cancel.html", row=row, form=ReasonForm())


@bp.post("/<int:session_id>/cancel")
@requires(SESSIONS_PLAN)
def cancel(session_id: int) -> ResponseReturnValue:
    """Cancel a session."""
    row, form = queries.session_row(_run(session_id)), ReasonForm()
    if not form.sent():
        return render_template("courses/classroom/cancel.html", row=row, form=form), 422
    with unit_of_work():
        central.cancel_session(session_id, form.reason.data or "", acting(), clock.now())
    flash(_("培训已取消，已通知报名的人。"), "success")
    return redirect(url_for("central.one", session_id=session_id), 303)


def words() -> dict[str, object]:
    """Labels for the templates."""
    return {"labels": SESSION_LABELS, "tones": SESSION_TONES, "seat_labels": SEAT_LABELS}


def _seen(session_id: int) -> CentralSession:
    row = queries.find_session(session_id)
    SESSIONS_SEE.ensure(acting(), row)
    return row


def _run(session_id: int) -> CentralSession:
    row = queries.find_session(session_id)
    SESSIONS_PLAN.ensure(acting(), row)
    return row


def _form(row: CentralSession | None = None) -> SessionForm:
    """The form with the actor's bases and the regions these may serve."""
    form = SessionForm(data=_shown(row) if row is not None else None)
    mine = sorted(acting().organisations(Role.AUTHOR, Role.TEACHER))
    if row is not None:
        mine = [row.organiser_id]
        form.organiser.data = row.organiser_id
    cards = organisation_cards(mine)
    form.organiser.choices = choices((card.id, card.name) for card in cards.values())
    form.teachers.choices = choices(_teachers(mine, row))
    cities = {card.region[:4] for card in cards.values()}
    codes = [c for c in all_regions() if c == "14" or c[:4] in cities]
    form.region.choices = choices((code, full_name(code)) for code in codes)
    if not form.region.data and mine:
        base = organisation_card(mine[0])
        form.region.data = base.region if base else None
    return form


def _shown(row: CentralSession) -> dict[str, object]:
    """What the form takes from a session as it stands."""
    names = ("title", "topic", "region", "year", "venue", "capacity", "revision")
    return {name: getattr(row, name) for name in names}


def _teachers(bases: list[int], row: CentralSession | None) -> list[tuple[int, str]]:
    """Who may be named: the teachers of the bases, and whoever teaches the session already."""
    known = {teacher.person_id for teacher in row.teachers} if row else set()
    for base in bases:
        known |= set(role_holders(base, sessions.TEACHING, clock.today()))
    cards = person_cards(known).values()
    return sorted(((card.id, card.name) for card in cards), key=lambda pair: pair[1])


def _complete(form: SessionForm) -> bool:
    if not form.sent():
        return False
    odd = form.half_filled()
    if odd is not None:
        blame(odd, _("请把这个时段的日期、开始和结束都填上。"))
        return False
    return True
