"""The demo's people: the same for a seed, in every county, plausible, and known to be a demo."""

import random
from collections import Counter
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, func, select

from lms.core.access import Role
from lms.core.db import session
from lms.core.errors import Conflict
from lms.core.setup import installation_kind
from lms.core.uow import unit_of_work
from lms.people import models
from lms.people.api import DemoHome, DemoWorld, build_world, employers_of, grants_of
from lms.people.demo_lives import Fates, Life
from lms.people.demo_material import plan_homes
from lms.people.identifiers import is_credit_code

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture
def empty(app):
    """The database without the cast."""
    with unit_of_work():
        for table in (
            models.EvaluatorFiling, models.EmploymentSpell, models.RoleGrant, models.Account,
            models.Person, models.Organisation,
        ):  # fmt: skip
            session().execute(delete(table))
    return app


def make(staff: int, seed: int = 7) -> DemoWorld:
    with unit_of_work():
        return build_world(staff, seed, NOW, "demo-only-2026", lambda _done, _total: None)


def test_exactly_as_many_work_as_were_asked_for(empty):
    world = make(1300)
    assert len(world.staff) == 1300
    assert sum(home.staff for home in world.homes) == 1300
    assert Counter(s.organisation_id for s in world.staff) == {
        h.organisation_id: h.staff for h in world.homes
    }
    assert len({home.region for home in world.homes}) == 117
    assert installation_kind() == "demo"


def test_the_same_seed_gives_the_same_lives_again():
    assert told(7) == told(7)
    assert told(7) != told(8)


def told(seed: int) -> list[Life]:
    rng = random.Random(seed)
    plans = list(plan_homes(90, rng))
    homes = [DemoHome(n, plan.region, plan.name, plan.size) for n, plan in enumerate(plans)]
    fates = Fates(rng, NOW.date(), homes)
    return [fates.employee(home) for home in homes for _ in range(home.staff)]


def test_every_named_account_is_there_with_its_roles(empty):
    world = make(60)
    assert world.logins.keys() == {
        "caregiver", "hr", "author", "teacher", "examiner", "marker", "marker2", "marker3",
        "county", "city", "province", "admin",
    }  # fmt: skip
    officer = grants_of(world.logins["county"], NOW)
    assert [(grant.role, grant.region) for grant in officer] == [(Role.OFFICER, "140105")]
    home = world.homes[0]
    assert (home.region, home.name) == ("140105", "示例·小店区康宁养老院")
    assert home.organisation_id in employers_of(world.logins["caregiver"], world.today)


def test_everybody_is_grown_up_at_work_and_has_a_valid_code(empty):
    make(400)
    spells = session().execute(
        select(models.Person.born_on, models.EmploymentSpell.started_on).join(
            models.EmploymentSpell, models.EmploymentSpell.person_id == models.Person.id
        )
    )
    assert all((started - born).days >= 18 * 365 for born, started in spells)
    assert all(map(is_credit_code, session().scalars(select(models.Organisation.credit_code))))
    current = select(models.EmploymentSpell.person_id).where(
        models.EmploymentSpell.superseded_at.is_(None)
    )
    assert max(Counter(session().scalars(current)).values()) == 2, "some moved between homes"
    stays = [life.stays[0] for life in told(7)]
    assert all(stay.started_on <= NOW.date() for stay in stays)


def test_a_used_database_is_refused(app):
    with pytest.raises(Conflict):
        make(30)
    assert session().scalar(select(func.count()).select_from(models.Person)) == 11
