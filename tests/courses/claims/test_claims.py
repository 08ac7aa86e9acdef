"""Hours earned elsewhere: asked for with proof, decided by a second person, posted once."""

import io
from datetime import date, timedelta

import pytest
import time_machine
from PIL import Image
from sqlalchemy import select

from courses.api import hours_in_year
from courses.claims import queries
from courses.claims.models import CreditClaim
from courses.claims.operations import ClaimDraft, OwnClaim, claim, decide
from courses.credits.models import CreditEntry
from lms.core import clock
from lms.core.db import session
from lms.core.errors import Conflict, Invalid
from lms.core.notify import unread
from lms.core.uow import unit_of_work
from lms.people.api import actor_of
from tests.factories.central import NINE
from tests.factories.media import picture
from tests.forms import post


@pytest.fixture(autouse=True)
def november():
    with time_machine.travel(NINE, tick=False):
        yield


def a_draft(**changed):
    told = {
        "kind": "training", "title": "压疮护理培训班", "organiser": "某护理学院",
        "held_on": date(2026, 10, 8), "units": 8, "evidence": "结业证 12 号", "picture": None,
    }  # fmt: skip
    return ClaimDraft(**(told | changed))


def filed(do, by, draft=None):
    def run():
        with unit_of_work():
            actor = actor_of(by, clock.now())
            return claim(by, draft or a_draft(), actor, clock.now()).id

    return do(run)


def decided(do, number, step, by, reason=""):
    def run():
        with unit_of_work():
            return decide(number, step, reason, actor_of(by, clock.now()), clock.now()).step

    return do(run)


def test_an_approval_posts_the_hours_once_and_tells_her(do, cast):
    number = filed(do, cast.wang)
    assert do(hours_in_year, cast.wang, 2026)["professional"] == 0
    for _ in range(2):
        decided(do, number, "approved", cast.li)
    assert do(hours_in_year, cast.wang, 2026)["professional"] == 80
    assert do(lambda: len(session().scalars(select(CreditEntry)).all())) == 1
    assert [n.kind for n in do(unread, cast.wang)] == ["credit.claim.approved"]


def test_an_approval_taken_back_reverses_them_by_a_new_entry(do, cast):
    number = filed(do, cast.wang)
    decided(do, number, "approved", cast.li)
    with pytest.raises(Invalid):
        decided(do, number, "taken_back", cast.county)
    for _ in range(2):
        decided(do, number, "taken_back", cast.county, "证书是假的")
    assert do(hours_in_year, cast.wang, 2026)["professional"] == 0
    assert do(lambda: len(session().scalars(select(CreditEntry)).all())) == 2


def test_nobody_decides_on_her_own_and_a_decision_stands(do, cast):
    own = filed(do, cast.li)
    with pytest.raises(OwnClaim):
        decided(do, own, "approved", cast.li)
    with pytest.raises(OwnClaim):
        decided(do, own, "withdrawn", cast.county)
    decided(do, own, "withdrawn", cast.li)
    with pytest.raises(Conflict):
        decided(do, own, "approved", cast.county)
    with pytest.raises(Conflict):
        decided(do, filed(do, cast.wang), "taken_back", cast.county, "未通过的不能撤销")


@pytest.mark.parametrize(
    ("kind", "units", "tenths"),
    [("training", 8, 80), ("training", 100, 400), ("lecture", 1, 20), ("lecture", 9, 80),
     ("article", 1, 100), ("study", 1, 300), ("teaching", 4, 80), ("contest", 1, 80)],
)  # fmt: skip
def test_units_become_hours_by_the_rule_up_to_its_most(do, cast, kind, units, tenths):
    number = filed(do, cast.wang, a_draft(kind=kind, units=units))
    row = do(lambda: queries.one_claim(number)[0])
    assert (row.tenths, row.rule) == (tenths, "credits.ledger@1")


@pytest.mark.parametrize(
    "changed",
    [{"kind": "cooking"}, {"held_on": date(2026, 11, 24)}, {"held_on": date(2024, 12, 31)},
     {"units": 0}, {"units": 401}, {"title": " "}, {"organiser": ""}, {"evidence": " "}],
)  # fmt: skip
def test_nonsense_is_refused(do, cast, changed):
    with pytest.raises(Invalid):
        filed(do, cast.wang, a_draft(**changed))


@pytest.mark.parametrize("day", ["0001-01-01", "1999-12-31", "9999-12-31"])
def test_a_day_that_no_rule_knows_is_refused_in_plain_words(do, cast, sign_in, day):
    sent = post(sign_in(cast.wang), "/learn/hours/claim", form(held_on=day))
    assert sent.status_code == 422
    assert do(lambda: session().scalar(select(CreditClaim.id))) is None


def test_nobody_fills_the_disk_with_claims(do, cast, sign_in):
    wang = sign_in(cast.wang)
    sent = [post(wang, "/learn/hours/claim", form()).status_code for _ in range(31)]
    assert sent == [303] * 30 + [429]


