"""Request-level: blueprints, picking, samples, publishing with progress, and what is refused."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from exams.bank.models import Question
from exams.entries.models import ExamEvent
from exams.papers import allotting
from exams.papers.models import BlueprintVersion, FixedPaper, Paper
from exams.papers.queries import pinned_blueprint
from lms.core.audit import AuditEvent
from lms.core.db import session
from lms.core.uow import unit_of_work
from tests.factories.exams import CANARY
from tests.forms import post

PLAN = {
    "title": "初级工理论考试", "rung": "2", "part": "theory", "opens_at": "2026-12-01T09:00",
    "closes_at": "2026-12-01T17:00", "minutes": "90", "attempts": "1", "release": "at_once",
    "feedback": "explained",
}  # fmt: skip


@pytest.fixture
def client(sign_in, cast):
    return sign_in(cast.zhou)


def plan(cast, bank, **changes):
    return {**PLAN, "organisation_id": str(cast.base), "bank_id": str(bank.id), **changes}


def planned(client, cast, bank, **changes):
    made = post(client, "/events/new", plan(cast, bank, **changes), page="/events")
    assert made.status_code == 303, made.text
    return made.location


def fields_of(page):
    """Every text field of a blueprint's form, as a browser would send it back."""
    inputs = re.findall(r"<input[^>]*>", page)
    named = (re.search(r'name="([^"]+)"', tag) for tag in inputs)
    values = (re.search(r'value="([^"]*)"', tag) for tag in inputs)
    return {
        name[1]: value[1] if value else ""
        for name, value in zip(named, values, strict=True)
        if name and name[1].startswith(("n-", "marks-", "title"))
    }


def test_an_examiner_makes_her_own_blueprint_from_the_rule_and_an_event_pins_its_version(
    client, cast, bank, app
):
    page = client.get("/blueprints/new/2").text
    assert "60</b> / 60 分" in page
    typed = fields_of(page) | {
        "title": "少选择多判断", "organisation_id": str(cast.base),
        "n-single-2-any": "40", "n-judge-2-any": "16",
    }  # fmt: skip
    made = post(client, "/blueprints/new/2", typed, page="/events")
    assert made.location == "/blueprints/1"
    assert "少选择多判断" in client.get("/blueprints").text
    event = planned(client, cast, bank, blueprint_id="1")
    again = typed | {"title": "再改", "n-single-2-any": "39", "n-judge-2-any": "18"}
    assert post(client, "/blueprints/1", again, page="/events").location == "/blueprints/2"
    post(client, f"{event}/publish", page="/events")
    pinned = session().scalars(select(ExamEvent.blueprint)).one()
    assert pinned.startswith("blueprint:")
    assert pinned.endswith("@1")
    counts = {(q.kind, q.module): q.count for q in pinned_blueprint(pinned).quotas}
    assert counts["single", "生活照护"] == 40
    assert counts["judge", "生活照护"] == 16
    assert session().scalars(select(Paper)).all() == []
    assert "第 2 版" in client.get("/blueprints/2").text


def test_a_blueprint_that_does_not_add_up_is_refused_with_the_numbers_and_keeps_what_was_typed(
    client, cast, app
):
    typed = fields_of(client.get("/blueprints/new/2").text) | {
        "title": "不够分", "organisation_id": str(cast.base), "n-single-2-any": "40",
    }  # fmt: skip
    page = post(client, "/blueprints/new/2", typed, page="/events")
    assert page.status_code == 422
    assert "“生活照护”应占 60 分，按题量算是 58 分" in page.text
    assert 'value="不够分"' in page.text
    assert "58</b> / 60 分" in page.text
    for wrong, said in (
        ({"n-single-2-any": "四"}, "有一格是“四”"),
        ({"marks-single": ""}, "都要写"),
    ):
        assert said in post(client, "/blueprints/new/2", typed | wrong, page="/events").text
    assert session().scalar(select(BlueprintVersion.id)) is None


