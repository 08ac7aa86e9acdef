"""Saved views: a filter under a name, opened under the reader's rights of the moment, sent once."""

import random
from collections import Counter
from datetime import date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from courses.api import materialise
from lms.core import clock, outbox
from lms.core.access import SYSTEM, Role
from lms.core.clock import SHANGHAI
from lms.core.db import db, session
from lms.core.notify import Notice
from lms.core.uow import unit_of_work
from lms.people.accounts.keeping import grant_role
from lms.people.models import RoleGrant
from lms.portal.saved import sending
from lms.portal.saved.lists import LISTS
from lms.portal.saved.models import SavedSending, SavedView
from lms.portal.saved.sending import HANDLERS, period_of, plan
from tests.courses.test_central_pages import statements
from tests.factories.central import NINE
from tests.forms import post


@pytest.fixture
def do(site):
    def run(function, *args, **kwargs):
        with site.app.app_context():
            return function(*args, **kwargs)

    return run


@pytest.fixture(autouse=True)
def november(do):
    with time_machine.travel(NINE, tick=False):
        do(materialise, 2026, clock.today(), NINE)
        yield


def local(text):
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def save(client, of="flags", query="state=all&region=140105", name="小店区全部", shared=""):
    data = {"of": of, "query": query, "name": name} | ({"shared": "y"} if shared else {})
    return post(client, "/views", data, page="/views")


def newest(do):
    return do(lambda: session().scalars(select(SavedView.id).order_by(SavedView.id.desc())).first())


def move(do, person_id, region):
    """An officer goes to another region."""

    def change():
        with unit_of_work():
            session().execute(
                update(RoleGrant)
                .where(RoleGrant.person_id == person_id)
                .values(revoked_at=clock.now(), revoked_by=0)
            )
            today = clock.today()
            grant_role(person_id, Role.OFFICER, SYSTEM, clock.now(), today, region=region)

    do(change)


def test_a_list_is_saved_from_its_page_and_opened_with_its_filter(do, cast, sign_in):
    client = sign_in(cast.county)
    assert "/views/new?of=flags&amp;state=all" in client.get("/flags?state=all").text
    assert save(client).status_code == 303
    assert "小店区全部" in client.get("/views").text
    view_id = newest(do)
    answer = client.get(f"/views/{view_id}")
    assert answer.headers["Location"] == "/flags?state=all&region=140105"
    assert "王桂兰" in client.get(f"/views/{view_id}", follow_redirects=True).text
    file = client.get(f"/views/{view_id}/file.csv", follow_redirects=True)
    assert file.headers["Content-Type"].startswith("text/csv")
    assert "王桂兰" in file.text
    assert client.get(f"/views/{view_id}/file.pdf").status_code == 404


@pytest.mark.parametrize(
    ("of", "query", "kept"),
    [
        ("flags", "state=missed&state=at_risk&year=2026&page=9", {"state": ["missed", "at_risk"]}),
        ("flags", "year=2025&name=王桂兰", {"year": ["2025"]}),
        ("staff", "name=王桂兰&post=cook", {"post": ["cook"]}),
        ("register", "q=王桂兰&rung=2", {"rung": ["2"]}),
        ("report", "region=1401&live=1&of=flags", {"region": ["1401"]}),
        ("flags", "post=" + "x" * 70, {}),
    ],
)
def test_what_is_kept_is_the_filter_without_names_and_without_this_year(
    do, cast, sign_in, of, query, kept
):
    client = sign_in(cast.province)
    assert save(client, of, query).status_code == 303
    assert do(lambda: session().scalars(select(SavedView.query)).one()) == kept
    assert client.get(f"/views/{newest(do)}", follow_redirects=True).status_code == 200
    for kind in ("csv", "xlsx", "pdf"):
        with client.get(f"/views/{newest(do)}/file.{kind}", follow_redirects=True) as answer:
            assert answer.status_code == (200 if kind in LISTS[of].files else 404)


def test_a_moved_officer_sees_only_her_present_region(do, cast, sign_in):
    client = sign_in(cast.county)
    save(client)
    save(client, "report", "region=140105", "报告")
    flags, report = newest(do) - 1, newest(do)
    move(do, cast.county, "140728")
    client = sign_in(cast.county)
    for path in (f"/views/{flags}", f"/views/{flags}/file.csv"):
        text = client.get(path, follow_redirects=True).text
        assert "王桂兰" not in text
        assert "赵秀英" in text
    shown = client.get(f"/views/{report}", follow_redirects=True)
    assert "平遥县" in shown.text
    assert "小店区" not in shown.text


