"""From two passed parts to one certificate, and the conditions to apply."""

from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import select

from certificates import api as certificates
from exams.entries.models import Entry
from exams.entries.rules import CandidateFacts, decide, years_worked
from exams.marking.operations import record_skills
from exams.results.concluding import supersede
from exams.results.models import LevelAward, Result
from exams.results.queries import standings_of
from exams.results.rules import Marked, Standing, complete
from lms.core import clock
from lms.core.db import session
from lms.core.errors import Conflict, Forbidden, Invalid
from lms.core.uow import unit_of_work
from tests.factories.exams import (
    PANEL,
    enter_person,
    examiner,
    learner,
    open_room,
    ready,
    skills_event,
)
from tests.forms import post

GOOD = {"生活照护": 500, "基础照护": 200, "康复服务": 100}


def pass_theory(site, cast, sign_in, marks=100):
    room = open_room(sign_in(cast.wang), ready(site.app, cast))
    room.send(*[room.step(n, room.right(n)) for n in range(1, marks + 1)])
    room.hand_in()
    return room


def skills_entry(cast):
    now = clock.now()
    return enter_person(skills_event(cast, now), cast.wang, cast, now)


def test_theory_on_the_phone_and_skills_on_site_make_one_certificate(site, cast, sign_in):
    pass_theory(site, cast, sign_in)
    with site.app.app_context():
        assert certificates.certificates_of(cast.wang) == []
        with unit_of_work():
            entry = skills_entry(cast)
        with unit_of_work():
            record_skills(entry, GOOD, examiner(cast), clock.now(), PANEL)
        (card,) = certificates.certificates_of(cast.wang)
        assert (card.kind, card.rung) == ("skill", 2)
        award = session().scalars(select(LevelAward)).one()
        assert award.result_ids == {"theory": 1, "skills": 2}
        assert certificates.rung_held(cast.wang, clock.today()) == 2
    assert "证书已经签发" in sign_in(cast.wang).get("/exams/results/2").text


def test_the_order_of_the_parts_does_not_matter(site, cast, sign_in):
    with site.app.app_context():
        with unit_of_work():
            record_skills(skills_entry(cast), GOOD, examiner(cast), clock.now(), PANEL)
        assert certificates.certificates_of(cast.wang) == []
    pass_theory(site, cast, sign_in)
    with site.app.app_context():
        assert len(certificates.certificates_of(cast.wang)) == 1


def test_a_failed_part_brings_no_certificate(site, cast, sign_in):
    pass_theory(site, cast, sign_in, marks=59)
    with site.app.app_context():
        with unit_of_work():
            record_skills(skills_entry(cast), GOOD, examiner(cast), clock.now(), PANEL)
        assert certificates.certificates_of(cast.wang) == []


def test_a_part_passed_too_long_ago_no_longer_counts(site, cast, sign_in):
    pass_theory(site, cast, sign_in)
    with site.app.app_context(), time_machine.travel(clock.now() + timedelta(days=366)):
        with unit_of_work():
            record_skills(skills_entry(cast), GOOD, examiner(cast), clock.now(), PANEL)
        assert certificates.certificates_of(cast.wang) == []


def test_paper_sheets_name_an_odd_panel_of_at_least_three(app, cast):
    with unit_of_work():
        entry = skills_entry(cast)
    for panel in ((), PANEL[:1], (*PANEL, "考评丁"), (PANEL[0], PANEL[0], PANEL[1])):
        with pytest.raises(Invalid, match="单数"), unit_of_work():
            record_skills(entry, GOOD, examiner(cast), clock.now(), panel)


def test_a_corrected_pass_counts_from_the_day_of_the_exam(site, cast, sign_in):
    pass_theory(site, cast, sign_in, marks=70)
    client = sign_in(cast.wang)
    with site.app.app_context():
        sat_on = clock.today()
        until = f"{sat_on + timedelta(days=365):%Y年%-m月%-d日}"
        with time_machine.travel(clock.now() + timedelta(days=30)), unit_of_work():
            old = session().get_one(Result, 1)
            supersede(old, [Marked("生活照护", 800, 1000)], examiner(cast), clock.now())
        assert [(s.result_id, s.on) for s in standings_of(cast.wang, 2)] == [(2, sat_on)]
    assert until in client.get("/exams/results/2").text
    assert until in client.get("/exams/results").text
    assert "/exams/results" in client.get("/").text


