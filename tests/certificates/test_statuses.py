"""The key ring and the list of statuses as a strange verifier fetches them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from certificates.checks import buffer, days_of
from certificates.models import Certificate
from certificates.offline.fact import signed_fact
from certificates.offline.statuses import mark, written
from certificates.operations import correct, reinstate, revoke, suspend
from certificates.rules import Status
from certificates.sheet.answering import answers
from certificates.sheet.plan import Asked
from certificates.verification import verify
from lms.core import clock
from lms.core.access import SYSTEM
from lms.core.db import session
from lms.core.keys.folder import KeyFolder
from lms.core.keys.purposes import SEALS
from lms.core.signing import ring, signer
from lms.core.uow import unit_of_work
from tests.certificates.offline_reader import Refused, read_fact, read_ring, read_statuses
from tests.certificates.test_sealing import new_ring
from tests.factories.certificates import NOW, issue_now, skill_request
from tests.factories.keys import rotate
from tests.forms import token_from
from tests.statements import count_statements

CODE = "7Q2MK0V9ABCDEFGHJKMNPQRSTV"
RING = new_ring()
KEYS = RING.public_bytes()
AT = datetime(2026, 11, 25, 6, 20, tzinfo=UTC)
MARKS = {Status.REVOKED: [mark(CODE)], Status.SUSPENDED: [mark("0" * 26)]}
LIST = written(MARKS, AT, RING.current, RING)


def act(site, step, issued):
    with site.app.app_context(), unit_of_work():
        return step(issued.certificate_id, "成绩造假，查实", SYSTEM, NOW)


def fetched(visitor):
    keys = read_ring(visitor.get("/v/keys").json)
    return read_statuses(visitor.get("/v/statuses").data, keys)


def test_the_list_knows_what_is_not_valid_and_names_nobody(site, visitor, cast):
    with site.app.app_context():
        all_ = {name: issue_now(skill_request(cast.wang, cast.base)) for name in "abcde"}
    act(site, revoke, all_["a"])
    act(site, suspend, all_["b"])
    act(site, correct, all_["c"])
    act(site, suspend, all_["d"])
    act(site, reinstate, all_["d"])
    listed = fetched(visitor)
    assert [listed.of(all_[name].code) for name in "abcde"] == [
        "revoked", "suspended", "corrected", None, None,
    ]  # fmt: skip
    assert all_["a"].code.encode() not in visitor.get("/v/statuses").data
    assert abs(listed.as_of - clock.now()) < timedelta(minutes=2)


def test_a_revocation_is_listed_within_a_minute_and_the_bytes_are_shared(site, visitor, cast):
    with site.app.app_context():
        issued = issue_now(skill_request(cast.wang, cast.base))
    with time_machine.travel(AT, tick=False) as traveller:
        first = visitor.get("/v/statuses")
        act(site, revoke, issued)
        traveller.shift(timedelta(seconds=59))
        with count_statements() as seen:
            assert visitor.get("/v/statuses").data == first.data
        assert seen == []
        traveller.shift(timedelta(seconds=1))
        with count_statements() as seen:
            assert fetched(visitor).of(issued.code) == "revoked"
        assert len([line for line in seen if line.lstrip().startswith("SELECT")]) == 1
    assert first.headers["Cache-Control"] == "public, max-age=60"
    tag = visitor.get("/v/keys").headers["ETag"]
    again = visitor.get("/v/keys", headers={"If-None-Match": tag})
    assert again.status_code == 304
    assert again.data == b""


def test_after_a_change_of_keys_the_ring_has_both_and_the_new_one_signs(site, visitor):
    before = fetched(visitor).as_of
    with site.app.app_context():
        rotate(site.app)
        current = ring().current
    keys = read_ring(visitor.get("/v/keys").json)
    assert len(keys) == 2
    answer = visitor.get("/v/statuses").data
    assert answer[-72:-64].hex() == current
    assert read_statuses(answer, keys).as_of >= before


def test_neither_list_nor_fact_of_a_stolen_key_is_believed(site, visitor, cast):
    with site.app.app_context():
        issued = issue_now(skill_request(cast.wang, cast.base))
        old = ring().current
        facts = json.loads(session().get_one(Certificate, issued.certificate_id).facts)
        address = f"/v/{issued.code}#{signed_fact(facts, old, signer())}"
    before = visitor.get("/v/statuses").data
    assert read_fact(address, read_ring(visitor.get("/v/keys").json)).code == issued.code
    with site.app.app_context():
        rotate(site.app)
        folder = KeyFolder(site.app.extensions["settings"].signing.keys, SEALS)
        folder.compromised(old, NOW - timedelta(days=1), clock.now())
    keys = read_ring(visitor.get("/v/keys").json)
    for read in (lambda: read_statuses(before, keys), lambda: read_fact(address, keys)):
        with pytest.raises(Refused, match="unknown key"):
            read()
    assert fetched(visitor).of(issued.code) is None
    with site.app.app_context():
        assert signed_fact(facts, old, signer()) is None
        (line,) = answers([Asked(2, issued.code, issued.code, None, "")], NOW, NOW.date())
        assert line.status is verify(issued.code, NOW).status is Status.DOUBTFUL
        assert line.valid_then is False


def test_the_untouched_list_is_believed():
    assert read_statuses(LIST, KEYS).of(CODE) == "revoked"
    assert read_statuses(LIST, KEYS).of("0" * 26) == "suspended"
    assert read_statuses(LIST, KEYS).as_of == AT


@given(st.integers(0, len(LIST) - 1), st.integers(1, 255))
def test_any_changed_byte_of_the_list_is_refused(place, change):
    spoilt = bytearray(LIST)
    spoilt[place] ^= change
    with pytest.raises(Refused):
        read_statuses(bytes(spoilt), KEYS)


@given(st.integers(25, len(LIST) - 1), st.binary(min_size=1, max_size=6))
def test_a_mark_cannot_be_taken_out_or_put_in(place, more):
    for spoilt in (LIST[:place] + LIST[place + 6 :], LIST[:place] + more + LIST[place:]):
        with pytest.raises(Refused):
            read_statuses(spoilt, KEYS)


def tell(visitor, body):
    headers = {"X-CSRFToken": token_from(visitor, "/v")}
    return visitor.post("/v/offline-checks", json=body, headers=headers)


def test_checks_made_without_a_signal_are_counted_on_their_day(site, visitor, cast):
    with site.app.app_context():
        issued = issue_now(skill_request(cast.wang, cast.base))
        today = clock.today()
    days = [today - timedelta(days=2), today - timedelta(days=400), today + timedelta(days=1)]
    checks = [{"code": issued.code.lower(), "day": day.isoformat()} for day in days]
    checks += [{"code": "0" * 26, "day": today.isoformat()}, {"code": "?", "day": 7}, {}]
    answer = tell(visitor, {"checks": checks})
    assert (answer.status_code, answer.data) == (204, b"")
    with site.app.app_context():
        assert buffer().flush() == 3
        assert days_of(issued.certificate_id) == [(today, 2), (days[0], 1)]


@pytest.mark.parametrize(
    "body", [None, [], {}, {"checks": []}, {"checks": "x"}, {"checks": [{}] * 51}, {"checks": [7]}]
)
def test_a_report_that_is_none_is_refused(visitor, body):
    assert tell(visitor, body).status_code == 422


def test_reports_are_throttled(visitor):
    answers = [tell(visitor, {"checks": [{}]}) for _ in range(8)]
    assert [answer.status_code for answer in answers][::7] == [204, 429]


def test_the_page_for_no_signal_is_the_same_for_everybody(visitor, sign_in, cast):
    def plain(client):
        text = client.get("/v/offline").text
        return [line for line in text.splitlines() if "csrf_token" not in line]

    assert plain(visitor) == plain(sign_in(cast.wang))
    assert "印章真实" in visitor.get("/v/offline").text
