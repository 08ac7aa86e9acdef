"""A rule is changed by two officers of the province, who first see whom it would change."""

import json
from datetime import date, timedelta

import pytest
import time_machine
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from courses.api import TASK_RUNNERS, duties_of
from courses.compliance.models import DutyFlag
from courses.credits.operations import post_hours
from courses.rulebook.models import RulePreview, RuleProposal, RuleProposalStep
from courses.rulebook.operations import Draft, decide, propose
from courses.rulebook.shapes import Leaf, Unreadable
from courses.rulebook.wording import rule_words
from lms.core import clock, rules, tasks
from lms.core.access import SYSTEM, Role
from lms.core.db import session
from lms.core.errors import Conflict, Invalid
from lms.core.uow import unit_of_work
from lms.people.api import NewPerson, actor_of, grant_role, register_person
from lms.people.models import Account
from tests.cast import THEN, citizen_id
from tests.factories.central import NINE
from tests.forms import post

CENTRAL = "compliance.central"
JANUARY = date(2027, 1, 1)


@pytest.fixture(autouse=True)
def november():
    with time_machine.travel(NINE, tick=False):
        yield


@pytest.fixture
def second(site):
    """Another officer of the province."""
    with site.app.app_context(), unit_of_work():
        person = register_person(NewPerson("高明", citizen_id(77), "13800000077"), SYSTEM, THEN)
        session().get_one(Account, person.account.id).status = "active"
        grant_role(person.id, Role.OFFICER, SYSTEM, THEN, date(2026, 1, 1), region="14")
        return person.id


def present(code=CENTRAL):
    return rules.rule_versions(code)[-1]


def a_draft(code=CENTRAL, start=JANUARY, **changed):
    return Draft(code, present(code).value | changed, start, "晋民发〔2026〕99号", "与文件一致")


def stricter():
    """Caregivers owe twelve hours, social workers none."""
    return a_draft(posts={"caregiver": 120, "director": 80})


def proposed(do, by, make=stricter):
    def run():
        with unit_of_work():
            return propose(make(), actor_of(by, clock.now()), clock.now()).id

    return do(run)


def computed(do):
    def run():
        while tasks.run_next(TASK_RUNNERS):
            pass

    do(run)


def decided(do, number, step, by, reason=""):
    def run():
        with unit_of_work():
            return decide(number, step, reason, actor_of(by, clock.now()), clock.now()).version

    return do(run)


def result(do, number):
    return do(lambda: session().get_one(RulePreview, number).result)


def test_the_preview_names_who_would_change_and_counts_everybody(do, cast):
    number = proposed(do, cast.province)
    assert result(do, number) == {}
    computed(do)
    first, last = result(do, number)["days"]
    assert (first["on"], last["on"]) == ("2027-01-01", "2027-12-31")
    people = {line["person"]: line for line in last["people"]}
    assert people[cast.wang]["before"] == people[cast.wang]["after"] == "missed"
    assert (people[cast.wang]["missing_before"], people[cast.wang]["missing_after"]) == (80, 120)
    assert last["moves"] == [["missed", "missed", 2]]
    assert last["cities"] == {"1401": 1, "1407": 1}
    assert last["asked"] > last["changed"] == 2


def test_a_post_that_no_longer_owes_it_is_shown_as_let_off(do, cast):
    number = proposed(do, cast.province, lambda: a_draft(posts={"director": 80}))
    computed(do)
    last = result(do, number)["days"][1]
    assert last["moves"] == [["missed", "not_due", 2]]


def test_hours_of_a_cycle_are_asked_both_ways(do, cast):
    def hours():
        with unit_of_work():
            post_hours(cast.wang, "professional", 200, 2026, "x:1", SYSTEM, clock.now())

    do(hours)

    def draft():
        posts = present("credits.hours").value["posts"]
        return a_draft(
            "credits.hours",
            date(2026, 12, 1),
            posts=posts | {"caregiver": posts["caregiver"] | {"tenths": 240}},
        )

    number = proposed(do, cast.province, draft)
    computed(do)
    (day,) = result(do, number)["days"]
    assert day["moves"] == [["met", "short", 1], ["short", "short", 1]]
    assert {line["person"] for line in day["people"]} == {cast.wang, cast.zhao}


def test_other_rules_say_how_far_they_reach(do, cast):
    number = proposed(
        do, cast.province, lambda: a_draft("credits.conversion", tenths_per_credit=180)
    )
    computed(do)
    assert result(do, number)["people"] == 4
    assert result(do, number)["sessions"] == 0


