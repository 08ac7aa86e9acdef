"""Stations and panels: sheets of three examiners, conflicts, adjudication, the tablet's page."""

import secrets
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from exams.entries.models import Entry, ExamEvent
from exams.entries.registering import register_candidates
from exams.marking.errors import InConflict, PanelTooSmall, SheetSigned
from exams.marking.models import Recusal
from exams.marking.operations import checklist, record_skills
from exams.marking.stations import judging, scoring, setting
from exams.marking.stations.library import load_starter_checklists, templates_for
from exams.marking.stations.models import SheetScore, SheetTap, Station, StationRuling
from exams.marking.stations.rules import Tap
from exams.marking.terms import terms_of
from exams.results.models import Result
from exams.sittings.models import Attempt
from lms.core import clock
from lms.core.access import SYSTEM, Role
from lms.core.db import session
from lms.core.errors import Conflict, Invalid, NotFound
from lms.core.uow import unit_of_work
from lms.people.api import employ
from tests.cast import START, THEN
from tests.factories.exams import PANEL, enter_person, examiner, skills_event
from tests.factories.marking import staff
from tests.forms import post, token_from

MARKER = (Role.MARKER,)


class Hall:
    """A skills event with a panel of three at every station, and 王桂兰."""

    def __init__(self, cast, people=3):
        self.now = clock.now()
        load_starter_checklists(SYSTEM, self.now)
        self.judges = [staff(cast, 320 + n, f"考评{n}", *MARKER) for n in range(people)]
        self.event = skills_event(cast, self.now)
        self.entry = enter_person(self.event, cast.wang, cast, self.now)
        chosen = [t.id for t in templates_for("skills", 2)]
        self.stations = setting.set_stations(self.event, chosen, examiner(cast), self.now)
        ids = [judge.person_id for judge in self.judges]
        for station in self.stations:
            setting.assign(self.event, station, ids, examiner(cast), self.now)

    def sheet(self, station, judge):
        with unit_of_work():
            return judging.open_sheet(station, self.entry, judge, clock.now())

    def judge(self, station, judge, *taps):
        sheet = self.sheet(station, judge)
        with unit_of_work():
            judging.tap(sheet, [(secrets.token_hex(8), t) for t in taps], judge, clock.now())
            return sheet, judging.sign(sheet, "", judge, clock.now())


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


def test_every_module_needs_a_station(app, cast):
    with unit_of_work():
        load_starter_checklists(SYSTEM, clock.now())
        event = skills_event(cast, clock.now())
    one = [t.id for t in templates_for("skills", 2) if t.module == "生活照护"]
    with pytest.raises(Invalid, match="康复服务"), unit_of_work():
        setting.set_stations(event, one, examiner(cast), clock.now())
    assert session().scalar(select(func.count()).select_from(Station)) == 0


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


def test_a_review_is_judged_by_a_panel_with_criteria(app, cast):
    now = clock.now()
    with unit_of_work():
        load_starter_checklists(SYSTEM, now)
        judges = [staff(cast, 320 + n, f"评委{n}", *MARKER) for n in range(3)]
        event = skills_event(cast, now, part="review", rung=5, title="技师综合评审")
        entry = enter_waived(event, cast, now)
        chosen = [t.id for t in templates_for("review", 5)]
        stations = setting.set_stations(event, chosen, examiner(cast), now)
        for station in stations:
            ids = [judge.person_id for judge in judges]
            setting.assign(event, station, ids, examiner(cast), now)
        for station in stations:
            for judge in judges:
                sheet = judging.open_sheet(station, entry, judge, now)
                taps = [(f"operation{n}", Tap(n + 1, n, 12)) for n in range(4)]
                judging.tap(sheet, taps, judge, now)
                judging.sign(sheet, "", judge, now)
    result = session().scalars(select(Result)).one()
    assert (result.part, result.tenths) == ("review", 480)


