"""Who works where on a day, as a table other packages can join in one statement."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import ColumnElement, Subquery, or_, select

from lms.core.access import Actor, Role
from lms.people.models import EmploymentSpell, Organisation, Person
from lms.people.queries import at_work_on, within


def staff_on(day: date) -> Subquery:
    """People at work on ``day``: one row per person and employer.

    Columns: spell_id, person_id, name, post, started_on, organisation_id, organisation, region.
    """
    return (
        select(
            EmploymentSpell.id.label("spell_id"),
            Person.id.label("person_id"),
            Person.name.label("name"),
            EmploymentSpell.post.label("post"),
            EmploymentSpell.started_on.label("started_on"),
            Organisation.id.label("organisation_id"),
            Organisation.name.label("organisation"),
            Organisation.region.label("region"),
        )
        .join(Person, Person.id == EmploymentSpell.person_id)
        .join(Organisation, Organisation.id == EmploymentSpell.organisation_id)
        .where(at_work_on(day))
        .subquery("staff")
    )


def staff_within(staff: Subquery, actor: Actor, roles: Collection[Role]) -> ColumnElement[bool]:
    """Those of ``staff_on`` over whom the actor holds any of ``roles``."""
    return or_(
        staff.c.organisation_id.in_(actor.organisations(*roles)),
        within(staff.c.region, actor.regions(*roles)),
    )