@pytest.mark.parametrize(("rung", "total"), [(5, 105), (6, 125)])
def test_levels_whose_table_is_a_draft_can_neither_be_planned_nor_published(
    client, cast, bank, app, rung, total
):
    said = f"合计 {total}，不是 100"
    assert said in client.get(f"/blueprints/new/{rung}").text
    event = planned(client, cast, bank, rung=str(rung))
    assert said in client.get(event).text
    post(client, f"{event}/publish", page="/events")
    assert said in client.get(event).text
    assert session().scalars(select(ExamEvent.status)).one() == "draft"


def test_another_house_neither_sees_nor_uses_a_blueprint(client, cast, bank, app):
    typed = fields_of(client.get("/blueprints/new/2").text)
    typed |= {"title": "基地方案", "organisation_id": str(cast.gucheng)}
    assert post(client, "/blueprints/new/2", typed, page="/events").status_code == 404
    typed["organisation_id"] = str(cast.base)
    post(client, "/blueprints/new/2", typed, page="/events")
    with unit_of_work():
        foreign = BlueprintVersion(
            organisation_id=cast.gucheng, code="x", version=1, title="别家的", rung=2,
            value=session().get_one(BlueprintVersion, 1).value, based_on="", saved_by=1,
            saved_at=session().get_one(BlueprintVersion, 1).saved_at,
        )  # fmt: skip
        session().add(foreign)
    assert client.get(f"/blueprints/{foreign.id}").status_code == 404
    refused = post(
        client, "/events/new", plan(cast, bank, blueprint_id=str(foreign.id)), page="/events"
    )
    assert refused.status_code == 200
    assert session().scalar(select(ExamEvent.id)) is None


def test_a_sample_looks_as_the_candidate_sees_it_the_same_each_time_and_without_keys(
    client, cast, bank, app
):
    event = planned(client, cast, bank)
    first, again = (client.get(f"{event}/papers/preview?n=3").text for _ in range(2))
    stems = re.findall(r"第 \d+ 题：应当怎样做？", first)
    assert len(stems) == 100
    assert stems == re.findall(r"第 \d+ 题：应当怎样做？", again)
    assert stems != re.findall(
        r"第 \d+ 题：应当怎样做？", client.get(f"{event}/papers/preview").text
    )
    assert CANARY not in first
    assert "paper-right" not in first


def test_keys_of_a_sample_open_only_on_record(client, cast, bank, app):
    event = planned(client, cast, bank)
    opened = post(client, f"{event}/papers/preview", {"n": "2"}, page="/events")
    assert opened.status_code == 303
    page = client.get(opened.location).text
    assert page.count("paper-right") == 100
    entry = session().scalars(select(AuditEvent).where(AuditEvent.action == "question.key.open"))
    assert entry.one().details["purpose"] == "paper"
    other = client.get(opened.location.replace("n=2", "n=5")).text
    assert "paper-right" not in other


def test_the_form_that_candidates_sit_opens_only_on_record(client, cast, bank, app):
    event = planned(client, cast, bank, paper_mode="forms", forms="2")
    post(client, f"{event}/publish", page="/events")
    page = client.get(f"{event}/papers").text
    assert "看 A 卷" in page
    assert "看 B 卷" in page
    assert "应当怎样做" not in client.get(f"{event}/papers/preview?n=1").text
    opened = post(client, f"{event}/papers/preview", {"n": "1", "what": "paper"}, page="/events")
    page = client.get(opened.location).text
    assert "应当怎样做" in page
    assert "paper-right" not in page
    assert "应当怎样做" not in client.get(opened.location.replace("n=1", "n=2")).text
    query = select(AuditEvent.details).where(AuditEvent.action == "exams.paper.open")
    assert session().scalars(query).one() == {"form": 1}
    opened = post(client, f"{event}/papers/preview", {"n": "1", "what": "keys"}, page="/events")
    assert "paper-right" in client.get(opened.location).text


