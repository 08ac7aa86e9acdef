"""One person as her page shows her: identity masked, stays with their history, levels."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from lms.core.db import session
from lms.people.models import (
    Account,
    EmploymentSpell,
    LevelClaim,
    Organisation,
    Person,
    PersonPhoto,
)
from lms.people.queries import PersonCard, cards_from
from lms.people.staff.policy import StaffTarget, Workplace


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement about a stay; ``superseded_at`` None means it stands."""

    id: int
    spell: str
    organisation_id: int
    home: str
    region: str
    post: str
    started_on: date
    ended_on: date | None
    recorded_at: datetime
    recorded_by: str
    superseded_at: datetime | None


@dataclass(frozen=True, slots=True)
class PersonPage:
    """Everything on a person's page."""

    card: PersonCard
    target: StaffTarget
    spells: list[Statement]
    earlier: list[Statement]
    rungs: list[tuple[int, str, datetime]]
    account: str | None
    photo: bool


def statements_of(person_id: int) -> list[Statement]:
    """All statements about a person's stays, newest stay first, standing ones first."""
    recorder = select(Person.id, Person.name).subquery()
    query = (
        select(
            EmploymentSpell.id,
            EmploymentSpell.spell,
            EmploymentSpell.organisation_id,
            Organisation.name,
            Organisation.region,
            EmploymentSpell.post,
            EmploymentSpell.started_on,
            EmploymentSpell.ended_on,
            EmploymentSpell.recorded_at,
            func.coalesce(recorder.c.name, ""),
            EmploymentSpell.superseded_at,
        )
        .join(Organisation, Organisation.id == EmploymentSpell.organisation_id)
        .outerjoin(recorder, recorder.c.id == EmploymentSpell.recorded_by)
        .where(EmploymentSpell.person_id == person_id)
        .order_by(EmploymentSpell.started_on.desc(), EmploymentSpell.id.desc())
    )
    return [Statement(*row) for row in session().execute(query)]


def target_from(person_id: int, statements: Sequence[Statement], today: date) -> StaffTarget:
    """What the permission rules need, from standing statements."""
    standing = [s for s in statements if s.superseded_at is None]
    open_ones = [s for s in standing if s.ended_on is None or s.ended_on >= today]
    past = [s for s in standing if s not in open_ones]
    return StaffTarget(person_id, _places(open_ones), _places(past))


def _places(statements: Sequence[Statement]) -> tuple[Workplace, ...]:
    return tuple(Workplace(s.organisation_id, s.region) for s in statements)


def person_page(person_id: int, today: date) -> PersonPage | None:
    """The page of a person, or None; five statements."""
    cards = cards_from(select(Person).where(Person.id == person_id))
    if not cards:
        return None
    statements = statements_of(person_id)
    claims = (
        select(LevelClaim.rung, LevelClaim.source, LevelClaim.recorded_at)
        .where(LevelClaim.person_id == person_id)
        .order_by(LevelClaim.id.desc())
    )
    photo = select(PersonPhoto.person_id).where(PersonPhoto.person_id == person_id)
    return PersonPage(
        cards[0],
        target_from(person_id, statements, today),
        [s for s in statements if s.superseded_at is None],
        [s for s in statements if s.superseded_at is not None],
        [row._tuple() for row in session().execute(claims)],
        session().scalar(select(Account.status).where(Account.person_id == person_id)),
        session().scalar(photo) is not None,
    )


def staff_target(person_id: int, today: date) -> StaffTarget:
    """What the permission rules need of a person; one statement."""
    return target_from(person_id, statements_of(person_id), today)
