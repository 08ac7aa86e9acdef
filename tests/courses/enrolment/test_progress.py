"""Who has finished what, within one's own scope."""

from datetime import timedelta

import pytest

from courses.api import Counts, counts_by_organisation, counts_by_region
from courses.catalogue.queries import current_versions
from courses.enrolment.models import Completion, Enrolment
from lms.core import clock
from lms.core.access import SYSTEM
from lms.core.db import session
from lms.core.uow import unit_of_work
from lms.people.api import NewPerson, employ, register_person
from tests.cast import citizen_id
from tests.statements import count_statements


@pytest.fixture
def learned(site, cast):
    """王桂兰 finished onboarding and began the refresher."""
    with site.app.app_context(), unit_of_work():
        now = clock.now()
        for card in current_versions():
            taken = Enrolment(
                person_id=cast.wang, course_id=card.course_id, version_id=card.version_id,
                cycle=card.cycle, started_at=now - timedelta(days=2),
            )  # fmt: skip
            session().add(taken)
            session().flush()
            if card.kind == "onboarding":
                session().add(Completion(enrolment_id=taken.id, at=now, tenths=120, rule="test"))


def test_hr_sees_her_own_home_only(learned, cast, sign_in):
    page = sign_in(cast.li).get("/training").text
    assert "王桂兰" in page
    assert "赵秀英" not in page
    assert "赵秀英" in sign_in(cast.sun).get("/training").text


def test_officers_see_their_region(learned, cast, sign_in):
    assert "赵秀英" not in sign_in(cast.county).get("/training").text
    assert "赵秀英" not in sign_in(cast.city).get("/training").text
    assert "赵秀英" in sign_in(cast.province).get("/training").text
    assert "王桂兰" not in sign_in(cast.province).get("/training?region=140728").text
    assert "王桂兰" not in sign_in(cast.other_county).get("/training?region=140105").text


def test_learners_and_authors_do_not(learned, cast, sign_in):
    for person in (cast.wang, cast.chen):
        assert sign_in(person).get("/training").status_code == 403
        assert sign_in(person).get("/training/export.csv").status_code == 403


@pytest.mark.parametrize(
    ("query", "wang"),
    [
        ("onboarding=done", True),
        ("onboarding=none", False),
        ("onboarding=going", False),
        ("refresher=going", True),
        ("refresher=done", False),
        ("refresher=none", False),
        ("post=caregiver&q=王", True),
        ("post=cook", False),
        ("q=%25", False),
        ("onboarding=nonsense", True),
    ],
)
def test_filters(learned, cast, sign_in, query, wang):
    assert ("王桂兰" in sign_in(cast.li).get(f"/training?{query}").text) is wang


def test_a_post_without_such_a_course_owes_nothing(learned, cast, sign_in):
    clerk = sign_in(cast.li)
    assert "不要求" in clerk.get("/training?post=clerk").text
    assert "没有找到人员" in clerk.get("/training?onboarding=none").text


def test_another_homes_id_in_the_filter_shows_nothing(learned, cast, sign_in):
    assert "没有找到人员" in sign_in(cast.li).get(f"/training?home={cast.gucheng}").text


def test_the_export_is_what_the_list_shows(learned, cast, sign_in):
    clerk = sign_in(cast.li)
    rows = clerk.get("/training/export.csv?post=caregiver").data.decode("utf-8-sig").splitlines()
    assert len(rows) == 2
    assert rows[1].startswith("王桂兰,康宁养老院,山西省太原市小店区,养老护理员,")
    assert "已完成" in rows[1]
    assert "学习中" in rows[1]
    sheet = clerk.get("/training/export.xlsx?post=caregiver")
    assert sheet.data.startswith(b"PK")


def test_the_list_issues_a_fixed_number_of_statements(site, learned, cast, sign_in):
    clerk = sign_in(cast.li)

    def count():
        with count_statements() as seen:
            assert clerk.get("/training").status_code == 200
        return len(seen)

    clerk.get("/training")
    before = count()
    with site.app.app_context(), unit_of_work():
        for number in range(60):
            new = register_person(NewPerson("新人", citizen_id(100 + number)), SYSTEM, clock.now())
            employ(new.id, cast.kangning, "cook", clock.today(), SYSTEM, clock.now())
    assert count() == before
    assert "下一页" in clerk.get("/training").text
    assert "page=1" in clerk.get("/training?page=2&post=").text


def test_counts_by_home_and_county(app, learned, cast):
    today = clock.today()
    homes = counts_by_organisation(today)
    assert homes[cast.kangning] == Counts(staff=1, onboarding=1, refresher=0)
    assert homes[cast.gucheng] == Counts(staff=1, onboarding=0, refresher=0)
    assert counts_by_region(today, region="1401") == {"140105": Counts(1, 1, 0)}
    assert counts_by_organisation(today, organisation_ids=[cast.gucheng]).keys() == {cast.gucheng}
