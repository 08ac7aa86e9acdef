"""HR's pages: give one's own staff seats in open sessions."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from courses import central
from courses.classroom import queries
from courses.classroom.models import CentralSession
from courses.classroom.operations.seats import Booked
from courses.classroom.policy import SESSIONS_BOOK
from courses.classroom.texts import SEAT_LABELS
from courses.compliance import queries as duty
from courses.compliance.wording import STATE_LABELS, STATE_TONES
from lms.core import clock
from lms.core.access import Role, acting, requires
from lms.core.errors import NotFound
from lms.core.paging import page_number
from lms.core.uow import unit_of_work
from lms.people.api import employers_on

bp = Blueprint("booking", __name__, url_prefix="/sessions/<int:session_id>")


@bp.get("/book")
@requires(SESSIONS_BOOK)
def page(session_id: int) -> ResponseReturnValue:
    """Own staff who still need this year's training, to tick."""
    row, actor = _bookable(session_id), acting()
    wanted = duty.FlagFilter(row.year, states=("at_risk", "missed", "not_due", "scheduled"))
    people = duty.flag_page(actor, wanted, page_number())
    seats = {s.person_id: s.status for s in queries.seats_of(row.id)}
    return render_template(
        "courses/classroom/book.html",
        row=queries.session_row(row),
        page=people,
        seats=seats,
        seat_labels=SEAT_LABELS,
        labels=STATE_LABELS,
        tones=STATE_TONES,
    )


@bp.post("/book")
@requires(SESSIONS_BOOK)
def book(session_id: int) -> ResponseReturnValue:
    """Book seats for the people ticked."""
    row = _bookable(session_id)
    chosen = request.form.getlist("person_id", type=int)
    if not chosen:
        flash(_("请先勾选要参加的人。"), "warning")
        return redirect(url_for("booking.page", session_id=session_id), 303)
    _ensure_own_staff(chosen)
    with unit_of_work():
        got = central.book(row.id, chosen, acting(), clock.now())
    flash(_told(got), "success")
    return redirect(url_for("central.one", session_id=session_id), 303)


@bp.post("/seats/<int:person_id>/cancel")
@requires(SESSIONS_BOOK)
def cancel(session_id: int, person_id: int) -> ResponseReturnValue:
    """Give a seat back."""
    row = _bookable(session_id)
    _ensure_own_staff([person_id])
    with unit_of_work():
        central.cancel_seat(row.id, person_id, acting(), clock.now())
    flash(_("座位已退回，候补的人会自动补上。"), "success")
    return redirect(url_for("booking.page", session_id=session_id), 303)


def _bookable(session_id: int) -> CentralSession:
    row = queries.find_session(session_id)
    SESSIONS_BOOK.ensure(acting(), row)
    return row


def _ensure_own_staff(person_ids: list[int]) -> None:
    """Everybody must work today in a home whose HR the actor is."""
    mine = acting().organisations(Role.HR)
    employers = employers_on(clock.today(), person_ids)
    if any(not mine & set(employers.get(p, ())) for p in person_ids):
        raise NotFound(action="central.book")


def _told(got: Booked) -> str:
    told = [_("已预订 %(n)s 个名额。", n=len(got.booked))]
    if got.waiting:
        told.append(_("%(n)s 人进入候补。", n=len(got.waiting)))
    if got.already:
        told.append(_("%(n)s 人原来就在名单上。", n=len(got.already)))
    if got.elsewhere:
        told.append(_("%(n)s 人同一时间已有别的培训，没有预订。", n=len(got.elsewhere)))
    return "".join(told)
