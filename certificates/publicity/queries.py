"""Reads of publicity: what anybody may see, and what those who decide see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select

from certificates.publicity.models import (
    Objection,
    ObjectionDecision,
    ObjectionFinding,
    PublicityEntry,
    PublicityList,
)
from lms.core.access import Actor, Role
from lms.core.db import session
from lms.people.api import mask_name, organisation_cards, within

_MOST = 500
PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class PublicList:
    """A list as anybody sees it."""

    id: int
    ref: str
    title: str
    issuer: str
    opened_on: date
    days: int
    ends_on: date
    people: int


@dataclass(frozen=True, slots=True)
class PublicEntry:
    """A person on a list: masked, so that only those who know her recognise her."""

    id: int
    name: str
    id_masked: str
    title: str


@dataclass(frozen=True, slots=True)
class Awarding:
    """Where an award stands that goes, or went, through publicity."""

    source: str
    ref: str
    state: str
    ends_on: date
    note: str


@dataclass(frozen=True, slots=True)
class ObjectionRow:
    """An objection as those see it who decide."""

    id: int
    entry_id: int
    text: str
    made_at: datetime
    person_id: int
    holder_name: str
    award: str
    list_title: str
    list_ref: str
    issuer_id: int
    issuer_region: str
    outcome: str | None


def public_lists(on: date) -> list[PublicList]:
    """Lists that are public on a day, newest first; two statements."""
    query = _lists().where(PublicityList.opened_on <= on, PublicityList.ends_on >= on)
    return _told(query.order_by(PublicityList.id.desc()).limit(PER_PAGE))


def public_list(ref: str, on: date) -> PublicList | None:
    """A list while it is public; afterwards its names are nobody's business."""
    query = _lists().where(PublicityList.ref == ref, PublicityList.ends_on >= on)
    return next(iter(_told(query)), None)


def _lists() -> Select[Any]:
    people = (
        select(func.count())
        .where(PublicityEntry.list_id == PublicityList.id, PublicityEntry.state == "public")
        .scalar_subquery()
    )
    return select(
        PublicityList.id,
        PublicityList.ref,
        PublicityList.title,
        PublicityList.issuer_id,
        PublicityList.opened_on,
        PublicityList.days,
        PublicityList.ends_on,
        people,
    )


def _told(query: Select[Any]) -> list[PublicList]:
    rows = session().execute(query).all()
    issuers = organisation_cards({row.issuer_id for row in rows})
    return [
        PublicList(
            row[0], row[1], row[2], issuers[row.issuer_id].name, row[4], row[5], row[6], row[7]
        )
        for row in rows
    ]


def public_entries(list_id: int) -> list[PublicEntry]:
    """Who is on a list and still public."""
    query = (
        select(
            PublicityEntry.id,
            PublicityEntry.holder_name,
            PublicityEntry.id_masked,
            PublicityEntry.title,
        )
        .where(PublicityEntry.list_id == list_id, PublicityEntry.state == "public")
        .order_by(PublicityEntry.id)
    )
    return [
        PublicEntry(row[0], mask_name(row[1]), row[2], row[3]) for row in session().execute(query)
    ]


def awardings_of(sources: Sequence[str]) -> dict[str, Awarding]:
    """Source → where its award stands; those that never went public are left out."""
    found: dict[str, Awarding] = {}
    for start in range(0, len(sources), _MOST):
        query = (
            select(
                PublicityEntry.source,
                PublicityList.ref,
                PublicityEntry.state,
                PublicityList.ends_on,
                PublicityEntry.note,
            )
            .join(PublicityList, PublicityList.id == PublicityEntry.list_id)
            .where(PublicityEntry.source.in_(sources[start : start + _MOST]))
        )
        found |= {row[0]: Awarding(*row) for row in session().execute(query)}
    return found


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The objections an actor may see: on lists of her scope, and not to herself."""
    lists = or_(
        false(),
        PublicityList.issuer_id.in_(sorted(actor.organisations(Role.EXAMINER))),
        within(PublicityList.issuer_region, actor.regions(Role.OFFICER, Role.ADMIN)),
    )
    return and_(lists, PublicityEntry.person_id != actor.person_id)


def objections_for(actor: Actor, undecided: bool) -> list[ObjectionRow]:
    """Objections in the actor's scope, oldest first while undecided."""
    is_open = ObjectionDecision.objection_id.is_(None)
    query = _objections().where(visible_to(actor), is_open if undecided else ~is_open)
    order = Objection.id if undecided else Objection.id.desc()
    return [ObjectionRow(*row) for row in session().execute(query.order_by(order).limit(200))]


def objection_row(objection_id: int) -> ObjectionRow | None:
    """One objection."""
    row = session().execute(_objections().where(Objection.id == objection_id)).first()
    return ObjectionRow(*row) if row else None


def findings_of(objection_id: int) -> list[ObjectionFinding]:
    """What was found so far, oldest first."""
    query = select(ObjectionFinding).where(ObjectionFinding.objection_id == objection_id)
    return list(session().scalars(query.order_by(ObjectionFinding.id)))


def _objections() -> Select[Any]:
    return (
        select(
            Objection.id,
            Objection.entry_id,
            Objection.text,
            Objection.made_at,
            PublicityEntry.person_id,
            PublicityEntry.holder_name,
            PublicityEntry.title,
            PublicityList.title,
            PublicityList.ref,
            PublicityList.issuer_id,
            PublicityList.issuer_region,
            ObjectionDecision.outcome,
        )
        .join(PublicityEntry, PublicityEntry.id == Objection.entry_id)
        .join(PublicityList, PublicityList.id == PublicityEntry.list_id)
        .outerjoin(ObjectionDecision, ObjectionDecision.objection_id == Objection.id)
    )
