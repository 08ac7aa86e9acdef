"""Appeals as pages read them."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from courses.appeals.models import DutyAppeal, DutyAppealStep
from courses.appeals.policy import visible_to
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import NotFound
from lms.core.paging import Page, offset_of
from lms.people.api import OrganisationCard, PersonCard, organisation_cards, person_cards

PAGE = 50


@dataclass(frozen=True, slots=True)
class AppealRow:
    """An appeal with its answer, if there is one."""

    appeal: DutyAppeal
    step: DutyAppealStep | None
    person: PersonCard
    organisation: OrganisationCard


def appeals_of(person_id: int, year: int) -> list[AppealRow]:
    """A person's appeals of a year, newest first."""
    query = _all().where(DutyAppeal.person_id == person_id, DutyAppeal.year == year)
    return _rows(query.order_by(DutyAppeal.id.desc()))


def waiting_appeals(actor: Actor, number: int = 1) -> Page[AppealRow]:
    """Appeals that an officer has to answer, oldest first."""
    query = _all().where(DutyAppealStep.id.is_(None), visible_to(actor))
    total = session().scalar(query.with_only_columns(func.count())) or 0
    shown = query.order_by(DutyAppeal.id).limit(PAGE).offset(offset_of(number, PAGE))
    return Page(_rows(shown), number, total, PAGE)


def appeal_of(appeal_id: int) -> DutyAppeal:
    """An appeal. Raises NotFound."""
    row = session().get(DutyAppeal, appeal_id)
    if row is None:
        raise NotFound
    return row


def _all() -> Select[Any]:
    return select(DutyAppeal, DutyAppealStep).outerjoin(
        DutyAppealStep, DutyAppealStep.appeal_id == DutyAppeal.id
    )


def _rows(query: Select[Any]) -> list[AppealRow]:
    found = list(session().execute(query))
    people = person_cards({row.person_id for row, _step in found})
    homes = organisation_cards({row.organisation_id for row, _step in found})
    return [
        AppealRow(row, step, people[row.person_id], homes[row.organisation_id])
        for row, step in found
    ]
