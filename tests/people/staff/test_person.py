"""A person's page: masked, in scope only, every look recorded, corrections as new facts."""

import io
from datetime import date

import pytest
from PIL import Image
from sqlalchemy import func, select

from lms.core.audit import AuditEvent
from lms.core.db import session
from lms.people.api import photo_of, spells_as_known
from lms.people.models import EmploymentSpell, PersonPhoto, Reveal
from lms.people.staff.photos import SIZE, BadPhoto, portrait
from tests.cast import citizen_id
from tests.factories.rosters import WANG, carry_out, line
from tests.forms import post


def picture(width=600, height=800, kind="JPEG", **more) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), (200, 180, 160)).save(out, kind, **more)
    return out.getvalue()


@pytest.fixture
def hr(sign_in, cast):
    return sign_in(cast.li)


def statement(site, person_id: int) -> int:
    query = select(EmploymentSpell.id).where(
        EmploymentSpell.person_id == person_id, EmploymentSpell.superseded_at.is_(None)
    )
    with site.app.app_context():
        return session().scalars(query).one()


def test_the_page_is_masked(hr, cast):
    page = hr.get(f"/staff/{cast.wang}").text
    assert "140105********" in page
    assert "138****0001" in page
    assert WANG not in page


@pytest.mark.parametrize("who", ["sun", "other_county"])
@pytest.mark.parametrize("place", ["", "/edit", "/photo", "/photo.jpg"])
def test_outside_the_scope_nobody_is_there(sign_in, cast, who, place):
    assert sign_in(getattr(cast, who)).get(f"/staff/{cast.wang}{place}").status_code == 404
    assert sign_in(getattr(cast, who)).get(f"/staff/999999{place}").status_code == 404


def test_writes_outside_the_scope_change_nothing(site, sign_in, cast):
    stranger, spell = sign_in(cast.sun), statement(site, cast.wang)
    base = f"/staff/{cast.wang}"
    for place, data in (
        ("/reveal", {"field": "id", "reason": "核对证件信息"}),
        ("/slip", {}),
        ("/edit", {"name": "改名"}),
        (f"/spells/{spell}/leave", {"ended_on": "2026-11-01"}),
        (f"/spells/{spell}/correct", {"post": "director", "started_on": "2024-03-01"}),
    ):
        assert post(stranger, base + place, data, page="/staff").status_code == 404, place
    assert statement(site, cast.wang) == spell


def test_a_number_is_revealed_with_a_reason_that_stays_on_record(site, hr, sign_in, cast):
    address = f"/staff/{cast.wang}"
    shown = post(
        hr, f"{address}/reveal", {"field": "id", "reason": "核对社保缴费信息"}, page=address
    )
    assert WANG in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    assert WANG not in hr.get(address).text
    with site.app.app_context():
        look = session().scalars(select(Reveal)).one()
        assert (look.person_id, look.actor_id, look.reason) == (
            cast.wang,
            cast.li,
            "核对社保缴费信息",
        )
        trail = select(AuditEvent).where(AuditEvent.action == "person.reveal")
        assert session().scalars(trail).one().details == {"field": "id"}
    assert "核对社保缴费信息" in sign_in(cast.wang).get("/me/looks").text


@pytest.mark.parametrize("reason", ["", "  ", "看"])
def test_without_a_reason_nothing_is_revealed(site, hr, cast, reason):
    address = f"/staff/{cast.wang}"
    shown = post(hr, f"{address}/reveal", {"field": "id", "reason": reason}, page=address)
    assert shown.status_code == 422
    assert WANG not in shown.text
    with site.app.app_context():
        assert session().scalar(select(func.count()).select_from(Reveal)) == 0


def test_only_numbers_can_be_revealed(hr, cast):
    data = {"field": "photo_sealed", "reason": "核对信息"}
    address = f"/staff/{cast.wang}"
    assert post(hr, f"{address}/reveal", data, page=address).status_code == 404


def test_leaving_is_a_new_fact(site, hr, cast):
    address = f"/staff/{cast.wang}/spells/{statement(site, cast.wang)}/leave"
    assert hr.get(address).status_code == 200
    bad = post(hr, address, {"ended_on": "2020-01-01"}, page=address)
    assert bad.status_code == 422
    assert "早于入职" in bad.text
    assert post(hr, address, {"ended_on": "2026-01-31"}, page=address).status_code == 303
    with site.app.app_context():
        assert [f.ended_on for f in spells_as_known([cast.wang])] == [date(2026, 1, 31)]
        rows = select(func.count()).where(EmploymentSpell.person_id == cast.wang)
        assert session().scalar(rows) == 2
    assert post(hr, address, {"ended_on": "2026-01-30"}, page="/staff").status_code == 409


