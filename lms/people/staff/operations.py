"""Writes about staff: looking at an identity, leaving, corrections, organisations."""

from datetime import date, datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import select

from lms.core import audit, clock
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import Conflict, Invalid, NotFound
from lms.core.vault import vault
from lms.people.changes import announce_employment
from lms.people.models import EmploymentSpell, Organisation, Person, Reveal
from lms.people.operations import set_phone, state_again
from lms.people.posts import post_codes
from lms.people.rosters.columns import CellError, read_name

AHEAD = timedelta(days=60)
SHORTEST_REASON = 4
FIELDS = ("id", "phone")


def reveal(person_id: int, field: str, reason: str, actor: Actor, now: datetime) -> str:
    """Return a person's full id number or phone and record who looked and why.

    Raises:
        Invalid: no usable reason. NotFound: no such person, field or number.
    """
    reason = " ".join(reason.split())
    if len(reason) < SHORTEST_REASON:
        raise Invalid(_("请写明查看的原因，至少 4 个字。"))
    person = session().get(Person, person_id)
    if person is None or field not in FIELDS:
        raise NotFound
    sealed = person.id_sealed if field == "id" else person.phone_sealed
    if sealed is None:
        raise NotFound(_("没有登记手机号。"))
    session().add(
        Reveal(person_id=person_id, field=field, reason=reason[:200], actor_id=actor.person_id,
               at=now)
    )  # fmt: skip
    session().flush()
    audit.record(actor, "person.reveal", "person", person_id, field=field)
    return vault().open_text(sealed, f"person.{field}:{person.ref}")


def current_statement(statement_id: int) -> EmploymentSpell:
    """The statement a form was drawn from. Raises Conflict when it no longer stands."""
    row = session().get(EmploymentSpell, statement_id, populate_existing=True, with_for_update=True)
    if row is None:
        raise NotFound
    if row.superseded_at is not None:
        raise Conflict
    return row


def record_leaving(statement_id: int, ended_on: date, actor: Actor, now: datetime) -> None:
    """Say that a stay ends on a day.

    Raises:
        Invalid: the day is impossible. Conflict: the stay has ended or was restated meanwhile.
    """
    row = current_statement(statement_id)
    if row.ended_on is not None:
        raise Conflict
    _check(row.started_on, ended_on, now)
    state_again(row, actor, now, row.post, row.started_on, ended_on)
    announce_employment([row.person_id])


def correct_spell(
    statement_id: int, post: str, dates: tuple[date, date | None], actor: Actor, now: datetime
) -> None:
    """Restate a stay as it really was; what was said before stays on record.

    Raises:
        Invalid: impossible dates, unknown post, overlap. Conflict: restated meanwhile.
    """
    row = current_statement(statement_id)
    if post not in set(post_codes(clock.local_date(now)).values()):
        raise Invalid(_("请选择岗位。"))
    _check(dates[0], dates[1], now)
    if (row.post, row.started_on, row.ended_on) == (post, *dates):
        return
    others = select(EmploymentSpell).where(
        EmploymentSpell.person_id == row.person_id,
        EmploymentSpell.organisation_id == row.organisation_id,
        EmploymentSpell.superseded_at.is_(None),
        EmploymentSpell.id != row.id,
    )
    last = dates[1] or date.max
    for other in session().scalars(others):
        if dates[0] <= (other.ended_on or date.max) and other.started_on <= last:
            raise Invalid(_("与本单位的另一段任职日期重叠，请核对。"))
    state_again(row, actor, now, post, *dates)
    announce_employment([row.person_id])


def _check(started_on: date, ended_on: date | None, now: datetime) -> None:
    latest = clock.local_date(now) + AHEAD
    if started_on.year < 1950 or started_on > latest or (ended_on and ended_on > latest):
        raise Invalid(_("日期应在 1950 年之后，最多提前 60 天登记。"))
    if ended_on is not None and ended_on < started_on:
        raise Invalid(_("离职日期不能早于入职日期。"))


def correct_person(person_id: int, name: str, phone: str, actor: Actor, now: datetime) -> None:
    """Correct a name; replace the phone when a new one is given.

    Raises:
        Invalid: the name or phone is malformed.
    """
    person = session().get(Person, person_id)
    if person is None:
        raise NotFound
    try:
        person.name = read_name(name)
    except CellError as error:
        raise Invalid(str(error)) from error
    if phone:
        set_phone(person, phone)
    session().flush()
    audit.record(actor, "person.change", "person", person_id, phone=bool(phone))


def keep_organisation(
    organisation_id: int, beds: int, residents: int, address: str, actor: Actor
) -> None:
    """Bring an organisation's beds, residents and address up to date."""
    place = session().get(Organisation, organisation_id)
    if place is None:
        raise NotFound
    before = {"beds": place.beds, "residents": place.residents}
    place.beds, place.residents, place.address = beds, residents, address.strip()
    session().flush()
    after = {"beds": beds, "residents": residents}
    audit.record(
        actor, "organisation.change", "organisation", organisation_id, before=before, after=after
    )