def test_hours_above_the_cap_are_shown_but_do_not_count(do, cast):
    for n in (1, 2):
        decided(do, filed(do, cast.wang, a_draft(units=8, title=f"班 {n}")), "approved", cast.li)
    (found,) = do(queries.balances, cast.wang, date(2026, 11, 23))
    assert (found.total, found.over_cap, found.missing) == (100, {"claim": 60}, 100)


def test_a_balance_can_be_asked_as_it_was_known(do, cast):
    number = filed(do, cast.wang)
    with time_machine.travel(NINE + timedelta(days=3), tick=False):
        decided(do, number, "approved", cast.li)
        before = do(queries.balances, cast.wang, date(2026, 11, 23), NINE + timedelta(days=1))
        after = do(queries.balances, cast.wang, date(2026, 11, 23), NINE + timedelta(days=4))
    assert (before[0].total, after[0].total) == (0, 80)


def form(**changed):
    return {
        "kind": "training", "title": "压疮护理培训班", "organiser": "某护理学院",
        "held_on": "2026-10-08", "units": "8", "evidence": "结业证 12 号",
    } | changed  # fmt: skip


def test_the_whole_way_in_the_browser(do, cast, sign_in):
    photo = picture("PNG", (2400, 1200))
    wang = sign_in(cast.wang)
    sent = post(
        wang, "/learn/hours/claim", form(picture=(io.BytesIO(photo), "proof.png")),
        content_type="multipart/form-data",
    )  # fmt: skip
    assert sent.status_code == 303
    number = do(lambda: session().scalar(select(CreditClaim.id)))
    kept = wang.get(f"/learn/hours/claims/{number}/picture")
    with Image.open(io.BytesIO(kept.data)) as shown:
        assert (shown.format, shown.size) == ("JPEG", (1600, 800))
    assert "no-store" in kept.headers["Cache-Control"]
    li = sign_in(cast.li)
    assert "王桂兰 · 压疮护理培训班" in li.get("/credits/claims").text
    assert post(li, f"/credits/claims/{number}/approved").status_code == 303
    page = wang.get("/learn/hours").text
    assert "还差 12 学时" in page
    assert "压疮护理培训班" in wang.get("/learn/hours.csv").text
    assert "压疮护理培训班" not in li.get("/credits/claims").text


@pytest.mark.parametrize("data", [b"", b"no picture", picture()[:60], b"%PDF-1.7 junk"])
def test_a_file_that_is_no_picture_is_refused(do, cast, sign_in, data):
    sent = post(
        sign_in(cast.wang), "/learn/hours/claim",
        form(evidence="", picture=(io.BytesIO(data), "x.jpg")), content_type="multipart/form-data",
    )  # fmt: skip
    assert sent.status_code in {400, 422}
    assert do(lambda: session().scalar(select(CreditClaim.id))) is None


def test_only_her_own_employer_and_region_see_and_decide(do, cast, sign_in):
    number = filed(do, cast.wang, a_draft(picture=picture()))
    for who in (cast.sun, cast.other_county, cast.zhao):
        client = sign_in(who)
        assert client.get(f"/learn/hours/claims/{number}").status_code == 404
        assert client.get(f"/learn/hours/claims/{number}/picture").status_code == 404
    assert post(sign_in(cast.sun), f"/credits/claims/{number}/approved").status_code == 404
    assert "压疮" not in sign_in(cast.sun).get("/credits/claims").text
    assert sign_in(cast.county).get(f"/learn/hours/claims/{number}").status_code == 200
    for reviewer in (cast.li, cast.county):
        desk = sign_in(reviewer)
        assert f'href="/credits/claims/{number}"' in desk.get("/credits/claims").text
        assert 'data-shell="staff"' in desk.get(f"/credits/claims/{number}").text


def test_study_leave_stands_beside_the_hours(do, cast, sign_in):
    li, address = sign_in(cast.li), f"/credits/people/{cast.wang}"
    assert (
        post(
            li, f"{address}/leave", {"year": "2026", "hours": "16.5", "note": "外出学习"}
        ).status_code
        == 303
    )
    assert "16.5 学时" in li.get(address).text
    assert "学习假 16.5 学时" in sign_in(cast.wang).get("/learn/hours").text
    assert post(li, f"{address}/leave", {"year": "2026", "hours": "0"}).status_code == 422
    assert (
        post(sign_in(cast.sun), f"{address}/leave", {"year": "2026", "hours": "8"}).status_code
        == 404
    )


def test_hours_learnt_elsewhere_do_not_fill_the_ring_of_central_training(do, cast, sign_in):
    decided(do, filed(do, cast.wang), "approved", cast.li)
    page = sign_in(cast.wang).get("/").text
    assert "0 / 8" in page
    assert 'href="/learn/hours"' in page
