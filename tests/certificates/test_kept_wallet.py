"""The wallet on the phone: light pictures, what to keep, and as of when."""

import io

import pytest
import time_machine
from PIL import Image

from certificates.paper.render import THUMB_BYTES, thumbnail
from tests.factories.certificates import course_request, issue_now, skill_request


@pytest.fixture
def issued(site, cast):
    with site.app.app_context():
        return [
            issue_now(skill_request(cast.wang, cast.base)),
            issue_now(course_request(cast.wang, cast.base)),
        ]


def test_a_thumbnail_is_small_and_the_holders_alone(issued, sign_in, cast):
    client = sign_in(cast.wang)
    for one in issued:
        answer = client.get(f"/certificates/{one.code}/thumb.webp")
        assert (answer.status_code, answer.mimetype) == (200, "image/webp")
        assert len(answer.data) <= THUMB_BYTES
        assert Image.open(io.BytesIO(answer.data)).width == 180
        assert answer.headers["Cache-Control"] == "no-store"
        assert sign_in(cast.zhao).get(f"/certificates/{one.code}/thumb.webp").status_code == 404


def test_even_a_picture_that_does_not_shrink_stays_light():
    out = io.BytesIO()
    Image.effect_noise((600, 850), 120).convert("RGB").save(out, "PNG")
    assert len(thumbnail(out.getvalue())) <= THUMB_BYTES


def test_the_page_names_all_that_is_kept_and_as_of_when(issued, sign_in, cast):
    client = sign_in(cast.wang)
    with time_machine.travel("2026-11-25T06:30:00+00:00", tick=False):
        page = client.get("/certificates").text
        detail = client.get(f"/certificates/{issued[0].code}").text
    kept = page.split('data-keep="')[1].split('"')[0].split()
    assert kept[0] == "/certificates"
    assert set(kept[1:]) == {f"/certificates/{one.code}" for one in issued}
    assert page.count("data-kept src=") == 2
    assert "14:30" in page
    assert "14:30" in detail


def test_without_certificates_nothing_is_offered_to_keep(sign_in, cast):
    assert "data-keep" not in sign_in(cast.zhao).get("/certificates").text
