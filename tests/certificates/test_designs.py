"""Designs: seen and approved by a second person, pinned by papers, hostile pictures refused."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import product

import pytest
from PIL import Image
from pypdf import PdfReader
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from certificates.designs import operations, pictures, rules
from certificates.designs.errors import BadDesign, DesignDone, NotSeen, OwnDesign
from certificates.designs.models import DesignPicture
from certificates.designs.queries import design_for
from certificates.designs.rules import Spec
from certificates.documents import paper_of
from certificates.errors import Damaged, ReasonNeeded
from certificates.models import Certificate
from certificates.operations import correct
from certificates.paper import bases, render
from certificates.paper.face import Private, face
from certificates.paper.look import PLAIN
from lms.core.access import SYSTEM
from lms.core.db import session
from lms.core.errors import NotFound
from lms.core.uow import unit_of_work
from lms.people.api import actor_of
from tests.factories.certificates import (
    NOW,
    course_request,
    issue_now,
    skill_request,
    transcript_request,
)
from tests.factories.designs import approved, drafted, seal_picture

OWN_WORDS = {
    "title": "岗前培训合格证",
    "english": "INDUCTION CERTIFICATE",
    "body": "于{时间}参加{内容}，共{学时}学时，由{机构}考核合格。",
    "note": "本证可作为上岗依据。",
    "seal_note": "岗前专用章",
    "signer": "陈建国",
}


@pytest.fixture
def people(app, cast):
    """Who drafts and who approves: two of the base's own, under its county's officer."""
    return actor_of(cast.zhou, NOW), actor_of(cast.county, NOW)


def text_of(pdf):
    return "".join(PdfReader(io.BytesIO(pdf)).pages[0].extract_text().split())


def test_an_approved_design_gives_new_papers_its_words_and_is_named_in_the_facts(cast, people):
    design_id = approved(cast.base, "course", people, Spec(words=OWN_WORDS), seal=seal_picture())
    issued = issue_now(course_request(cast.wang, cast.base))
    facts = json.loads(session().get_one(Certificate, issued.certificate_id).facts)
    assert facts["design"]["id"] == design_id
    assert facts["design"]["version"] == 1
    assert facts["title"] == "岗前培训合格证"
    said = text_of(paper_of(issued.certificate_id, "pdf"))
    for word in (
        "岗前培训合格证", "INDUCTIONCERTIFICATE", "共32学时，由小店养老护理培训基地考核合格",
        "本证可作为上岗依据", "陈建国",
    ):  # fmt: skip
        assert word in said
    assert "岗前专用章" not in said  # the picture stands where the drawn seal was


def test_a_later_design_never_changes_papers_issued_before_it(site, cast, people):
    approved(cast.base, "course", people, Spec(frame="lines"), seal=seal_picture())
    issued = issue_now(course_request(cast.wang, cast.base))
    first = {form: paper_of(issued.certificate_id, form) for form in ("pdf", "png")}
    later = approved(cast.base, "course", people, Spec(layout="landscape", words=OWN_WORDS))
    with unit_of_work():
        operations.retire(later, "印章图片有误", people[1], NOW)
    for kept in (render.Path(site.app.instance_path) / "rendered").glob("*.sealed"):
        kept.unlink()
    for form, content in first.items():
        assert paper_of(issued.certificate_id, form) == content


@pytest.mark.parametrize(
    ("since", "expected"), [(date(2026, 11, 20), 1), (date(2026, 11, 21), None)]
)
def test_a_design_counts_from_its_day_on(cast, people, since, expected):
    approved(cast.base, "course", people, since=since)
    assert design_for(cast.base, "course", date(2026, 11, 20)).facts.get("version") == expected
    assert "id" not in design_for(cast.base, "central", date(2026, 11, 21)).facts
    assert "id" not in design_for(cast.kangning, "course", date(2026, 11, 21)).facts


def test_the_newest_day_wins_and_a_retired_design_gives_way(cast, people):
    approved(cast.base, "ce", people, since=date(2026, 1, 1))
    newer = approved(cast.base, "ce", people, since=date(2026, 11, 1))
    approved(cast.base, "ce", people, since=date(2026, 6, 1))
    day = date(2026, 11, 20)
    assert design_for(cast.base, "ce", day).facts["version"] == 2
    with unit_of_work():
        operations.retire(newer, "印章停用", people[0], NOW)
    assert design_for(cast.base, "ce", day).facts["version"] == 3


def test_nobody_approves_her_own_or_unseen_design_or_twice(cast, people):
    drafter, approver = people
    design_id = drafted(cast.base, "course", drafter)
    assert "id" not in design_for(cast.base, "course", date(2026, 11, 20)).facts
    with unit_of_work():
        operations.note_seen(design_id, drafter, NOW)
    with pytest.raises(OwnDesign):
        operations.approve(design_id, drafter, NOW)
    with pytest.raises(NotSeen):
        operations.approve(design_id, approver, NOW)
    with unit_of_work():
        operations.note_seen(design_id, approver, NOW)
        operations.note_seen(design_id, approver, NOW)
        operations.approve(design_id, approver, NOW)
    for again in (
        lambda: operations.approve(design_id, approver, NOW),
        lambda: operations.refuse(design_id, "不再需要", approver, NOW),
    ):
        with pytest.raises(DesignDone):
            again()


def test_a_refused_design_is_never_used_and_says_why(cast, people):
    design_id = drafted(cast.base, "course", people[0])
    with pytest.raises(ReasonNeeded):
        operations.refuse(design_id, " 否 ", people[1], NOW)
    with unit_of_work():
        operations.refuse(design_id, "印章与备案不符", people[1], NOW)
    assert "id" not in design_for(cast.base, "course", date(2026, 11, 20)).facts
    with pytest.raises(DesignDone):
        operations.retire(design_id, "印章与备案不符", people[1], NOW)


@pytest.mark.parametrize(
    ("kind", "spec", "field"),
    [
        ("skill", Spec(words={"title": "技能证书"}), "title"),
        ("skill", Spec(words={"body": "改过的正文"}), "title"),
        ("skill", Spec(layout="landscape"), "layout"),
        ("skill", Spec(frame="lines"), "frame"),
        ("ce", Spec(layout="landscape"), "layout"),
        ("course", Spec(layout="round"), "layout"),
        ("course", Spec(frame="none"), "frame"),
        ("course", Spec(accent="#ffd0d0"), "accent"),
        ("course", Spec(accent='red");#panic("'), "accent"),
        ("course", Spec(line="#12345"), "line"),
        ("course", Spec(words={"title": "很" * 13}), "title"),
        ("course", Spec(words={"english": "中文"}), "english"),
        ("course", Spec(words={"body": "{姓名}结业"}), "body"),
        ("course", Spec(words={"body": "花括号 { 没有合上"}), "body"),
        ("course", Spec(words={"note": "{时间}"}), "note"),
    ],
)
def test_a_design_that_cannot_be_printed_or_may_not_be_is_refused(kind, spec, field):
    with pytest.raises(BadDesign) as caught:
        rules.check(spec, kind)
    assert caught.value.field == field


def test_a_word_the_font_cannot_print_is_refused_by_its_field(cast, people):
    for field, word in (("note", "有表情\U0001f600"), ("signer", "\u200b")):
        with pytest.raises(BadDesign, match=r"U\+") as caught:
            drafted(cast.base, "course", people[0], Spec(words={field: word}))
        assert caught.value.field == field


def test_a_skill_design_changes_pictures_and_colours_and_nothing_that_is_read(cast, people):
    plain = issue_now(skill_request(cast.wang, cast.base))
    approved(
        cast.base, "skill", people, Spec(accent="#123c7a"),
        seal=seal_picture(), logo=seal_picture(), signature=seal_picture(),
    )  # fmt: skip
    own = issue_now(skill_request(cast.wang, cast.base))
    one, other = (text_of(paper_of(i.certificate_id, "pdf")) for i in (plain, own))
    assert other.replace("负责人", "")[:200] == one.replace(plain.number, own.number)[:200]
    assert "职业技能等级证书" in other


def test_what_looks_like_markup_is_printed_as_it_stands(cast, people):
    words = {"note": '#image("/etc/passwd") *重* $x$ \\ <a>', "body": "结业#panic()，{内容}"}
    approved(cast.base, "course", people, Spec(words=words))
    said = text_of(paper_of(issue_now(course_request(cast.wang, cast.base)).certificate_id, "pdf"))
    assert '#image("/etc/passwd")*重*$x$' in said
    assert "结业#panic()，养老护理员岗前培训" in said


SHORT = {"subject": "养老护理员岗前培训", "tenths": 320, "from": "2026-11-02", "to": "2026-11-06"}
LONG = {
    "subject": "失能失智老年人长期照护技术与应急处置专题培训班" * 4,
    "tenths": 325,
    "place": "太原市小店区养老护理培训基地三楼多功能报告厅" * 2,
}


def test_every_layout_and_frame_is_one_page_and_long_facts_stand_upright():
    words = {
        "title": "很" * 12,
        "body": "长" * 110 + "{内容}",
        "note": "注" * 90,
        "signer": "欧阳某",
    }
    for layout, frame, (kind, details) in product(
        rules.LAYOUTS, rules.FRAMES, (("course", SHORT), ("central", LONG))
    ):
        pdf = draw_known(kind, replace(PLAIN, layout=layout, frame=frame, words=words), details)
        reader = PdfReader(io.BytesIO(pdf))
        assert len(reader.pages) == 1, (layout, frame, kind)
        wide, high = (float(x) for x in reader.pages[0].mediabox[2:])
        assert (wide > high) == (layout == "landscape" and details is SHORT)


BOMB = (
    b"\x89PNG\r\n\x1a\n" + bytes.fromhex("0000000d49484452000186a0000186a00800000000") + b"\0" * 40
)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="400" height="400"><script/></svg>'


@pytest.mark.parametrize(
    "data",
    [
        b"", b"no picture", SVG, b"<?xml version='1.0'?>" + SVG, BOMB, b"%PDF-1.7 " * 50,
        seal_picture()[:300], seal_picture(size=(40, 40)), seal_picture("GIF"),
        seal_picture(size=(4100, 4100)), seal_picture() + b"\0" * (3 * 1024 * 1024),
        seal_picture("WEBP", save_all=True, append_images=[Image.new("RGB", (400, 400))]),
    ],
    ids=len,
)  # fmt: skip
def test_a_hostile_picture_is_refused(data):
    with pytest.raises(BadDesign) as caught:
        pictures.cleaned(data, "seal")
    assert caught.value.field == "seal"


def test_a_kept_picture_holds_pixels_only_clears_its_paper_and_is_encrypted(cast, people):
    exif = Image.Exif()
    exif[0x010E] = "SECRET PLACE"
    approved(cast.base, "course", people, seal=seal_picture("JPEG", exif=exif, comment=b"SECRET"))
    row = session().scalars(select(DesignPicture)).one()
    assert b"PNG" not in row.sealed
    content = operations.vault().open(row.sealed, operations.picture_place(row.digest))
    assert b"SECRET" not in content
    kept = Image.open(io.BytesIO(content))
    assert kept.info == {}
    assert kept.getpixel((0, 0))[3] == 0
    assert kept.getpixel((200, 35))[3] == 255


def test_another_bodys_seal_cannot_be_named(cast, people):
    mine = pictures.digest_of(pictures.cleaned(seal_picture(), "seal"))
    drafted(cast.base, "course", people[0], seal=seal_picture())
    with pytest.raises(NotFound):
        drafted(cast.gucheng, "course", SYSTEM, Spec(pictures={"seal": mine}))
    session().rollback()
    assert drafted(cast.base, "course", people[0], Spec(pictures={"seal": mine}))


def test_the_database_refuses_to_change_a_design(cast, people):
    approved(cast.base, "course", people, seal=seal_picture())
    for table in ("certificate_design", "certificate_design_step", "certificate_design_picture"):
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET id = id + 100"):
            with pytest.raises(DatabaseError):
                session().execute(text(statement))
            session().rollback()


def test_a_design_changed_behind_the_products_back_prints_nothing(cast, people, monkeypatch):
    approved(cast.base, "course", people)
    issued = issue_now(course_request(cast.wang, cast.base))
    monkeypatch.setattr("certificates.designs.queries.rules.digest_of", lambda _text: "0" * 64)
    with pytest.raises(Damaged):
        paper_of(issued.certificate_id, "pdf")


def test_a_corrected_certificate_takes_the_design_of_its_day(cast, people):
    old = issue_now(course_request(cast.wang, cast.base))
    approved(cast.base, "course", people, since=date(2026, 11, 21))
    with unit_of_work():
        new = correct(old.certificate_id, "姓名有误，已核实", SYSTEM, NOW)
    facts = json.loads(session().get_one(Certificate, new.certificate_id).facts)
    assert facts["design"] == {"base": 1}


#: Base 1 as papers were first drawn with it. It is never edited: a change is a new base.
BASE_1 = "85198aae7fa49e254c1d2662df463972f7adfa1bad5f5e68433d722ea7ffb600"
#: The same papers' bytes; another Typst draws other bytes, and then needs a decision.
DRAWN = {
    "skill": "d1621e5bf9c3693931a727344dfc20781abf44ed24fdcf278fb6a452359e3644",
    "course": "39e63d9a8dbd7defe52beaac4b00ec2cd594febc0ee6b6eba9626b9c55670720",
    "ce": "d0e591215c320073364cdfa16129140272eb6a4f79225441ec334fd3ae14b62a",
}


def test_the_first_base_and_what_it_draws_never_change():
    assert bases.digest(1) == BASE_1
    drawn = {kind: hashlib.sha256(draw_known(kind)).hexdigest() for kind in DRAWN}
    assert drawn == DRAWN


def draw_known(kind, look=PLAIN, details=None):
    usual = {"subject": "养老护理员岗前培训", "tenths": 320, "from": "2026-11-02"}
    details = transcript_request(1, 1).facts if kind == "ce" else details or usual
    facts = {
        "kind": kind, "code": "7Q2MK0V9ABCDEFGHJKMNPQRSTV", "number": "S0001",
        "title": look.words.get("title", "某某证书"), "subject": details["subject"][:120],
        "issued_on": "2026-11-20", "valid_to": "2027-11-19", "details": details,
        "holder": {"name": "犇䶮𬬭", "id_kind": "居民身份证"},
        "issuer": {"region_name": "太原市小店区", "name": "某培训基地", "filing": None},
        "award": {"rung": 2, "grade": "五级/初级工", "occupation": "养老护理员", "speciality": "-"},
    }  # fmt: skip
    private = Private("140105196803124046", None)
    drawn = face(facts, "a" * 64, private, "https://training.example.cn", "", look)
    return render.draw(drawn, datetime(2026, 11, 20, 2, 0, tzinfo=UTC), "pdf")


def test_spec_and_words_are_kept_in_one_form():
    spec = replace(Spec(), words={"note": "甲", "body": "乙"})
    assert rules.spec_of(json.loads(spec.text())) == spec
    assert spec.text() == replace(spec, words={"body": "乙", "note": "甲"}).text()
