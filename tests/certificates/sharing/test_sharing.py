"""Links with an end: unguessable, hers alone to make and end, showing what she chose, counted."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select, text

from certificates import checks
from certificates.errors import TooManyShares
from certificates.sharing.models import Share
from certificates.sharing.operations import MOST_OPEN, hashed, make
from certificates.sharing.queries import opened, shares_of
from lms.core import clock
from lms.core.access import SYSTEM
from lms.core.db import session
from lms.core.uow import unit_of_work
from tests.factories.certificates import issue_now, skill_request
from tests.forms import token_from
from tests.together import at_once, refusals


@pytest.fixture
def issued(site, cast):
    with site.app.app_context():
        return issue_now(skill_request(cast.wang, cast.base))


def share(browser, issued, **chosen):
    page = f"/certificates/{issued.code}/share"
    form = {"csrf_token": token_from(browser, page), "days": "7", **chosen}
    answer = browser.post(page, data=form, follow_redirects=True)
    assert answer.status_code == 200
    return re.search(r"/s/([\w-]+)", answer.text)[1]


def test_a_link_shows_what_she_chose_and_nothing_more(visitor, sign_in, cast, issued):
    mine = sign_in(cast.wang)
    bare = visitor.get(f"/s/{share(mine, issued)}")
    assert "有效" in bare.text
    assert "王*兰" in bare.text
    assert "王桂兰" not in bare.text
    named = visitor.get(f"/s/{share(mine, issued, name='y')}")
    assert "王桂兰" in named.text
    assert "王*兰" not in named.text
    assert issued.number in named.text
    assert "140105196803124046" not in named.text


def test_it_is_private_to_those_who_have_it(visitor, sign_in, cast, issued):
    answer = visitor.get(f"/s/{share(sign_in(cast.wang), issued)}")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_it_ends_on_its_day_and_when_she_says_so(site, visitor, sign_in, cast, issued):
    mine = sign_in(cast.wang)
    token, other = share(mine, issued), share(mine, issued)
    with site.app.app_context():
        until = clock.today() + timedelta(days=7)
        number = session().scalar(select(Share.id).where(Share.token_hash == hashed(token)))
        assert opened(token, until) is not None
        assert opened(token, until + timedelta(days=1)) is None
    page = f"/certificates/{issued.code}/share"
    mine.post(f"{page}/{number}/end", data={"csrf_token": token_from(mine, page)})
    gone = visitor.get(f"/s/{token}")
    assert gone.status_code == 404
    assert "链接已失效" in gone.text
    assert visitor.get(f"/s/{other}").status_code == 200
    with time_machine.travel(clock.start_of(until) + timedelta(days=1), tick=False):
        assert visitor.get(f"/s/{other}").status_code == 404


def test_openings_are_counted_for_her_by_day_and_her_own_are_not(
    site, visitor, sign_in, cast, issued
):
    mine = sign_in(cast.wang)
    token = share(mine, issued)
    mine.get(f"/s/{token}")
    for _ in range(3):
        visitor.get(f"/s/{token}")
    with site.app.app_context():
        checks.buffer().flush()
        (told,) = shares_of(issued.certificate_id, clock.today())
        assert (told.times, told.last_on) == (3, clock.today())
        assert checks.days_of(issued.certificate_id) == [(clock.today(), 3)]
    assert "被打开 3 次" in mine.get(f"/certificates/{issued.code}/share").text


def test_the_database_does_not_hold_the_token_and_it_has_enough_bits(site, sign_in, cast, issued):
    token = share(sign_in(cast.wang), issued)
    assert len(token) >= 22  # 128 bits in base 64
    with site.app.app_context():
        rows = session().execute(text("SELECT * FROM certificate_share")).all()
        assert token not in str(rows)
        sealed = b"".join(value for row in rows for value in row if isinstance(value, bytes))
        assert token.encode() not in sealed


def test_a_photo_is_shown_only_if_chosen(visitor, sign_in, cast, issued):
    mine = sign_in(cast.wang)
    for token in (share(mine, issued), share(mine, issued, photo="y"), "x" * 32):
        assert visitor.get(f"/s/{token}/photo.jpg").status_code == 404  # she has none


def test_nobody_else_makes_lists_or_ends_her_links(site, sign_in, cast, issued):
    share(sign_in(cast.wang), issued)
    page = f"/certificates/{issued.code}/share"
    for person in (cast.zhao, cast.county, cast.zhou):
        stranger = sign_in(person)
        assert stranger.get(page).status_code == 404
        token = token_from(stranger, "/certificates")
        for path in (page, f"{page}/1/end"):
            assert stranger.post(path, data={"csrf_token": token, "days": "7"}).status_code == 404
    with site.app.app_context():
        assert session().scalar(select(Share.ended_at)) is None


def test_strange_ends_and_too_many_links_are_refused(site, sign_in, cast, issued):
    mine, page = sign_in(cast.wang), f"/certificates/{issued.code}/share"
    token = token_from(mine, page)
    mine.post(page, data={"csrf_token": token, "days": "36500"})
    with site.app.app_context():
        assert session().scalar(select(Share.id)) is None
        with unit_of_work():
            for _ in range(MOST_OPEN):
                make(issued.certificate_id, 7, (False, False), SYSTEM, clock.now())
    assert mine.post(page, data={"csrf_token": token, "days": "7"}).status_code == 409


def test_links_made_at_once_do_not_exceed_what_one_certificate_may_have(site, cast, issued):
    with site.app.app_context(), unit_of_work():
        for _ in range(MOST_OPEN - 2):
            make(issued.certificate_id, 7, (False, False), SYSTEM, clock.now())

    def another() -> None:
        with unit_of_work():
            make(issued.certificate_id, 7, (False, False), SYSTEM, clock.now())

    results = at_once(site.app, 8, another)
    assert refusals(results) == [TooManyShares] * 6
    assert results.count(None) == 2
    with site.app.app_context():
        assert session().scalar(select(func.count()).select_from(Share)) == MOST_OPEN
