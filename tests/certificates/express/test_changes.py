"""Whatever becomes of a certificate shows at the next request, though its answer is remembered, and
though another process did it."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
from datetime import date, timedelta

import pytest
import time_machine

from certificates.express import memo
from certificates.express.memo import Known
from certificates.operations import correct, reinstate, revoke, suspend
from lms.core import clock
from lms.core.access import SYSTEM
from lms.core.keys.folder import KeyFolder
from lms.core.uow import unit_of_work
from tests.certificates.log.test_log import untriggered
from tests.factories.certificates import NOW, course_request, issue_now, skill_request
from tests.site import Site

JSON = {"Accept": "application/json"}
WORDS = {
    "valid": "有效", "suspended": "已暂停", "revoked": "已吊销", "corrected": "已更正",
    "expired": "已过期", "doubtful": "存疑",
}  # fmt: skip


@pytest.fixture
def elsewhere(settings):
    """Another process's app on the same database."""
    with Site.open(settings) as other:
        yield other


def act(site, step, issued):
    with site.app.app_context(), unit_of_work():
        return step(issued.certificate_id, "成绩造假，查实", SYSTEM, NOW)


def says(visitor, code, status):
    """Page, JSON and API all say so, each asked twice so that the second is given again."""
    for _ in range(2):
        assert f"<strong>{WORDS[status]}</strong>" in visitor.get(f"/v/{code}").text
        assert visitor.get(f"/v/{code}", headers=JSON).json["status"] == status
        assert visitor.get(f"/api/v1/certificates/{code}").json["status"] == status


@pytest.mark.parametrize("far", [False, True], ids=["here", "in another app"])
def test_every_step_of_a_life_shows_at_once(site, elsewhere, visitor, issued, ordinary, far):
    there = elsewhere if far else site
    says(visitor, issued.code, "valid")
    for step, status in (
        (suspend, "suspended"), (reinstate, "valid"), (suspend, "suspended"), (revoke, "revoked"),
    ):  # fmt: skip
        act(there, step, issued)
        ordinary.clear()
        says(visitor, issued.code, status)
        assert len(ordinary) == 2  # one page, one JSON; the API's is the same


def test_a_correction_names_the_new_number_at_once(elsewhere, visitor, issued):
    says(visitor, issued.code, "valid")
    renewed = act(elsewhere, correct, issued)
    says(visitor, issued.code, "corrected")
    assert visitor.get(f"/v/{issued.code}", headers=JSON).json["replaced_by"] == renewed.number


def test_a_process_of_its_own_revokes(settings, visitor, issued):
    says(visitor, issued.code, "valid")
    script = (
        "import sys\n"
        "from lms.app import create_app\n"
        "from lms.core import clock\n"
        "from lms.core.access import SYSTEM\n"
        "from lms.core.uow import unit_of_work\n"
        "from certificates.operations import revoke\n"
        "with create_app().app_context(), unit_of_work():\n"
        "    revoke(int(sys.argv[1]), '成绩造假，查实', SYSTEM, clock.now())\n"
    )
    subprocess.run(
        [sys.executable, "-c", script, str(issued.certificate_id)],
        env={
            "LMS_INSTANCE": str(settings.instance), "LMS_DATABASE_URL": settings.database_url,
            "LMS_SIGNER": "inside",
        } | {"PYTHONPATH": ":".join(filter(None, sys.path))},
        check=True, timeout=120,
    )  # fmt: skip
    says(visitor, issued.code, "revoked")


def test_the_last_day_passes(site, cast, visitor):
    with site.app.app_context():
        last = clock.today()
        made = course_request(cast.wang, cast.base, issued_on=date(2026, 1, 5), valid_to=last)
        code = issue_now(made).code
    says(visitor, code, "valid")
    with time_machine.travel(clock.start_of(last + timedelta(days=1))):
        says(visitor, code, "expired")
        assert f'max="{last + timedelta(days=1)}"' in visitor.get(f"/v/{code}").text


