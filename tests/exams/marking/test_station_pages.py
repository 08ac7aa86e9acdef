"""Stations in the browser: the tablet, without script, the plan, the ruling; what ships."""

import pytest
from sqlalchemy import func, select

from exams.entries.models import Entry, ExamEvent
from exams.entries.registering import register_candidates
from exams.marking.stations import judging, setting
from exams.marking.stations.library import load_starter_checklists, templates_for
from exams.marking.stations.models import SheetScore, SheetTap, Station, StationRuling
from exams.marking.stations.rules import Tap, module_marks
from exams.papers.queries import plan_for
from exams.results.models import Result
from lms.core import clock
from lms.core.access import SYSTEM
from lms.core.db import session
from lms.core.errors import Invalid
from lms.core.uow import unit_of_work
from tests.factories.exams import examiner, skills_event
from tests.factories.marking import staff
from tests.factories.stations import MARKER, Hall
from tests.forms import post, token_from


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


def test_a_sheet_is_recorded_without_script(site, cast, sign_in):
    with site.app.app_context():
        with unit_of_work():
            hall = Hall(cast)
        station, judge = hall.stations[-1].id, hall.judges[0].person_id
        entry, stranger = hall.entry.id, hall.judges[1].person_id
    client = sign_in(judge)
    place = post(client, f"/stations/{station}/{entry}").location
    page = client.get(place).text
    assert "<noscript><form" in page
    assert 'name="count-0"' in page
    sent = {"count-0": "1", "count-1": "", "veto": "0", "note": ""}
    assert post(client, place + "/plain", sent, page=place).status_code == 303
    post(client, place + "/plain", sent, page=place)
    with site.app.app_context():
        taps = session().scalars(select(SheetTap)).all()
        assert [(tap.seq, tap.item, tap.count) for tap in taps] == [(1, 0, 1)]
    for wrong in (
        {"count-0": "99"}, {"count-0": "-1"}, {"count-0": "x"},
        {"veto": "1"}, {"veto": "9", "note": "坠床"},
    ):  # fmt: skip
        post(client, place + "/plain", sent | wrong, page=place)
    assert post(sign_in(stranger), place + "/plain", sent, page="/marking").status_code == 404
    post(client, place + "/plain", {"veto": "1", "note": "老人坠床"}, page=place)
    post(client, place + "/sign", {"comment": ""}, page=place)
    with site.app.app_context():
        score = session().scalars(select(SheetScore)).one()
        assert (score.tenths, score.veto, score.counts) == (0, "老人坠床", {})
    refused = post(client, place + "/plain", sent, page="/marking", follow_redirects=True)
    assert "已签字" in refused.text


def test_every_module_needs_a_station(app, cast):
    with unit_of_work():
        load_starter_checklists(SYSTEM, clock.now())
        event = skills_event(cast, clock.now())
    one = [t.id for t in templates_for("skills", 2) if t.module == "生活照护"]
    with pytest.raises(Invalid, match="康复服务"), unit_of_work():
        setting.set_stations(event, one, examiner(cast), clock.now())
    assert session().scalar(select(func.count()).select_from(Station)) == 0


def enter_waived(event, cast, now):
    register_candidates(event, [cast.wang], examiner(cast), now, "材料审核通过")
    return session().query(Entry).filter_by(event_id=event.id, person_id=cast.wang).one()


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


@pytest.mark.parametrize(("part", "rung"), [("skills", r) for r in (2, 3, 4, 5, 6)])
def test_every_module_of_every_examined_rung_has_a_starter_checklist(app, cast, part, rung):
    with unit_of_work():
        load_starter_checklists(SYSTEM, clock.now())
    plan = plan_for(rung, part, clock.today())
    offered = templates_for(part, rung)
    assert {template.module for template in offered} == set(plan.value["weights"])
    with unit_of_work():
        event = skills_event(cast, clock.now(), rung=rung, title="考核")
        chosen = [template.id for template in offered]
        setting.set_stations(event, chosen, examiner(cast), clock.now())
    full = module_marks(plan.value["weights"], [(t.module, t.tenths, t.tenths) for t in offered])
    assert sum(full.values()) == 1000
    for template in offered:
        most = sum(i["step"] * i["most"] for i in template.body["items"])
        # Who gets everything wrong fails.
        assert most > template.tenths * 2 // 5, template.code
