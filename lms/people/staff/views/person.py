"""A person's page for whoever keeps her record: identity masked, stays, corrections, slip."""

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from lms.core import clock
from lms.core.access import Action, acting, requires
from lms.core.errors import Conflict, Forbidden, Invalid, NotFound
from lms.core.forms import blame
from lms.core.ladder import Rung
from lms.core.uow import unit_of_work
from lms.core.web import limiter
from lms.people.accounts.policy import ISSUE_SLIP
from lms.people.accounts.slips import issue_slip, slip_target
from lms.people.accounts.texts import STATUS_LABELS
from lms.people.posts import post_labels
from lms.people.queries import person_cards
from lms.people.rosters.slips import PrintedSlip
from lms.people.rosters.views import slips_page
from lms.people.staff import operations
from lms.people.staff.forms import LeavingForm, PersonForm, PhotoForm, RevealForm, SpellForm
from lms.people.staff.persons import PersonPage, Statement, person_page, staff_target
from lms.people.staff.photos import doubts_about, keep_photo, photo_of, portrait
from lms.people.staff.policy import KEEP_SPELL, KEEP_STAFF, REVEAL, SEE_STAFF, Workplace
from lms.people.staff.policy import may_keep as keeps
from lms.people.staff.portraits import Doubt

bp = Blueprint("staff_person", __name__, url_prefix="/staff/<int:person_id>")


@bp.get("")
@requires(SEE_STAFF)
def page(person_id: int) -> ResponseReturnValue:
    """The page."""
    return _page(person_id, RevealForm())


@bp.post("/reveal")
@requires(REVEAL)
@limiter.limit("60 per hour")
def reveal(person_id: int) -> ResponseReturnValue:
    """Show a number in full, once, after a typed reason; who looked stays on record."""
    _ensure(REVEAL, person_id)
    form = RevealForm()
    if not form.sent():
        return _page(person_id, form), 422
    try:
        with unit_of_work():
            number = operations.reveal(
                person_id, form.field.data or "", form.reason.data or "", acting(), clock.now()
            )
    except Invalid as error:
        blame(form.reason, error)
        return _page(person_id, form), 422
    return _page(person_id, RevealForm(formdata=None), {str(form.field.data): number})


@bp.post("/slip")
@requires(ISSUE_SLIP)
def slip(person_id: int) -> ResponseReturnValue:
    """Issue an activation slip and show it for printing, this once."""
    now = clock.now()
    ISSUE_SLIP.ensure(acting(), slip_target(person_id, now))
    with unit_of_work():
        code = issue_slip(person_id, acting(), now)
    card = person_cards([person_id])[person_id]
    back = url_for("staff_person.page", person_id=person_id)
    return slips_page([PrintedSlip(card, code)], back)


@bp.route("/edit", methods=["GET", "POST"])
@requires(KEEP_STAFF)
def edit(person_id: int) -> ResponseReturnValue:
    """Correct the name, replace the phone."""
    person = _person(person_id, KEEP_STAFF)
    form = PersonForm(name=person.card.name)
    if form.sent():
        try:
            with unit_of_work():
                operations.correct_person(
                    person_id, form.name.data or "", form.phone.data or "", acting(), clock.now()
                )
        except Invalid as error:
            blame(form.phone if form.phone.data else form.name, error)
        else:
            flash(_("已更正。"), "success")
            return _back(person_id)
    status = 422 if form.errors else 200
    return render_template("people/person_edit.html", person=person, form=form), status


@bp.route("/spells/<int:statement_id>/leave", methods=["GET", "POST"])
@requires(KEEP_SPELL)
def leave(person_id: int, statement_id: int) -> ResponseReturnValue:
    """Record that a stay ends."""
    person, spell = _spell(person_id, statement_id)
    form = LeavingForm(ended_on=clock.today())
    if form.sent() and form.ended_on.data:
        try:
            with unit_of_work():
                operations.record_leaving(statement_id, form.ended_on.data, acting(), clock.now())
        except Invalid as error:
            blame(form.ended_on, error)
        else:
            flash(_("已记录离职。"), "success")
            return _back(person_id)
    return _spell_page("people/spell_leave.html", person, spell, form)


@bp.route("/spells/<int:statement_id>/correct", methods=["GET", "POST"])
@requires(KEEP_SPELL)
def correct(person_id: int, statement_id: int) -> ResponseReturnValue:
    """Restate a stay as it really was."""
    person, spell = _spell(person_id, statement_id)
    form = SpellForm(post=spell.post, started_on=spell.started_on, ended_on=spell.ended_on)
    form.post.choices = list(post_labels(clock.today()).items())
    if form.sent() and form.started_on.data:
        dates = (form.started_on.data, form.ended_on.data)
        try:
            with unit_of_work():
                operations.correct_spell(statement_id, form.post.data, dates, acting(), clock.now())
        except Invalid as error:
            blame(form.started_on, error)
        else:
            flash(_("已更正。原来的记录仍保留，可以查到当时是怎么登记的。"), "success")
            return _back(person_id)
    return _spell_page("people/spell_correct.html", person, spell, form)