def test_questions_are_picked_ordered_and_weighed_without_script(client, cast, bank, app):
    event = planned(client, cast, bank, paper_mode="fixed")
    assert "还没有选题" in client.get(f"{event}/papers/fixed").text
    ids = session().scalars(select(Question.id).where(Question.bank_id == bank.id)).all()[:4]
    url = f"{event}/papers/fixed"
    post(client, url, {"add": [str(n) for n in ids], "worth": "20"}, page="/events")
    assert "总分应为 100，现在是 80" in client.get(event).text
    a, b, c, d = ids
    typed = {f"place-{n}": str(place) for place, n in enumerate((b, a, d, c))}
    typed |= {f"marks-{n}": "33.3" for n in ids} | {f"drop-{c}": "y", f"marks-{a}": "33.4"}
    post(client, url, typed, page="/events")
    newest = session().scalars(select(FixedPaper).order_by(FixedPaper.version.desc())).first()
    assert [(p["question_id"], p["tenths"]) for p in newest.picks] == [(b, 333), (a, 334), (d, 333)]
    assert "总分 100，可以发布" in client.get(url).text
    wrong = post(client, url, {f"marks-{a}": "1.25"}, page="/events")
    assert (wrong.status_code, "最多一位小数" in wrong.text) == (422, True)
    for odd in ("1e999999", "1e4000", "nan", "-1e999999", "1e-999999"):
        assert post(client, url, {f"marks-{a}": odd}, page="/events").status_code == 422, odd
    post(client, f"{event}/publish", page="/events")
    assert client.get(url).status_code == 409
    assert session().scalars(select(ExamEvent.status)).one() == "published"


def test_a_bank_that_is_not_hers_to_read_is_not_shown_for_picking(client, cast, bank, app):
    event = planned(client, cast, bank, paper_mode="fixed")
    with unit_of_work():
        session().get_one(type(bank), bank.id).organisation_id = cast.gucheng
    assert client.get(f"{event}/papers/fixed").status_code == 404


def test_publishing_for_many_shows_progress_and_then_the_figures(
    client, cast, bank, app, crowd, run_tasks, monkeypatch
):
    monkeypatch.setattr(allotting, "AT_ONCE", 2)
    monkeypatch.setattr("exams.papers.jobs.AT_ONCE", 2)
    event = planned(client, cast, bank, tolerance="3")
    crowd(session().scalars(select(ExamEvent)).one(), 4)
    post(client, f"{event}/publish", page="/events")
    page = client.get(event).text
    assert f'data-task="{event}/papers/state"' in page
    assert client.get(f"{event}/papers/state").json == {"state": "waiting", "done": 0, "total": 0}
    run_tasks()
    assert client.get(f"{event}/papers/state").json["state"] == "done"
    page = client.get(event).text
    assert "data-task" not in page
    assert "允许 3 分" in page
    assert "每人一份" in page
    assert "共用到" in client.get(f"{event}/papers").text


def test_a_publishing_task_that_finds_no_such_papers_says_why_on_the_events_page(
    client, cast, bank, app, crowd, run_tasks, monkeypatch
):
    monkeypatch.setattr("exams.papers.jobs.AT_ONCE", 2)
    event = planned(client, cast, bank)
    crowd(session().scalars(select(ExamEvent)).one(), 4)
    post(client, f"{event}/publish", page="/events")
    with unit_of_work():
        session().scalars(select(ExamEvent)).one().attempts = 5
    run_tasks()
    page = client.get(event).text
    assert "需要 210 道生活照护单选题，题库只有 84 道" in page
    assert session().scalars(select(ExamEvent.status)).one() == "draft"


def test_an_exposure_limit_the_bank_cannot_keep_is_said_before_publishing(
    client, cast, bank, app, crowd
):
    event = planned(client, cast, bank, exposure_percent="20")
    crowd(session().scalars(select(ExamEvent)).one(), 10)
    said = "生活照护单选题每份要 42 道，题库有 84 道：有的题会出现在 50% 的试卷里，超过 20%"
    assert said in client.get(event).text


def test_partial_credit_is_an_option_of_the_paper(client, cast, bank, app):
    event = planned(client, cast, bank, multiple_rule="partial")
    found = session().execute(select(ExamEvent.multiple_rule, ExamEvent.tolerance_tenths)).one()
    assert tuple(found) == ("partial", 20), "an open tolerance is the rule's"
    assert "partial" in client.get(f"{event}/edit").text