def test_it_counts_from_its_day_only_and_old_verdicts_keep_their_version(do, cast, second):
    number = proposed(
        do, cast.province, lambda: a_draft(start=date(2026, 12, 1), posts={"caregiver": 120})
    )
    computed(do)
    assert decided(do, number, "approved", second) == 2
    before = do(duties_of, cast.wang, 2026, date(2026, 11, 30))[0]
    after = do(duties_of, cast.wang, 2026, date(2026, 12, 1))[0]
    assert (before.rule, before.missing) == (f"{CENTRAL}@1", 80)
    assert (after.rule, after.missing) == (f"{CENTRAL}@2", 120)
    asked_then = do(duties_of, cast.wang, 2026, date(2026, 12, 31), NINE - timedelta(days=1))[0]
    assert (asked_then.rule, asked_then.missing) == (f"{CENTRAL}@1", 80)


def test_nobody_approves_her_own_and_only_she_withdraws(do, cast, second):
    number = proposed(do, cast.province)
    computed(do)
    for step, by in (
        ("approved", cast.province),
        ("refused", cast.province),
        ("withdrawn", second),
    ):
        with pytest.raises(Exception, match="另一位同事"):
            decided(do, number, step, by, "某个原因")
    assert do(lambda: present().version) == 1
    decided(do, number, "withdrawn", cast.province)
    with pytest.raises(Conflict):
        decided(do, number, "approved", second)


def test_deciding_twice_is_deciding_once(do, cast, second):
    number = proposed(do, cast.province)
    computed(do)
    assert decided(do, number, "approved", second) == decided(do, number, "approved", second) == 2
    assert do(lambda: len(session().scalars(select(RuleProposalStep)).all())) == 1
    assert do(lambda: present().version) == 2


def test_a_refusal_says_why(do, cast, second):
    number = proposed(do, cast.province)
    with pytest.raises(Invalid):
        decided(do, number, "refused", second)
    assert decided(do, number, "refused", second, "依据不足") is None
    assert do(lambda: present().version) == 1


def test_it_is_not_approved_unseen_nor_late_nor_over_a_newer_version(do, cast, second):
    number = proposed(do, cast.province)
    with pytest.raises(Conflict, match="还没有算完"):
        decided(do, number, "approved", second)
    computed(do)
    with time_machine.travel(clock.start_of(JANUARY)), pytest.raises(Conflict, match="倒回去"):
        decided(do, number, "approved", second)

    def elsewhere():
        with unit_of_work():
            rules.add_version(SYSTEM, CENTRAL, present().value, date(2026, 12, 1), "别处")

    do(elsewhere)
    with pytest.raises(Conflict, match="已经改过"):
        decided(do, number, "approved", second)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"start": date(2026, 11, 23)}, "最早是明天"),
        ({"start": date(2024, 1, 1)}, "最早是明天"),
    ],
)
def test_a_rule_never_works_backwards(do, cast, changed, said):
    with pytest.raises(Invalid, match=said):
        proposed(do, cast.province, lambda: a_draft(posts={"caregiver": 1}, **changed))


def test_what_changes_nothing_or_has_no_source_is_refused(do, cast):
    with pytest.raises(Invalid, match="完全一样"):
        proposed(do, cast.province, a_draft)
    for source, reason in ((" ", "原因"), ("文件", " ")):
        with pytest.raises(Invalid):
            proposed(do, cast.province, lambda s=source, r=reason: Draft(
                CENTRAL, present().value | {"grace_days": 5}, JANUARY, s, r))  # fmt: skip


def test_one_proposal_at_a_time(do, cast, second):
    proposed(do, cast.province)
    with pytest.raises(Conflict):
        proposed(do, second)


