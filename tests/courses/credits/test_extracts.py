"""The extract of the ledger: the same for the same state, a new one for another."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from certificates.models import Certificate
from courses.api import post_hours, reverse
from courses.credits.extracts import NoHours, NoKeeper, issue_extract, keeper_of
from lms.core.access import SYSTEM
from lms.core.db import session
from lms.core.uow import unit_of_work
from lms.people.api import actor_of, add_organisation
from lms.people.models import Person
from tests.cast import THEN, credit_code
from tests.factories.signing_in import sign_in_as
from tests.forms import token_from

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


@pytest.fixture
def offices(app, cast):
    with unit_of_work():
        return {
            code: add_organisation(credit_code(50 + n), name, "authority", code, THEN).id
            for n, (code, name) in enumerate(
                {"14": "山西省民政厅", "140105": "小店区民政局"}.items()
            )
        }


def post(person_id, key, tenths=40, category="professional", year=2026):
    with unit_of_work():
        return post_hours(
            person_id, category, tenths, year, key, SYSTEM, NOW, source=f"培训 {key}"
        ).id


def extract(cast, years=(2026, 2026)):
    with unit_of_work():
        return issue_extract(cast.wang, years, actor_of(cast.wang, NOW), NOW)


def test_the_same_state_gives_the_same_extract_and_new_hours_a_new_one(cast, offices):
    post(cast.wang, "a")
    first = extract(cast)
    assert extract(cast) == first
    second_entry = post(cast.wang, "b", 25, "public")
    second = extract(cast)
    assert second.code != first.code
    facts = json.loads(session().get_one(Certificate, second.certificate_id).facts)
    assert facts["issuer"]["name"] == "小店区民政局"
    assert facts["details"]["tenths"] == 65
    assert facts["details"]["totals"] == [
        {"category": "professional", "tenths": 40}, {"category": "public", "tenths": 25},
    ]  # fmt: skip
    assert [e["source"] for e in facts["details"]["entries"]] == ["培训 a", "培训 b"]
    with unit_of_work():
        reverse(second_entry, "登记有误", SYSTEM, NOW)
    assert extract(cast) == first
    with unit_of_work():
        session().get_one(Person, cast.wang).name = "王桂蘭"
    assert extract(cast).code not in {first.code, second.code}


def test_years_are_those_asked_for(cast, offices):
    post(cast.wang, "old", year=2024)
    post(cast.wang, "new")
    one = json.loads(session().get_one(Certificate, extract(cast).certificate_id).facts)
    three = session().get_one(Certificate, extract(cast, (2024, 2026)).certificate_id)
    assert one["details"]["tenths"] == 40
    assert json.loads(three.facts)["details"]["tenths"] == 80
    assert three.title == "2024–2026年继续教育学时"
    with pytest.raises(NoHours):
        extract(cast, (2025, 2025))


def test_the_nearest_authority_answers_for_it(cast, offices):
    assert keeper_of(cast.wang, NOW.date()) == offices["140105"]
    assert keeper_of(cast.zhao, NOW.date()) == offices["14"]
    assert keeper_of(cast.county, NOW.date()) == offices["14"]


def test_without_an_authority_nothing_is_issued(app, cast):
    post(cast.wang, "a")
    with pytest.raises(NoKeeper):
        extract(cast)
    assert session().scalar(select(func.count()).select_from(Certificate)) == 0


def test_she_takes_it_from_her_own_page_twice_and_holds_one(site, cast, offices):
    with site.app.app_context():
        post(cast.wang, "a", year=2026)
    wang = sign_in_as(site.app, cast.wang)
    sent = {"csrf_token": token_from(wang, "/learn/duty?year=2026"), "year": "2026", "span": "1"}
    where = {wang.post("/learn/hours/extract", data=sent).location for _ in range(2)}
    assert len(where) == 1
    assert "继续教育学时证明" in wang.get(where.pop()).text
    with site.app.app_context():
        assert session().scalars(select(Certificate.person_id)).all() == [cast.wang]
