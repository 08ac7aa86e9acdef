"""Stations and panels: sheets of three examiners, conflicts, adjudication."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from exams.marking.errors import InConflict, PanelTooSmall, SheetSigned
from exams.marking.models import Recusal
from exams.marking.operations import checklist, record_skills
from exams.marking.stations import judging, scoring, setting
from exams.marking.stations.models import SheetScore, SheetTap
from exams.marking.stations.rules import Tap
from exams.marking.terms import terms_of
from exams.results.models import Result
from exams.sittings.models import Attempt
from lms.core import clock
from lms.core.access import SYSTEM
from lms.core.db import session
from lms.core.errors import Conflict, Invalid, NotFound
from lms.core.uow import unit_of_work
from lms.people.api import employ
from tests.cast import START, THEN
from tests.factories.exams import PANEL, examiner
from tests.factories.stations import Hall


@pytest.fixture
def hall(app, cast):
    with unit_of_work():
        return Hall(cast)


def test_three_sheets_a_station_make_the_candidates_score(hall):
    for station in hall.stations:
        for judge in hall.judges:
            assert session().scalar(select(func.count()).select_from(Result)) == 0
            hall.judge(station, judge, Tap(1, 0, 1))
    result = session().scalars(select(Result)).one()
    # Each station loses one mark: 3 of 60, 2 of 25, 1 of 15 by weight of the modules.
    assert result.by_module == {
        "基础照护": [230, 250],
        "康复服务": [140, 150],
        "生活照护": [570, 600],
    }
    assert (result.tenths, result.passed) == (940, True)
    assert session().scalar(select(func.count()).select_from(SheetScore)) == 18


def test_a_veto_takes_the_station(hall):
    sheet, tenths = hall.judge(hall.stations[-1], hall.judges[0], Tap(1, -1, 1, "老人坠床"))
    assert tenths == 0
    assert session().get_one(SheetScore, sheet.id).veto == "老人坠床"


def test_taps_sent_again_count_once_and_nothing_is_taken_after_signing(hall):
    sheet = hall.sheet(hall.stations[0], hall.judges[0])
    tap = ("op-number-1", Tap(1, 0, 1))
    for _n in range(3):
        with unit_of_work():
            assert judging.tap(sheet, [tap], hall.judges[0], clock.now()) == ["op-number-1"]
    assert session().scalar(select(func.count()).select_from(SheetTap)) == 1
    with unit_of_work():
        first = judging.sign(sheet, "", hall.judges[0], clock.now())
    with unit_of_work():
        assert judging.sign(sheet, "", hall.judges[0], clock.now()) == first
        assert judging.tap(sheet, [tap], hall.judges[0], clock.now())
    with pytest.raises(SheetSigned), unit_of_work():
        judging.tap(sheet, [("op-number-2", Tap(2, 0, 0))], hall.judges[0], clock.now())


@pytest.mark.parametrize("tap", [Tap(1, 99, 1), Tap(1, 0, 2), Tap(1, -1, 1, ""), Tap(0, 0, 1)])
def test_a_tap_that_cannot_be_is_refused(hall, tap):
    sheet = hall.sheet(hall.stations[-1], hall.judges[0])
    with pytest.raises(Invalid), unit_of_work():
        judging.tap(sheet, [("op-number-1", tap)], hall.judges[0], clock.now())


def test_a_correction_is_a_new_sheet_with_a_reason_until_the_score_stands(hall):
    judge, station = hall.judges[0], hall.stations[0]
    old, before = hall.judge(station, judge, Tap(1, 0, 1))
    with pytest.raises(Invalid), unit_of_work():
        judging.correct(old, " ", judge, clock.now())
    with unit_of_work():
        new = judging.correct(old, "点错了一项", judge, clock.now())
        judging.tap(new, [("op-number-9", Tap(9, 0, 0))], judge, clock.now())
        after = judging.sign(new, "", judge, clock.now())
    assert (new.number, after - before) == (2, 10)
    assert session().get_one(SheetScore, old.id).tenths == before
    for other in hall.judges[1:]:
        hall.judge(station, other)
    for station in hall.stations[1:]:
        for one in hall.judges:
            hall.judge(station, one)
    with pytest.raises(Conflict), unit_of_work():
        judging.correct(new, "太晚了", judge, clock.now())


def test_a_score_waits_for_an_open_correction(hall):
    judge, station = hall.judges[0], hall.stations[0]
    old, _tenths = hall.judge(station, judge, Tap(1, 0, 1))
    with unit_of_work():
        new = judging.correct(old, "点错了一项", judge, clock.now())
    for other in hall.judges[1:]:
        hall.judge(station, other)
    for later in hall.stations[1:]:
        for one in hall.judges:
            hall.judge(later, one)
    assert session().scalar(select(func.count()).select_from(Result)) == 0
    with unit_of_work():
        assert judging.correct(old, "再点一次", judge, clock.now()).id == new.id
        judging.tap(new, [("op-number-9", Tap(9, 0, 0))], judge, clock.now())
        judging.sign(new, "", judge, clock.now())
    assert session().scalars(select(Result.tenths)).one() == 1000


def test_a_sheet_that_came_too_late_is_not_signed(hall, cast):
    sheet = hall.sheet(hall.stations[0], hall.judges[0])
    with unit_of_work():
        session().add(
            Attempt(
                entry_id=hall.entry.id,
                number=1,
                slots=3,
                state="concluded",
                started_at=hall.now,
                deadline=hall.now,
                grace_seconds=0,
                handed_in_at=hall.now,
            )
        )
    with pytest.raises(Conflict), unit_of_work():
        judging.sign(sheet, "", hall.judges[0], clock.now())


def test_paper_sheets_are_refused_once_a_station_has_begun(hall, cast):
    hall.sheet(hall.stations[0], hall.judges[0])
    most = checklist(hall.event.blueprint)
    with pytest.raises(Conflict, match="考站"), unit_of_work():
        record_skills(hall.entry, most, examiner(cast), clock.now(), PANEL)


def test_sheets_too_far_apart_wait_for_somebody_outside_the_panel(hall, cast):
    station = hall.stations[-1]
    for judge, count in zip(hall.judges, (0, 0, 2), strict=True):
        hall.judge(station, judge, Tap(1, 2, count))
    (standing,) = [
        s
        for s in scoring.standings_of(hall.entry, hall.event, clock.now())
        if s.station.id == station.id
    ]
    assert (standing.state, standing.tenths) == ("apart", None)
    with pytest.raises(NotFound.__mro__[1]), unit_of_work():
        scoring.rule(hall.entry, station, 150, "看录像", hall.judges[0], clock.now())
    with unit_of_work():
        scoring.rule(hall.entry, station, 150, "看录像", examiner(cast), clock.now())
    found = scoring.standings_of(hall.entry, hall.event, clock.now())
    assert [s.tenths for s in found if s.station.id == station.id] == [150]
    with pytest.raises(Conflict), unit_of_work():
        scoring.rule(hall.entry, station, 160, "再改", examiner(cast), clock.now())


def test_who_works_with_the_candidate_stays_out_and_a_panel_of_two_does_not_judge(hall, cast):
    with unit_of_work():
        employ(hall.judges[0].person_id, cast.kangning, "nurse", START, SYSTEM, THEN)
    assert hall.sheet(hall.stations[0], hall.judges[0]) is None
    assert session().scalars(select(Recusal.reason)).one() == "colleague"
    with pytest.raises(PanelTooSmall):
        hall.sheet(hall.stations[0], hall.judges[1])


def test_of_five_without_one_the_last_assigned_sits_out(app, cast):
    with unit_of_work():
        hall = Hall(cast, people=5)
        employ(hall.judges[0].person_id, cast.kangning, "nurse", START, SYSTEM, THEN)
    assert hall.sheet(hall.stations[0], hall.judges[1])
    with pytest.raises(InConflict):
        hall.sheet(hall.stations[0], hall.judges[4])


@pytest.mark.parametrize("count", [1, 2, 4])
def test_a_panel_is_odd_and_at_least_three(app, cast, count):
    with unit_of_work():
        hall = Hall(cast, people=5)
    ids = [judge.person_id for judge in hall.judges[:count]]
    with pytest.raises(Invalid), unit_of_work():
        setting.assign(hall.event, hall.stations[0], ids, examiner(cast), clock.now())


def test_the_rule_says_how_many_judge(app, cast, monkeypatch):
    with unit_of_work():
        hall = Hall(cast, people=5)
    terms = replace(terms_of(hall.event, hall.now), panel_least=5)
    monkeypatch.setattr(setting, "terms_of", lambda *_: terms)
    ids = [judge.person_id for judge in hall.judges]
    with pytest.raises(Invalid, match="5 人"), unit_of_work():
        setting.assign(hall.event, hall.stations[0], ids[:3], examiner(cast), clock.now())
    with unit_of_work():
        setting.assign(hall.event, hall.stations[0], ids, examiner(cast), clock.now())