@pytest.mark.parametrize(
    "score",
    [
        {"生活照护": 500},
        {**GOOD, "生活照护": 601},
        {**GOOD, "生活照护": -5},
        {**GOOD, "生活照护": 502},
    ],
)
def test_a_score_that_cannot_be_is_refused(app, cast, score):
    with unit_of_work():
        entry = skills_entry(cast)
    with pytest.raises(Invalid), unit_of_work():
        record_skills(entry, score, examiner(cast), clock.now(), PANEL)


def test_a_score_is_recorded_once_and_only_by_markers_of_the_house(app, cast):
    with unit_of_work():
        entry = skills_entry(cast)
    with pytest.raises(Forbidden), unit_of_work():
        record_skills(entry, GOOD, learner(cast.zhao), clock.now(), PANEL)
    with unit_of_work():
        record_skills(entry, GOOD, examiner(cast), clock.now(), PANEL)
    with pytest.raises(Conflict), unit_of_work():
        record_skills(entry, GOOD, examiner(cast), clock.now(), PANEL)


def test_the_marker_scores_in_the_browser(site, cast, sign_in):
    with site.app.app_context(), unit_of_work():
        entry_id = skills_entry(cast).id
    client = sign_in(cast.zhou)
    page = f"/events/1/entries/{entry_id}/skills"
    form = {"module_0": "50.5", "module_1": "20", "module_2": "10", "panel": "甲、乙、丙"}
    assert "最小单位" in post(client, page, {**form, "module_0": "50.2"}, page=page).text
    refused = post(client, page, {**form, "panel": "甲、乙"}, page=page).text
    assert "考评员应是单数" in refused
    assert post(client, page, form, page=page).status_code == 303
    assert "80.5" in client.get("/events/1").text
    with site.app.app_context():
        assert session().get_one(Entry, entry_id).person_id == cast.wang


ON = date(2026, 11, 23)
FACTS = CandidateFacts(date(1972, 8, 1), 3, None, None)


@pytest.mark.parametrize(
    ("route", "facts", "met"),
    [
        ({"age": 16}, CandidateFacts(date(2010, 11, 23), 0, None, None), True),
        ({"age": 16}, CandidateFacts(date(2010, 11, 24), 0, None, None), False),
        ({"years": 3}, FACTS, True),
        ({"years": 4}, FACTS, False),
        ({"holds": 2}, FACTS, False),
        ({"holds": 2}, CandidateFacts(date(1972, 8, 1), 0, 3, None), True),
        ({"holds": 2, "years_since": 3}, CandidateFacts(ON, 0, 2, date(2023, 11, 23)), True),
        ({"holds": 2, "years_since": 3}, CandidateFacts(ON, 0, 2, date(2023, 11, 24)), False),
        ({"holds": 2, "years_since": 3}, CandidateFacts(ON, 0, 2, None), False),
    ],
)
def test_conditions_to_apply(route, facts, met):
    decision = decide([{"name": "条件", **route}], facts, ON)
    assert decision.eligible is met
    assert decision.missing == (() if met else ("条件",))


def test_years_across_employers_count_overlaps_once():
    spells = [(date(2022, 1, 1), date(2023, 12, 31)), (date(2023, 1, 1), date(2024, 12, 31))]
    assert years_worked(spells, ON) == 3
    assert years_worked([(date(2025, 11, 24), None)], ON) == 1
    assert years_worked([(date(2025, 11, 25), None)], ON) == 0
    assert years_worked([], ON) == 0


def test_a_pass_is_valid_on_its_last_day_and_not_after():
    theory = Standing(1, "theory", 700, ON - timedelta(days=365))
    skills = Standing(2, "skills", 800, ON)
    assert complete(["theory", "skills"], [theory, skills], 365, ON)
    assert complete(["theory", "skills"], [theory, skills], 364, ON) is None
    assert complete(["theory", "skills", "review"], [theory, skills], 365, ON) is None


def test_the_event_leads_to_the_record_of_a_skills_exam(site, cast, sign_in):
    """There is no wall of it, and what is wrong with a result is dealt with on its record."""
    with site.app.app_context():
        with unit_of_work():
            entry = skills_entry(cast)
        with unit_of_work():
            record_skills(entry, GOOD, examiner(cast), clock.now(), PANEL)
        event_id, record = entry.event_id, f"/events/{entry.event_id}/entries/{entry.id}/watch"
    zhou = sign_in(cast.zhou)
    assert record in zhou.get(f"/events/{event_id}").text
    assert zhou.get(record).status_code == 200