def enter_waived(event, cast, now):
    register_candidates(event, [cast.wang], examiner(cast), now, "材料审核通过")
    return session().query(Entry).filter_by(event_id=event.id, person_id=cast.wang).one()


def test_the_tablet_in_the_browser(site, cast, sign_in):
    with site.app.app_context():
        with unit_of_work():
            hall = Hall(cast)
        station, judge = hall.stations[-1].id, hall.judges[0].person_id
        event, entry, stranger = hall.event.id, hall.entry.id, hall.judges[1].person_id
    client = sign_in(judge)
    assert "技能考站和评审" in client.get("/marking").text
    assert "王桂兰" in client.get(f"/stations/{station}").text
    place = post(client, f"/stations/{station}/{entry}").location
    page = client.get(place)
    assert "全部已保存" in page.text
    token = token_from(client, place)
    body = {"taps": [{"op": "operation1", "seq": 1, "item": 0, "count": 1, "note": ""}]}
    answer = client.post(place + "/taps", json=body, headers={"X-CSRFToken": token})
    assert answer.json == {"held": ["operation1"]}
    for bad in (
        {},
        {"taps": [1]},
        {"taps": [{"op": "x"}]},
        {"taps": [{**body["taps"][0], "op": "operation2", "seq": "1"}]},
    ):
        refused = client.post(place + "/taps", json=bad, headers={"X-CSRFToken": token})
        assert refused.status_code == 422
    assert sign_in(stranger).get(place).status_code == 404
    assert post(client, place + "/sign", {"comment": "稳"}).status_code == 303
    assert "已签字" in client.get(place).text
    assert "考站和考评员" in sign_in(cast.zhou).get(f"/events/{event}/stations").text


def test_the_examiner_plans_stations_in_the_browser(site, cast, sign_in):
    with site.app.app_context(), unit_of_work():
        load_starter_checklists(SYSTEM, clock.now())
        judges = [staff(cast, 320 + n, f"考评{n}", *MARKER).person_id for n in range(3)]
        event = skills_event(cast, clock.now()).id
        chosen = [t.id for t in templates_for("skills", 2)]
    client = sign_in(cast.zhou)
    page = f"/events/{event}/stations"
    assert "协助翻身" in client.get(page).text
    post(client, page, {"template": chosen}, page=page)
    with site.app.app_context():
        station = session().scalars(select(Station.id).order_by(Station.id)).first()
        assert session().get_one(ExamEvent, event)
    post(client, f"{page}/{station}/panel", {"person": judges[:2]}, page=page)
    assert "考评员应是单数" in client.get(page).text
    post(client, f"{page}/{station}/panel", {"person": judges}, page=page)
    assert "考评员 3 人" in client.get(page).text


def test_the_adjudicator_rules_in_the_browser_without_a_name(site, cast, sign_in):
    with site.app.app_context():
        with unit_of_work():
            hall = Hall(cast)
        station = hall.stations[-1]
        for judge, count in zip(hall.judges, (0, 0, 2), strict=True):
            hall.judge(station, judge, Tap(1, 2, count))
        place = f"/events/{hall.event.id}/stations/{station.id}/ruling/{hall.entry.id}"
        ticket, member = hall.entry.ticket, hall.judges[0].person_id
    client = sign_in(cast.zhou)
    assert place in client.get("/events/1/stations").text
    page = client.get(place).text
    assert ticket in page
    assert "王桂兰" not in page
    assert "得分" in post(client, place, {"marks": "", "reason": "看录像"}).text
    assert "0.5" in post(client, place, {"marks": "15.3", "reason": "看录像"}).text
    assert sign_in(member).get(place).status_code in (403, 404)
    assert post(client, place, {"marks": "15.5", "reason": "看录像"}).status_code == 303
    with site.app.app_context():
        assert session().scalars(select(StationRuling.tenths)).one() == 155
    assert "仲裁分已登记" in client.get("/events/1/stations").text


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