def test_what_is_shared_opens_within_the_unit_and_nowhere_else(do, cast, sign_in):
    save(sign_in(cast.county), shared="y")
    shared = newest(do)
    save(sign_in(cast.county), name="自己的")
    own = newest(do)
    move(do, cast.city, "140105")
    for who, of_shared, of_own in (
        (cast.county, 302, 302), (cast.city, 302, 404), (cast.other_county, 404, 404),
        (cast.province, 404, 404), (cast.li, 404, 404), (cast.wang, 403, 403),
    ):  # fmt: skip
        client = sign_in(who)
        assert client.get(f"/views/{shared}").status_code == of_shared, who
        assert client.get(f"/views/{own}").status_code == of_own, who
    assert "小店区全部" in sign_in(cast.city).get("/views").text
    assert "小店区全部" not in sign_in(cast.province).get("/views").text
    assert post(sign_in(cast.city), f"/views/{shared}/drop").status_code == 404
    move(do, cast.city, "140728")
    assert sign_in(cast.city).get(f"/views/{shared}").status_code == 404


def test_hr_shares_within_her_home(do, cast, sign_in):
    save(sign_in(cast.li), query="state=all", shared="y")
    assert sign_in(cast.sun).get(f"/views/{newest(do)}").status_code == 404
    assert "王桂兰" in sign_in(cast.li).get(f"/views/{newest(do)}", follow_redirects=True).text


def test_a_dropped_view_is_gone_for_everybody(do, cast, sign_in):
    client = sign_in(cast.county)
    save(client)
    assert post(client, f"/views/{newest(do)}/drop").status_code == 303
    assert client.get(f"/views/{newest(do)}").status_code == 404
    assert "小店区全部" not in client.get("/views").text


@pytest.mark.parametrize(
    ("data", "status", "words"),
    [
        ({"name": " "}, 422, "请给视图起个名字"), ({"of": "salaries"}, 404, ""),
        ({"of": ""}, 404, ""),
    ],
)  # fmt: skip
def test_what_cannot_be_saved_is_refused(do, cast, sign_in, data, status, words):
    answer = save(sign_in(cast.county), **data)
    assert answer.status_code == status
    assert words in answer.text
    assert newest(do) is None


def test_the_fifty_first_is_refused(do, cast, sign_in, monkeypatch):
    monkeypatch.setattr("lms.portal.saved.operations.MOST", 2)
    client = sign_in(cast.county)
    assert [save(client).status_code for _ in range(3)] == [303, 303, 422]


def test_the_page_needs_the_same_statements_for_one_and_for_many(do, cast, sign_in):
    client = sign_in(cast.county)
    save(client)
    few = statements(client, "/views")
    for number in range(12):
        save(client, name=f"视图{number}", shared="y" if number % 2 else "")
    assert statements(client, "/views") == few


# sending


@pytest.mark.parametrize(
    ("rhythm", "day", "found"),
    [
        ("weekly", "2026-11-23", ("2026-W48", "2026-11-23")),
        ("weekly", "2026-11-29", ("2026-W48", "2026-11-23")),
        ("weekly", "2027-01-01", ("2026-W53", "2026-12-28")),
        ("weekly", "2027-01-04", ("2027-W01", "2027-01-04")),
        ("monthly", "2026-11-30", ("2026-11", "2026-11-01")),
        ("monthly", "2027-01-01", ("2027-01", "2027-01-01")),
    ],
)
def test_periods(rhythm, day, found):
    assert period_of(rhythm, date.fromisoformat(day)) == (found[0], date.fromisoformat(found[1]))


def ordered(do, cast, sign_in, rhythm="weekly", who=None):
    client = sign_in(who or cast.county)
    save(client)
    post(client, f"/views/{newest(do)}/sending", {"rhythm": rhythm})
    return newest(do)


def at(do, moment, deliver=True):
    """A scheduler's morning: letters planned, and delivered when they are due."""
    with time_machine.travel(local(moment), tick=False):
        new = do(plan, clock.now())
        while deliver and do(outbox.deliver_due, HANDLERS):
            pass
        return new


def notices(do):
    return do(lambda: list(session().scalars(select(Notice).where(Notice.kind == "view.ready"))))