def form_of(do, **changed):
    """The form as the page fills it in."""
    value = do(lambda: present().value)
    filled = {f"posts__{post}": str(tenths // 10) for post, tenths in value["posts"].items()}
    filled |= {f"exemptions__{kind}": str(days) for kind, days in value["exemptions"].items()}
    filled |= {k: str(v) for k, v in value.items() if not isinstance(v, dict)}
    return filled | {
        "effective_from": "2027-01-01", "source": "晋民发〔2026〕99号", "reason": "与文件一致",
    } | changed  # fmt: skip


def test_the_whole_way_in_the_browser(do, cast, second, sign_in):
    client = sign_in(cast.province)
    assert "每年集中培训" in client.get("/rules").text
    shown = client.get(f"/rules/{CENTRAL}/propose").text
    assert 'name="posts__caregiver"' in shown
    assert 'value="8"' in shown
    answer = post(client, f"/rules/{CENTRAL}/propose", form_of(do, posts__caregiver="12.5"))
    assert answer.status_code == 303
    number = do(lambda: session().scalar(select(RuleProposal.id)))
    address = f"/rules/proposals/{number}"
    assert client.get(f"{address}/state").json["state"] == "waiting"
    computed(do)
    page = sign_in(second).get(address).text
    assert "王桂兰" in page
    assert "12.5" in page
    assert post(sign_in(second), f"{address}/approved", {"reason": ""}).status_code == 303
    assert do(lambda: present().value["posts"]["caregiver"]) == 125
    assert "第 2 版从 2027年1月1日 起生效" in client.get(f"/rules/{CENTRAL}").text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"posts__caregiver": "八"}, "请填学时数"),
        ({"posts__caregiver": "8.25"}, "请填学时数"),
        ({"window_ends": "02-29"}, "请填月和日"),
        ({"at_risk_from": "12-31", "window_ends": "11-30"}, "提醒要在期限之前开始"),
        ({"grace_days": "-1"}, "0 到 180 的整数"),
        ({"grace_days": ""}, "0 到 180 的整数"),
        ({"effective_from": "2026-11-01"}, "最早是明天"),
    ],
)
def test_a_fault_stands_beside_its_field_and_nothing_is_written(do, cast, sign_in, typed, said):
    answer = post(sign_in(cast.province), f"/rules/{CENTRAL}/propose", form_of(do, **typed))
    assert answer.status_code in {400, 422}
    assert said in answer.text
    assert do(lambda: session().scalar(select(RuleProposal.id))) is None


def test_officers_below_read_and_do_not_change(do, cast, sign_in):
    number = proposed(do, cast.province)
    for who in (cast.county, cast.city, cast.li):
        client = sign_in(who)
        assert client.get(f"/rules/{CENTRAL}").status_code == 200
        assert client.get(f"/rules/{CENTRAL}/propose").status_code == 403
        assert client.get(f"/rules/proposals/{number}").status_code == 403
        assert post(client, f"/rules/proposals/{number}/approved").status_code == 403
    assert sign_in(cast.wang).get("/rules").status_code == 403


def test_a_preview_writes_no_flag(do, cast):
    before = do(lambda: len(session().scalars(select(DutyFlag)).all()))
    number = proposed(do, cast.province)
    computed(do)
    assert do(lambda: len(session().scalars(select(DutyFlag)).all())) == before
    assert json.dumps(result(do, number))


@pytest.mark.parametrize(
    ("kind", "text"),
    [("hours", "1e999999"), ("hours", "sNaN"), ("hours", "-Infinity"), ("month_day", "W01-1"),
     ("month_day", "１２-31"), ("whole", "²")],
)  # fmt: skip
def test_what_only_a_parser_takes_for_a_value_is_refused(app, kind, text):
    with app.test_request_context(), pytest.raises(Unreadable):
        Leaf("x", _l("学时"), kind).read(text)


@pytest.mark.parametrize(
    ("low", "text", "kept"), [(0, "0", 0), (1, "0.1", 1), (1, "999", 9990), (1, "7.5", 75)]
)
def test_hours_are_kept_in_tenths_within_their_bounds(low, text, kept):
    assert Leaf("x", "", "hours", low=low, high=9990).read(text) == kept


@pytest.mark.parametrize(("low", "text"), [(1, "0"), (0, "-1"), (1, "999.1"), (1, "1e999999")])
def test_hours_outside_their_bounds_are_refused(low, text, app):
    with app.test_request_context(), pytest.raises(Unreadable):
        Leaf("x", "", "hours", low=low, high=9990).read(text)


def test_pages_name_a_rule_as_people_do(cast, site, sign_in):
    with site.app.test_request_context():
        assert rule_words("compliance.central@2") == "“每年集中培训”第 2 版"
        assert rule_words("credits.hours@1 credits.ledger@3") == (
            "“继续教育学时”第 1 版、“外部学时、上限和结转”第 3 版"
        )
    for page in ("/learn/duty", "/learn/hours"):
        text = sign_in(cast.wang).get(page).text
        assert "第 1 版" in text
        assert "@1" not in text
