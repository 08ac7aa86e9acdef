"""The pages of designs: drafted by one, seen and approved by another, closed to strangers."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from certificates.designs.models import Design, DesignStep
from lms.core import clock
from lms.core.db import session
from lms.core.uow import unit_of_work
from lms.people.api import actor_of
from lms.people.models import SignIn
from tests.factories.designs import drafted, seal_picture
from tests.factories.signing_in import sign_in_as
from tests.forms import post, token_from

FILLED = {
    "effective_from": "2026-11-01", "layout": "landscape", "frame": "corners", "accent": "#123C7A",
    "line": "#c9ab74", "title": "岗前培训合格证", "body": "于{时间}参加{内容}，共{学时}学时。",
}  # fmt: skip


def send(client, page, **changes):
    data = FILLED | {"seal": (io.BytesIO(seal_picture()), "seal.png")} | changes
    data["csrf_token"] = token_from(client, page)
    return client.post(page, data=data, content_type="multipart/form-data")


@pytest.fixture
def zhou(site, cast):
    return sign_in_as(site.app, cast.zhou)


def test_a_design_is_drafted_looked_at_and_approved_in_the_browser(site, cast, zhou):
    new = f"/designs/new/{cast.base}/course"
    assert zhou.get(f"/designs/new?issuer={cast.base}&kind=course").location == new
    where = send(zhou, new).location
    page = zhou.get(where).text
    assert "待批准" in page
    assert "请另一个人看过预览后批准" in page
    assert zhou.get(f"{where}/preview.webp").data[:4] == b"RIFF"
    assert post(zhou, f"{where}/approve", {}, page=where).status_code == 409
    county = sign_in_as(site.app, cast.county)
    assert post(county, f"{where}/approve", {}, page=where).status_code == 409  # not seen yet
    assert county.get(f"{where}/preview.pdf").data[:5] == b"%PDF-"
    assert post(county, f"{where}/approve", {}, page=where).status_code == 303
    assert "已批准" in zhou.get(where).text
    assert "岗前培训合格证" in zhou.get(new).text  # the next version begins with this one
    assert "不再使用上一版的这张图片" in zhou.get(new).text
    sent = post(county, f"{where}/retire", {"reason": "印章已更换"}, page=where)
    assert sent.status_code == 303
    assert "印章已更换" in zhou.get("/designs").text or "已停用" in zhou.get("/designs").text


@pytest.mark.parametrize("step", ["approve", "refuse", "retire"])
def test_a_word_on_a_design_asks_for_the_second_factor_again(site, cast, zhou, step):
    where = send(zhou, f"/designs/new/{cast.base}/course").location
    county = sign_in_as(site.app, cast.county)
    county.get(f"{where}/preview.pdf")
    with site.app.app_context(), unit_of_work():
        long_ago = clock.now() - timedelta(hours=2)
        session().execute(update(SignIn).values(second_factor_at=long_ago))
    answer = post(county, f"{where}/{step}", {"reason": "印章已更换"}, page=where)
    assert answer.location.startswith("/second-factor?")
    with site.app.app_context():
        assert set(session().scalars(select(DesignStep.kind))) == {"seen"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"accent": "#ffeeee"}, "主色太浅"),
        ({"body": "{生日}"}, "没有“{生日}”这一项"),
        ({"note": "\U0001f600"}, "U+1F600"),
        ({"seal": (io.BytesIO(b"<svg/>"), "seal.png")}, "不支持 SVG"),
        ({"effective_from": ""}, "请填写开始使用的日期"),
    ],
)
def test_what_cannot_be_printed_is_said_beside_its_field_and_nothing_kept(
    site, cast, zhou, changes, said
):
    answer = send(zhou, f"/designs/new/{cast.base}/course", **changes)
    assert answer.status_code == 422
    assert said in answer.text
    with site.app.app_context():
        assert session().scalar(select(func.count()).select_from(Design)) == 0


def test_a_skill_form_asks_for_no_words_and_sends_none(site, cast, zhou):
    page = f"/designs/new/{cast.base}/skill"
    assert "由标准规定" in zhou.get(page).text
    assert 'name="title"' not in zhou.get(page).text
    assert send(zhou, page).status_code == 303  # the words sent all the same are left out
    with site.app.app_context():
        assert "岗前" not in session().scalar(select(Design.spec))


@pytest.mark.parametrize("kind", ["skill", "ce", "course"])
def test_a_form_sent_as_its_page_shows_it_is_a_new_version(site, cast, zhou, kind):
    page = f"/designs/new/{cast.base}/{kind}"
    shown = zhou.get(page).text
    sent = {name: value for name, value in FILLED.items() if f'name="{name}"' in shown}
    sent |= {"layout": "portrait"} if "layout" in sent else {}
    answer = post(zhou, page, sent, page=page)
    assert answer.status_code == 303, answer.text


def test_strangers_learn_nothing_and_officers_do_not_draft(site, cast, zhou):
    with site.app.app_context():
        drafted(cast.base, "course", actor_of(cast.zhou, clock.now()))
    where = "/designs/1"
    for stranger in (cast.other_county, cast.wang, cast.li):
        client = sign_in_as(site.app, stranger)
        for path in ("", "/preview.webp", "/preview.pdf"):
            assert client.get(where + path).status_code in {403, 404}
    county = sign_in_as(site.app, cast.county)
    assert county.get(where).status_code == 200
    assert county.get(f"/designs/new/{cast.base}/course").status_code in {403, 404}
    assert zhou.get(f"/designs/new/{cast.gucheng}/course").status_code == 404
    assert zhou.get(f"/designs/new/{cast.base}/diploma").status_code == 404
    with site.app.app_context():
        assert session().scalar(select(func.count()).select_from(DesignStep)) == 0