@bp.get("/photo.jpg")
@requires(SEE_STAFF)
def photo(person_id: int) -> Response:
    """The portrait."""
    _ensure(SEE_STAFF, person_id)
    return photo_response(person_id)


@bp.route("/photo", methods=["GET", "POST"])
@requires(KEEP_STAFF)
@limiter.limit("60 per hour", methods=["POST"])
def keep_portrait(person_id: int) -> ResponseReturnValue:
    """Give a person a portrait."""
    person = _person(person_id, KEEP_STAFF)
    form = PhotoForm()
    if form.sent() and keep_upload(form, person_id):
        return _back(person_id)
    back = url_for("staff_person.page", person_id=person_id)
    src = url_for("staff_person.photo", person_id=person_id) if person.photo else None
    status = 422 if form.errors else 200
    return render_template(
        "people/photo.html", form=form, name=person.card.name, back=back, src=src
    ), status


DOUBT_WORDS = {
    Doubt.BLURRED: _l("照片不清楚，请对好焦再拍。"),
    Doubt.LIGHT: _l("照片太暗或太亮，请换到光线均匀的地方再拍。"),
    Doubt.BACKGROUND: _l("背景不干净，请站在白墙前拍。"),
    Doubt.HIGH: _l("头顶碰到了照片上边，请在头顶上方留一点空。"),
    Doubt.SMALL: _l("头在照片里太小，请离近一些，或放大后选取。"),
    Doubt.LARGE: _l("头在照片里太大，请离远一些。"),
    Doubt.ASIDE: _l("头不在正中，请移到中间。"),
}


def keep_upload(form: PhotoForm, person_id: int) -> bool:
    """Check and keep an uploaded portrait; False and an error beside the field when it is bad."""
    try:
        content = portrait(form.photo.data.read(), form.part())
    except Invalid as error:
        blame(form.photo, error)
        return False
    found = doubts_about(content)
    if found and not form.anyway.data:
        for doubt in found:
            blame(form.photo, DOUBT_WORDS[doubt])
        return False
    with unit_of_work():
        keep_photo(person_id, content, acting(), clock.now())
    flash(_("照片已更新。"), "success")
    return True


def photo_response(person_id: int) -> Response:
    """A portrait for its page, kept by nobody. Raises NotFound when there is none."""
    content = photo_of(person_id)
    if content is None:
        raise NotFound
    return Response(content, mimetype="image/jpeg", headers={"Cache-Control": "no-store"})


def _page(person_id: int, form: RevealForm, revealed: dict[str, str] | None = None) -> str:
    person, actor, now = _person(person_id, SEE_STAFF), acting(), clock.now()
    keeper = keeps(actor, person.target)
    visible = [s for s in person.spells if keeper or KEEP_SPELL.may(actor, _place(s))]
    shown = {s.spell for s in visible}
    earlier = [s for s in person.earlier if s.spell in shown]
    can_slip = ISSUE_SLIP.may(actor) and ISSUE_SLIP.may(actor, slip_target(person_id, now))
    own = {s.id for s in visible if KEEP_SPELL.may(actor, _place(s))}
    return render_template(
        "people/person.html",
        person=person, spells=visible, earlier=earlier, form=form, revealed=revealed or {},
        posts=post_labels(clock.local_date(now)), rungs={int(r): r.label for r in Rung},
        accounts=STATUS_LABELS, keeper=keeper, own=own, can_slip=can_slip,
    )  # fmt: skip


def _person(person_id: int, needed: Action) -> PersonPage:
    person = person_page(person_id, clock.today())
    if person is None:
        raise NotFound
    needed.ensure(acting(), person.target)
    return person


def _ensure(needed: Action, person_id: int) -> None:
    needed.ensure(acting(), staff_target(person_id, clock.today()))


def _spell(person_id: int, statement_id: int) -> tuple[PersonPage, Statement]:
    person = person_page(person_id, clock.today())
    if person is None:
        raise NotFound
    every = person.spells + person.earlier
    spell = next((s for s in every if s.id == statement_id), None)
    if spell is None:
        raise NotFound
    KEEP_SPELL.ensure(acting(), _place(spell))
    if person_id == acting().person_id:
        raise Forbidden(_("自己的任职请由别人登记。"))
    if spell.superseded_at is not None:
        raise Conflict
    return person, spell


def _place(spell: Statement) -> Workplace:
    return Workplace(spell.organisation_id, spell.region)


def _spell_page(
    template: str, person: PersonPage, spell: Statement, form: LeavingForm | SpellForm
) -> ResponseReturnValue:
    status = 422 if form.errors else 200
    posts = post_labels(clock.today())
    return render_template(template, person=person, spell=spell, form=form, posts=posts), status


def _back(person_id: int) -> ResponseReturnValue:
    return redirect(url_for("staff_person.page", person_id=person_id), 303)