def test_a_correction_keeps_what_was_said_before(site, hr, cast):
    address = f"/staff/{cast.wang}/spells/{statement(site, cast.wang)}/correct"
    data = {"post": "nurse", "started_on": "2023-09-01", "ended_on": ""}
    assert post(hr, address, data, page=address).status_code == 303
    page = hr.get(f"/staff/{cast.wang}").text
    assert "2023年9月1日" in page
    assert "更正以前的记录（1 条）" in page
    assert post(hr, address, data, page="/staff").status_code == 409


def test_a_name_is_corrected_and_a_phone_replaced(hr, cast):
    address = f"/staff/{cast.wang}/edit"
    assert post(hr, address, {"name": "王桂蘭", "phone": "123"}, page=address).status_code == 422
    done = post(hr, address, {"name": "王桂蘭", "phone": "13811113333"}, page=address)
    assert done.status_code == 303
    page = hr.get(f"/staff/{cast.wang}").text
    assert "王桂蘭" in page
    assert "138****3333" in page


def test_nobody_keeps_her_own_record(site, hr, cast):
    assert hr.get(f"/staff/{cast.li}").status_code == 200
    assert hr.get(f"/staff/{cast.li}/edit").status_code == 404
    own = f"/staff/{cast.li}/spells/{statement(site, cast.li)}/leave"
    assert post(hr, own, {"ended_on": "2026-01-31"}, page="/staff").status_code == 403


def test_a_former_employer_sees_its_own_stay_and_no_more(site, sign_in, cast):
    with site.app.app_context():
        carry_out(cast.li, line("赵秀英", citizen_id(2), "", started="2026-05-01"))
    page = sign_in(cast.sun).get(f"/staff/{cast.zhao}").text
    assert "古城养老院" in page
    assert "康宁养老院" not in page
    assert "查看完整号码" not in page
    mine = sign_in(cast.li).get(f"/staff/{cast.zhao}").text
    assert "古城养老院" in mine, "history follows the person"


def test_a_slip_is_printed_for_ones_own_staff(hr, cast):
    printed = post(hr, f"/staff/{cast.wang}/slip", page=f"/staff/{cast.wang}")
    assert printed.status_code == 200
    assert "slip-code" in printed.text


def test_a_portrait_is_cut_cleaned_and_encrypted(site, hr, cast):
    address = f"/staff/{cast.wang}/photo"
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    data = {"photo": (io.BytesIO(picture(exif=exif)), "me.jpg"), "anyway": "y"}
    done = post(hr, address, data, page=address, content_type="multipart/form-data")
    assert done.status_code == 303
    shown = hr.get(f"{address}.jpg")
    assert shown.headers["Cache-Control"] == "no-store"
    with Image.open(io.BytesIO(shown.data)) as kept:
        assert (kept.size, kept.format, dict(kept.getexif())) == (SIZE, "JPEG", {})
    assert b"secret place" not in shown.data
    with site.app.app_context():
        assert photo_of(cast.wang) == shown.data
        assert shown.data not in session().scalars(select(PersonPhoto.sealed)).one()


def test_i_can_keep_my_own_portrait(sign_in, cast):
    me = sign_in(cast.wang)
    assert me.get("/me/photo.jpg").status_code == 404
    data = {"photo": (io.BytesIO(picture(kind="PNG")), "me.png"), "anyway": "y"}
    done = post(me, "/me/photo", data, page="/me/photo", content_type="multipart/form-data")
    assert done.status_code == 303
    assert me.get("/me/photo.jpg").status_code == 200


def animation() -> bytes:
    out = io.BytesIO()
    frames = [Image.new("RGB", (300, 400), colour) for colour in ("red", "blue")]
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:])
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"", b"no picture", picture(50, 50), picture(8000, 7000, "PNG"), picture(kind="GIF"),
        picture()[:900], b"x" * (8 * 1024 * 1024 + 1), animation(), b"<svg onload='x'/>",
    ],
)  # fmt: skip
def test_what_is_no_portrait_is_refused_in_words(app, data):
    with pytest.raises(BadPhoto) as refusal:
        portrait(data)
    assert "照片" in str(refusal.value)