def test_a_weekly_view_comes_on_mondays_from_the_next_one_on(do, cast, sign_in):
    view_id = ordered(do, cast, sign_in)
    assert at(do, "2026-11-24T06:40") == 0
    assert at(do, "2026-11-30T06:40") == 1
    assert notices(do) == []
    assert at(do, "2026-11-30T08:00") == 0
    (told,) = notices(do)
    assert (told.person_id, told.url, told.facts["of"]) == (
        cast.county, f"/views/{view_id}", "2026-W49",
    )  # fmt: skip
    assert at(do, "2026-12-03T09:00") == 0
    assert at(do, "2026-12-07T09:00") == 1
    with time_machine.travel(local("2026-12-07T09:30"), tick=False):
        home = sign_in(cast.county).get("/").text
    assert "小店区全部" in home
    assert f'href="/views/{view_id}"' in home


def test_a_site_that_was_off_sends_the_present_period_once(do, cast, sign_in):
    ordered(do, cast, sign_in, "monthly")
    assert at(do, "2027-03-17T09:00") == 1
    assert at(do, "2027-03-18T09:00") == 0
    assert [n.facts["of"] for n in notices(do)] == ["2027-03"]


def test_it_is_ordered_changed_and_ended(do, cast, sign_in):
    view_id = ordered(do, cast, sign_in)
    client = sign_in(cast.county)
    for rhythm in ("weekly", "monthly", "monthly", "never", "yearly"):
        assert post(client, f"/views/{view_id}/sending", {"rhythm": rhythm}).status_code == 303
    rows = do(lambda: session().execute(select(SavedSending.rhythm, SavedSending.ended_at)).all())
    assert [(rhythm, ended is not None) for rhythm, ended in rows] == [
        ("weekly", True), ("monthly", True),
    ]  # fmt: skip
    assert at(do, "2026-12-07T09:00") == 0


def test_what_was_written_is_judged_at_delivery(do, cast, sign_in):
    """The view is dropped, the sending ended, the reader moved out of the unit: nobody is told."""
    save(sign_in(cast.county), shared="y")
    view_id = newest(do)
    move(do, cast.city, "140105")
    post(sign_in(cast.city), f"/views/{view_id}/sending", {"rhythm": "weekly"})
    assert at(do, "2026-11-30T06:40", deliver=False) == 1
    move(do, cast.city, "140728")
    at(do, "2026-11-30T09:00")
    assert notices(do) == []
    mine = ordered(do, cast, sign_in)
    assert at(do, "2026-12-07T06:40", deliver=False) == 2
    post(sign_in(cast.county), f"/views/{mine}/drop")
    at(do, "2026-12-07T09:00")
    assert notices(do) == []


class Killed(BaseException):
    """The process ended here."""


def test_schedulers_killed_and_frozen_two_hundred_times_send_each_period_once(
    do, cast, sign_in, monkeypatch
):
    """Each round is a week. Somebody is killed before or after the notice is left, or between
    planning and delivery; the clock jumps; two schedulers plan and deliver again."""
    chance, real = random.Random(20261130), sending.tell
    ordered(do, cast, sign_in)
    monday, kills = local("2026-11-30T09:00"), 0
    for number in range(200):
        dying = chance.choice(("before", "after"))

        def tell(*args, how=dying, **more):
            if how == "after":
                real(*args, **more)
            raise Killed

        monkeypatch.setattr(sending, "tell", tell)
        week = monday + timedelta(weeks=number)
        with time_machine.travel(week, tick=False):
            do(plan, clock.now())
            with pytest.raises(Killed):
                do(outbox.deliver_due, HANDLERS)
            kills += 1
        monkeypatch.setattr(sending, "tell", real)
        jump = timedelta(minutes=chance.randint(3, 6000))
        for _scheduler in range(2):
            with time_machine.travel(week + jump, tick=False):
                do(db.session.rollback)
                do(plan, clock.now())
                do(outbox.deliver_due, HANDLERS)
        with time_machine.travel(week - timedelta(hours=chance.randint(0, 40)), tick=False):
            do(plan, clock.now())
    at(do, "2030-12-01T09:00")
    told = Counter(n.facts["of"] for n in notices(do))
    assert kills == 200
    assert set(told.values()) == {1}
    asked = {period_of("weekly", (monday + timedelta(weeks=n)).date())[0] for n in range(200)}
    assert asked <= told.keys()
