"""Publicity: lists anybody can read and object to; objections for those who decide."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from certificates.publicity import queries
from certificates.publicity.forms import FindingForm, ObjectionForm
from certificates.publicity.models import Objection
from certificates.publicity.objecting import contact_of, decide, find, object_to
from certificates.publicity.policy import DECIDE_OBJECTIONS, SEE_OBJECTIONS
from certificates.publicity.queries import ObjectionRow, PublicEntry, PublicList
from lms.core import clock
from lms.core.access import Action, acting, public, requires
from lms.core.db import session
from lms.core.errors import NotFound
from lms.core.uow import unit_of_work
from lms.core.web import limiter
from lms.people.api import person_cards, requires_recent_second_factor

bp = Blueprint("publicity", __name__, url_prefix="/publicity")
objections_bp = Blueprint("objections", __name__, url_prefix="/objections")
OUTCOME_WORDS = {
    "dismissed": (_l("异议不成立"), "mute"),
    "upheld": (_l("异议成立，不予发证"), "bad"),
}


@bp.get("")
@public
def page() -> ResponseReturnValue:
    """What is public today."""
    lists = queries.public_lists(clock.today())
    return render_template("certificates/publicity.html", lists=lists)


@bp.get("/<ref>")
@public
def show(ref: str) -> ResponseReturnValue:
    """The people on a list, masked."""
    public_list = _list(ref)
    entries = queries.public_entries(public_list.id)
    return render_template("certificates/publicity_list.html", list=public_list, entries=entries)


@bp.get("/<ref>/<int:entry_id>")
@public
def ask(ref: str, entry_id: int) -> ResponseReturnValue:
    """The form of an objection."""
    return _form_page(*_entry(ref, entry_id), ObjectionForm())


@bp.post("/<ref>/<int:entry_id>")
@public
@limiter.limit("5 per hour; 20 per day")
def take(ref: str, entry_id: int) -> ResponseReturnValue:
    """Take an objection."""
    public_list, entry = _entry(ref, entry_id)
    form = ObjectionForm()
    if not form.sent():
        return Response(_form_page(public_list, entry, form), status=422)
    with unit_of_work():
        object_to(entry.id, form.facts.data or "", form.contact.data or "", clock.now())
    flash(_("异议已收到，这一位将在核查后再决定，其他人不受影响。"), "success")
    return redirect(url_for("publicity.show", ref=ref), 303)


@objections_bp.get("")
@requires(SEE_OBJECTIONS)
def home() -> ResponseReturnValue:
    """Objections that wait, or those that were decided."""
    decided = request.args.get("decided") == "1"
    rows = queries.objections_for(acting(), not decided)
    return render_template(
        "certificates/objections.html", rows=rows, decided=decided, outcome_words=OUTCOME_WORDS
    )


@objections_bp.get("/<int:objection_id>")
@requires(SEE_OBJECTIONS)
def one(objection_id: int) -> ResponseReturnValue:
    """One objection with what was found."""
    return _objection_page(permitted(objection_id, SEE_OBJECTIONS), FindingForm())


@objections_bp.post("/<int:objection_id>/find")
@requires(DECIDE_OBJECTIONS)
def write_finding(objection_id: int) -> ResponseReturnValue:
    """Write down what was found."""
    row, form = permitted(objection_id, DECIDE_OBJECTIONS), FindingForm()
    if not form.sent():
        return Response(_objection_page(row, form), status=422)
    with unit_of_work():
        find(row.id, form.outcome.data, form.note.data or "", acting(), clock.now())
    flash(_("核查情况已记录，请另一位同事复核。"), "success")
    return redirect(url_for("objections.one", objection_id=row.id), 303)


@objections_bp.post("/<int:objection_id>/decide/<int:finding_id>")
@requires(DECIDE_OBJECTIONS)
@requires_recent_second_factor
def agree(objection_id: int, finding_id: int) -> ResponseReturnValue:
    """Agree with the newest finding."""
    row = permitted(objection_id, DECIDE_OBJECTIONS)
    if finding_id not in {finding.id for finding in queries.findings_of(row.id)}:
        raise NotFound(action=DECIDE_OBJECTIONS.name)
    with unit_of_work():
        decide(row.id, finding_id, acting(), clock.now())
    flash(_("异议已处理。"), "success")
    return redirect(url_for("objections.one", objection_id=row.id), 303)


def permitted(objection_id: int, action: Action) -> ObjectionRow:
    """The objection, if the actor may do ``action`` to it; else NotFound."""
    row = queries.objection_row(objection_id)
    if row is None:
        raise NotFound(action=action.name)
    action.ensure(acting(), row)
    return row


def _objection_page(row: ObjectionRow, form: FindingForm) -> str:
    findings = queries.findings_of(row.id)
    actor = acting()
    return render_template(
        "certificates/objection.html",
        row=row,
        contact=contact_of(session().get_one(Objection, row.id)),
        findings=findings,
        names={
            card.id: card.name
            for card in person_cards({finding.found_by for finding in findings}).values()
        },
        form=form,
        may_find=row.outcome is None and actor.person_id != row.person_id,
        may_decide=bool(findings)
        and row.outcome is None
        and actor.person_id not in (row.person_id, findings[-1].found_by),
        outcome_words=OUTCOME_WORDS,
    )


def _list(ref: str) -> PublicList:
    found = queries.public_list(ref, clock.today())
    if found is None:
        raise NotFound
    return found


def _entry(ref: str, entry_id: int) -> tuple[PublicList, PublicEntry]:
    public_list = _list(ref)
    entries = {entry.id: entry for entry in queries.public_entries(public_list.id)}
    if entry_id not in entries:
        raise NotFound
    return public_list, entries[entry_id]


def _form_page(public_list: PublicList, entry: PublicEntry, form: ObjectionForm) -> str:
    return render_template(
        "certificates/publicity_object.html", list=public_list, entry=entry, form=form
    )
