"""How far a home or a region is with onboarding and this year's refresher."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    ScalarSelect,
    Select,
    Subquery,
    and_,
    exists,
    func,
    select,
    true,
)

from courses.catalogue.models import Course
from courses.catalogue.queries import current_versions
from courses.enrolment.models import Completion, Enrolment
from lms.core.access import Actor, Role
from lms.core.db import session
from lms.people.api import staff_on, staff_within, within

ROLES = (Role.HR, Role.OFFICER, Role.ADMIN)
KINDS = ("onboarding", "refresher")
STATES = ("none", "going", "done")
#: Kind of course → the posts it is meant for.
Audiences = dict[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class ProgressFilter:
    """What the list shows: a home, a region, a post, a name, and the state of each course."""

    text: str = ""
    organisation_id: int | None = None
    region: str = ""
    post: str = ""
    onboarding: str = ""
    refresher: str = ""


@dataclass(frozen=True, slots=True)
class ProgressLine:
    """One person at one employer; a course's state is ``none``, ``going``, ``done``, or
    ``exempt`` when no such course is meant for her post and she has begun none."""

    person_id: int
    name: str
    organisation_id: int
    organisation: str
    region: str
    post: str
    started_on: date
    onboarding: str
    onboarding_at: datetime | None
    refresher: str
    refresher_at: datetime | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many people at work, and how many of them completed each course."""

    staff: int
    onboarding: int
    refresher: int


def _taken(staff: Subquery, kind: str, year: int) -> ColumnElement[bool]:
    """Enrolments of the staff row in courses of ``kind`` (the refresher of ``year``)."""
    return and_(
        Enrolment.person_id == staff.c.person_id,
        Course.id == Enrolment.course_id,
        Course.kind == kind,
        Enrolment.cycle == str(year) if kind == "refresher" else true(),
    )


def _completed_at(staff: Subquery, kind: str, year: int) -> ScalarSelect[Any]:
    return (
        select(func.min(Completion.at))
        .join(Enrolment, Enrolment.id == Completion.enrolment_id)
        .join(Course, _taken(staff, kind, year))
        .correlate(staff)
        .scalar_subquery()
    )


def _begun(staff: Subquery, kind: str, year: int) -> ColumnElement[bool]:
    return exists(select(Enrolment.id).join(Course, _taken(staff, kind, year)).correlate(staff))


def _done(staff: Subquery, kind: str, year: int) -> ColumnElement[bool]:
    return exists(
        select(Completion.id)
        .join(Enrolment, Enrolment.id == Completion.enrolment_id)
        .join(Course, _taken(staff, kind, year))
        .correlate(staff)
    )


def audiences(year: int) -> Audiences:
    """The posts that onboarding and this year's refresher are meant for."""
    found: dict[str, set[str]] = {kind: set() for kind in KINDS}
    for card in current_versions():
        if card.kind in found and card.year in {None, year}:
            found[card.kind].update(card.audience)
    return {kind: frozenset(posts) for kind, posts in found.items()}


def progress_query(
    actor: Actor, wanted: ProgressFilter, today: date, meant_for: Audiences
) -> Select[Any]:
    """The people the actor may see, filtered; the same query serves list and export."""
    staff = staff_on(today)
    query = select(
        staff,
        _begun(staff, "onboarding", today.year).label("onboarding_begun"),
        _completed_at(staff, "onboarding", today.year).label("onboarding_at"),
        _begun(staff, "refresher", today.year).label("refresher_begun"),
        _completed_at(staff, "refresher", today.year).label("refresher_at"),
    ).where(staff_within(staff, actor, ROLES))
    if wanted.text:
        query = query.where(staff.c.name.startswith(wanted.text, autoescape=True))
    if wanted.organisation_id is not None:
        query = query.where(staff.c.organisation_id == wanted.organisation_id)
    if wanted.region:
        query = query.where(within(staff.c.region, [wanted.region]))
    if wanted.post:
        query = query.where(staff.c.post == wanted.post)
    for kind, state in (("onboarding", wanted.onboarding), ("refresher", wanted.refresher)):
        query = query.where(_is(staff, kind, state, today.year, meant_for[kind]))
    return query.order_by(staff.c.region, staff.c.organisation_id, staff.c.name, staff.c.spell_id)


