"""The examiner's candidates: enter, withdraw, more time, skills scores, release, export."""

from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from exams.entries import lookup, registering
from exams.entries.chains import chain_of
from exams.entries.forms import CandidatesForm, ExtendForm, skills_form, tenths_of
from exams.entries.make_ups import may_make_up
from exams.entries.models import Entry, ExamEvent
from exams.entries.policy import INVIGILATE, MANAGE, MARK, PEOPLE, RELEASE
from exams.entries.staff_queries import candidates_of
from exams.marking.operations import checklist, names_in, record_skills
from exams.results.concluding import release_all
from exams.results.sheets import result_table
from exams.views.events import event_or_404
from lms.core import clock
from lms.core.access import acting, requires
from lms.core.db import session
from lms.core.errors import DomainError, NotFound
from lms.core.sheets import csv_response, xlsx_response
from lms.core.uow import unit_of_work
from lms.people.api import person_cards

bp = Blueprint("exam_candidates", __name__, url_prefix="/events/<int:event_id>")
POSTS = ("caregiver",)


def _entry(event: ExamEvent, entry_id: int) -> Entry:
    entry = session().get(Entry, entry_id)
    if entry is None or entry.event_id != event.id or entry.withdrawn_at is not None:
        raise NotFound
    return entry


def _back(event_id: int) -> ResponseReturnValue:
    return redirect(url_for("exam_events.page", event_id=event_id), 303)


@bp.post("/candidates")
@requires(MANAGE)
def register(event_id: int) -> ResponseReturnValue:
    """Enter people by number or a whole home's caregivers."""
    event, now = event_or_404(event_id), clock.now()
    MANAGE.ensure(acting(), event)
    form = CandidatesForm()
    if not form.sent():
        flash(_("请填写身份证号、手机号或用人单位代码。"), "error")
        return _back(event_id)
    found = _found(form, now)
    if not found.person_ids:
        flash(_("没有找到要报名的人：%(what)s", what="、".join(found.unknown) or "—"), "error")
        return _back(event_id)
    return _enter(event, found, form.waiver.data or "", now)


def _enter(
    event: ExamEvent, found: lookup.Found, waiver: str, now: datetime
) -> ResponseReturnValue:
    event_id = event.id
    try:
        with unit_of_work():
            done = registering.register_candidates(event, found.person_ids, acting(), now, waiver)
    except DomainError as refusal:
        flash(str(refusal), "error")
    else:
        _tell(done, found.unknown)
    return _back(event_id)


@bp.post("/candidates/make-up")
@requires(MANAGE)
def register_make_up(event_id: int) -> ResponseReturnValue:
    """Enter everybody who may make up the exam this one is the make-up of. Their conditions
    were decided then, which is what the entry says."""
    event, now = event_or_404(event_id), clock.now()
    MANAGE.ensure(acting(), event)
    people = tuple(may_make_up(event, chain_of(event))) if event.make_up_of else ()
    if not people:
        flash(_("没有可以补考的人：都已报名，或已合格、超过期限。"), "info")
        return _back(event_id)
    waiver = _("参加过原来的考试，申报条件当时已经核对")
    return _enter(event, lookup.Found(people, ()), waiver, now)


def _found(form: CandidatesForm, now: datetime) -> lookup.Found:
    if form.home.data:
        return lookup.by_home(form.home.data, clock.local_date(now), POSTS)
    return lookup.by_numbers(form.numbers.data or "")


def _tell(done: registering.Registered, unknown: tuple[str, ...]) -> None:
    flash(_("报名 %(n)s 人。", n=len(done.entered)), "success")
    if done.already:
        flash(_("%(n)s 人已经在名单里。", n=len(done.already)), "info")
    if done.refused:
        names = person_cards(done.refused)
        listed = "；".join(
            f"{names[pid].name}（{'、'.join(decision.missing)}）"
            for pid, decision in list(done.refused.items())[:20]
        )
        flash(_("不符合申报条件，没有报名：%(list)s", list=listed), "warning")
    if unknown:
        flash(_("系统里没有这些号码：%(list)s", list="、".join(unknown[:20])), "warning")


@bp.post("/entries/<int:entry_id>/withdraw")
@requires(INVIGILATE)
def withdraw(event_id: int, entry_id: int) -> ResponseReturnValue:
    """Take a candidate off the list."""
    entry = _entry(event_or_404(event_id), entry_id)
    INVIGILATE.ensure(acting(), entry)
    try:
        with unit_of_work():
            registering.withdraw(entry, acting(), clock.now())
    except DomainError as refusal:
        flash(str(refusal), "error")
    else:
        flash(_("已取消报名。"), "success")
    return _back(event_id)


@bp.route("/entries/<int:entry_id>/extend", methods=["GET", "POST"])
@requires(INVIGILATE)
def extend(event_id: int, entry_id: int) -> ResponseReturnValue:
    """Give a candidate more time, with a reason."""
    event = event_or_404(event_id)
    entry = _entry(event, entry_id)
    INVIGILATE.ensure(acting(), entry)
    form = ExtendForm()
    if form.sent():
        try:
            with unit_of_work():
                registering.extend(
                    entry, form.minutes.data or 0, form.reason.data or "", acting(), clock.now()
                )
        except DomainError as refusal:
            form.form_errors.append(str(refusal))
        else:
            flash(_("已延长 %(n)s 分钟。", n=form.minutes.data), "success")
            return _back(event_id)
    name = person_cards([entry.person_id])[entry.person_id].name
    return render_template("exams/extend.html", form=form, event=event, name=name)


@bp.route("/entries/<int:entry_id>/skills", methods=["GET", "POST"])
@requires(MARK)
def skills(event_id: int, entry_id: int) -> ResponseReturnValue:
    """Score a candidate's skills test by module."""
    event = event_or_404(event_id)
    MARK.ensure(acting(), event)
    entry = _entry(event, entry_id)
    most = checklist(event.blueprint)
    form = skills_form(most)()
    if form.sent():
        try:
            with unit_of_work():
                result = record_skills(
                    entry,
                    tenths_of(form, most),
                    acting(),
                    clock.now(),
                    names_in(form["panel"].data or ""),
                )
                marks = result.tenths / 10
        except DomainError as refusal:
            form.form_errors.append(str(refusal))
        else:
            flash(_("已登记 %(marks)s 分。", marks=f"{marks:g}"), "success")
            return _back(event_id)
    card = person_cards([entry.person_id])[entry.person_id]
    return render_template("exams/skills.html", form=form, event=event, entry=entry, card=card)


@bp.post("/release")
@requires(RELEASE)
def release(event_id: int) -> ResponseReturnValue:
    """Show every concluded result to its candidate."""
    event = event_or_404(event_id)
    RELEASE.ensure(acting(), event)
    try:
        with unit_of_work():
            shown = release_all(event, acting(), clock.now())
    except DomainError as refusal:
        flash(str(refusal), "error")
    else:
        flash(_("公布了 %(n)s 人的成绩。", n=shown), "success")
    return _back(event_id)


@bp.get("/results.<any(csv, xlsx):kind>")
@requires(PEOPLE)
def export(event_id: int, kind: str) -> ResponseReturnValue:
    """Candidates and results as a file: what the page shows, all pages."""
    event = event_or_404(event_id)
    PEOPLE.ensure(acting(), event)
    found = candidates_of(event, clock.now(), None, unpublished=RELEASE.may(acting(), event))
    headings, rows = result_table(found.rows)
    make = csv_response if kind == "csv" else xlsx_response
    return make(f"results-{event.id}", headings, rows)