def test_a_stolen_key_casts_doubt_at_once(site, visitor, issued, ordinary):
    says(visitor, issued.code, "valid")
    keys = KeyFolder(site.app.extensions["settings"].signing.keys, "signing")
    stolen, now = keys.read().current, clock.now()
    keys.rotate(now)
    keys.compromised(stolen, NOW - timedelta(days=1), now)
    ordinary.clear()
    says(visitor, issued.code, "doubtful")
    assert len(ordinary) == 6  # what is doubtful is not remembered


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("UPDATE certificate SET facts = replace(facts, '初级工', '高级技师')", "seal"),
        ("UPDATE certificate SET digest = 'x'", "seal"),
        ("UPDATE certificate SET holder_name = '李四'", "register"),
        ("UPDATE certificate_event SET reason = 'x'", "log"),
        ("UPDATE log_leaf SET data = data || ' '", "log"),
    ],
)
def test_tampering_shows_at_once(site, visitor, issued, change, fault):
    says(visitor, issued.code, "valid")
    with site.app.app_context():
        untriggered(change)
    for _ in range(2):
        body = visitor.get(f"/v/{issued.code}", headers=JSON).json
        assert (body["status"], body["fault"]) == ("damaged", fault)


def test_tampering_inside_the_tree_shows_when_the_answer_is_drawn_anew(
    site, visitor, issued, monkeypatch
):
    says(visitor, issued.code, "valid")
    with site.app.app_context():
        untriggered("UPDATE log_node SET hash = (SELECT seal FROM certificate)")
    monkeypatch.setattr(memo, "LASTS", 0.0)  # its time is over
    body = visitor.get(f"/v/{issued.code}", headers=JSON).json
    assert (body["status"], body["fault"]) == ("damaged", "log")


def test_a_newer_signed_note_is_shown_at_once(site, cast, elsewhere, visitor, issued):
    says(visitor, issued.code, "valid")
    with elsewhere.app.app_context():
        issue_now(skill_request(cast.zhao, cast.base))
    for _ in range(2):
        assert visitor.get(f"/v/{issued.code}", headers=JSON).json["log"]["tree_size"] == 2


def test_a_revocation_between_reading_and_drawing_leaves_nothing_stale(
    elsewhere, visitor, issued, door, monkeypatch
):
    inner = door._inner

    def late(environ, start_response):
        monkeypatch.setattr(door, "_inner", inner)
        act(elsewhere, revoke, issued)
        return inner(environ, start_response)

    monkeypatch.setattr(door, "_inner", late)
    says(visitor, issued.code, "revoked")


def planted(door, code, old):
    """Make the door's memory say what it said before the certificate changed."""
    door.memo.forget()
    door.memo._known[code] = old


def test_a_planted_stale_answer_is_not_given(site, visitor, issued, door):
    says(visitor, issued.code, "valid")
    old = door.memo._known[issued.code]
    old = dataclasses.replace(old, drawn=dict(old.drawn))
    act(site, revoke, issued)
    planted(door, issued.code, old)
    says(visitor, issued.code, "revoked")


def test_and_these_tests_would_see_one_that_is(site, visitor, issued, door, monkeypatch):
    says(visitor, issued.code, "valid")
    monkeypatch.setattr(Known, "rests_on", lambda *_: True)
    act(site, revoke, issued)
    says(visitor, issued.code, "valid")
    with pytest.raises(AssertionError):
        says(visitor, issued.code, "revoked")


@pytest.mark.parametrize(
    "odd", ["elder=1; text=030", "elder=1; text=018", "elder=x y; elder=1; text=030"]
)
def test_an_odd_cookie_draws_nothing_that_others_get(site, issued, door, odd):
    path = f"/v/{issued.code}"

    def page(cookies):
        visitor = site.app.test_client(use_cookies=False)
        answer = visitor.get(path, environ_overrides={"HTTP_COOKIE": cookies})
        return re.search("<html[^>]*>", answer.text)[0]

    plain, large = page(""), page("elder=1")
    door.memo.forget()
    page(odd)
    assert (page(""), page("elder=1")) == (plain, large)