def _is(
    staff: Subquery, kind: str, state: str, year: int, posts: frozenset[str]
) -> ColumnElement[bool]:
    if state == "done":
        return _done(staff, kind, year)
    if state == "going":
        return and_(_begun(staff, kind, year), ~_done(staff, kind, year))
    if state == "none":
        return and_(~_begun(staff, kind, year), staff.c.post.in_(posts))
    return true()


def progress_page(
    query: Select[Any], meant_for: Audiences, number: int, size: int
) -> tuple[int, list[ProgressLine]]:
    """How many people a query finds, and one page of them; two statements."""
    bare = query.with_only_columns(func.count(), maintain_column_froms=True).order_by(None)
    total = session().scalar(bare) or 0
    rows = session().execute(query.limit(size).offset((number - 1) * size))
    return total, [_line(row, meant_for) for row in rows]


def progress_lines(query: Select[Any], meant_for: Audiences) -> Iterator[ProgressLine]:
    """Everybody a query finds, streamed."""
    for row in session().execute(query.execution_options(yield_per=1000)):
        yield _line(row, meant_for)


def staff_progress(actor: Actor, organisation_id: int, today: date) -> list[ProgressLine]:
    """Everybody at work for one employer that the actor may see; three statements."""
    meant_for = audiences(today.year)
    wanted = ProgressFilter(organisation_id=organisation_id)
    return list(progress_lines(progress_query(actor, wanted, today, meant_for), meant_for))


def _line(row: Row[Any], meant_for: Audiences) -> ProgressLine:
    onboarding = row.post in meant_for["onboarding"]
    refresher = row.post in meant_for["refresher"]
    return ProgressLine(
        row.person_id, row.name, row.organisation_id, row.organisation, row.region, row.post,
        row.started_on,
        _state(row.onboarding_begun, row.onboarding_at, onboarding), row.onboarding_at,
        _state(row.refresher_begun, row.refresher_at, refresher), row.refresher_at,
    )  # fmt: skip


def _state(begun: bool, completed_at: datetime | None, is_meant: bool) -> str:
    if completed_at is not None:
        return "done"
    if begun:
        return "going"
    return "none" if is_meant else "exempt"


def counts_by_organisation(today: date, post: str = "caregiver", **scope: Any) -> dict[int, Counts]:
    """Counts per employer of people in ``post``; ``region=`` or ``organisation_ids=`` narrow it."""
    staff = staff_on(today)
    return _counts(staff, staff.c.organisation_id, today, post, scope)


def counts_by_region(today: date, post: str = "caregiver", **scope: Any) -> dict[str, Counts]:
    """Counts per county of people in ``post``; ``region=`` narrows it to a prefix."""
    staff = staff_on(today)
    return _counts(staff, staff.c.region, today, post, scope)


def _counts(
    staff: Subquery, key: ColumnElement[Any], today: date, post: str, scope: dict[str, Any]
) -> dict[Any, Counts]:
    completed = {
        kind: func.count(func.distinct(Enrolment.person_id)).filter(Course.kind == kind)
        for kind in KINDS
    }
    query = (
        select(key, func.count(func.distinct(staff.c.person_id)), *completed.values())
        .select_from(staff)
        .outerjoin(
            Enrolment,
            and_(
                Enrolment.person_id == staff.c.person_id,
                Enrolment.cycle.in_(("once", str(today.year))),
                exists().where(Completion.enrolment_id == Enrolment.id),
            ),
        )
        .outerjoin(Course, Course.id == Enrolment.course_id)
        .where(staff.c.post == post)
        .group_by(key)
        .order_by(key)
    )
    if "region" in scope:
        query = query.where(within(staff.c.region, [scope["region"]]))
    if "organisation_ids" in scope:
        query = query.where(staff.c.organisation_id.in_(scope["organisation_ids"]))
    return {row[0]: Counts(*row[1:]) for row in session().execute(query)}
