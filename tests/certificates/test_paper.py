"""The paper: selectable Chinese, a QR that two readers agree on, nothing printed in doubt."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter
from pypdf import PdfReader
from pyzbar import pyzbar
from sqlalchemy import func, select

from certificates.documents import paper_of
from certificates.errors import Damaged, GlyphMissing, NotPossibleNow
from certificates.models import Certificate, NumberSeries
from certificates.operations import revoke, suspend
from certificates.paper import qr, render
from certificates.paper.fonts import ensure_glyphs
from lms.core.access import SYSTEM
from lms.core.db import session
from lms.core.uow import unit_of_work
from lms.core.vault import vault
from lms.people.models import Person, PersonPhoto
from tests.factories.certificates import NOW, course_request, issue_now, skill_request

URL = "https://training.example.cn/v/7Q2MK0V9ABCDEFGHJKMNPQRSTV"


def read_both(picture: Image.Image) -> set[str]:
    """What zxing-cpp and zbar read, each counted as its own answer."""
    grey = picture.convert("L")
    return {result.text for result in zxingcpp.read_barcodes(grey)} | {
        result.data.decode("ascii") for result in pyzbar.decode(grey)
    }


def readers(picture: Image.Image) -> int:
    """How many of the two read exactly ``URL``."""
    grey = picture.convert("L")
    return any(r.text == URL for r in zxingcpp.read_barcodes(grey)) + any(
        r.data.decode() == URL for r in pyzbar.decode(grey)
    )


def symbol(side: int) -> Image.Image:
    """The QR as printed 41 mm wide, ``side`` pixels with its quiet zone."""
    rows = qr.matrix(URL)
    size = len(rows) + 2 * qr.QUIET
    picture = Image.new("L", (size, size), 255)
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            if dark:
                picture.putpixel((x + qr.QUIET, y + qr.QUIET), 0)
    return picture.resize((side, side), Image.Resampling.BOX)


def rename(person_id: int, name: str) -> None:
    with unit_of_work():
        session().get_one(Person, person_id).name = name


def text_of(pdf: bytes) -> str:
    return "".join(PdfReader(io.BytesIO(pdf)).pages[0].extract_text().split())


def test_every_fact_of_the_face_can_be_selected_in_the_pdf(app, cast):
    issued = issue_now(skill_request(cast.wang, cast.base))
    text = text_of(paper_of(issued.certificate_id, "pdf"))
    for fact in (
        "职业技能等级证书", "王桂兰", "居民身份证", "养老护理员", "--", "五级/初级工",
        issued.number, "小店养老护理培训基地", "晋养评备2026001", "2026年11月20日",
    ):  # fmt: skip
        assert fact in text
    assert (
        vault().open_text(
            session().get_one(Person, cast.wang).id_sealed,
            f"person.id:{session().get_one(Person, cast.wang).ref}",
        )
        in text
    )


@pytest.mark.parametrize("name", ["䶮𬬭犇", "阿依古丽·买买提", "王"])
def test_rare_names_print_and_extract(app, cast, name):
    rename(cast.wang, name)
    issued = issue_now(skill_request(cast.wang, cast.base))
    assert name in text_of(paper_of(issued.certificate_id, "pdf"))


@pytest.mark.parametrize("char", ["\U0001f600", "\u200b", "\ue000", "\u3164", "\U000e0100"])
def test_a_character_that_cannot_be_printed_stops_the_issue_before_a_number_is_taken(
    app, cast, char
):
    rename(cast.wang, f"王{char}")
    with pytest.raises(GlyphMissing) as caught:
        issue_now(skill_request(cast.wang, cast.base))
    assert caught.value.characters == char
    assert f"U+{ord(char):04X}" in str(caught.value)
    session().rollback()
    assert session().scalar(select(func.count()).select_from(NumberSeries)) == 0
    assert session().scalar(select(func.count()).select_from(Certificate)) == 0


def test_what_the_award_says_is_checked_too(app, cast):
    with pytest.raises(GlyphMissing):
        issue_now(course_request(cast.wang, cast.base, facts={"subject": "课程\U0001f600"}))
    ensure_glyphs(["职业技能等级证书䶮𬬭犇"])


def test_the_pdf_is_archival_tagged_and_one_page(app, cast):
    issued = issue_now(course_request(cast.wang, cast.base))
    reader = PdfReader(io.BytesIO(paper_of(issued.certificate_id, "pdf")))
    assert len(reader.pages) == 1
    assert [round(float(x)) for x in reader.pages[0].mediabox[2:]] == [595, 842]
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    metadata = root["/Metadata"].get_object().get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in metadata
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert "32学时" in text_of(paper_of(issued.certificate_id, "pdf"))


def test_two_readers_agree_on_the_qr_of_the_picture(app, cast):
    for issued in (
        issue_now(skill_request(cast.wang, cast.base)),
        issue_now(course_request(cast.wang, cast.base)),
        issue_now(course_request(cast.wang, cast.base, kind="central")),
    ):
        picture = Image.open(io.BytesIO(paper_of(issued.certificate_id, "png")))
        assert picture.size == (1191, 1684)
        expected = zxingcpp.read_barcodes(picture.convert("L"))[0].text
        assert expected.startswith(f"http://127.0.0.1:8000/v/{issued.code}#")
        assert [r.data.decode("ascii") for r in pyzbar.decode(picture.convert("L"))] == [expected]
        assert read_both(picture.resize((780, 1103))) == {expected}


@pytest.mark.parametrize("angle", [3, 17, 45, 90, 180, 200])
def test_a_rotated_qr_is_read(angle):
    turned = symbol(360).rotate(
        angle, expand=True, fillcolor=255, resample=Image.Resampling.BICUBIC
    )
    assert readers(turned) == 2


def test_a_blurred_qr_is_read():
    assert readers(symbol(360).filter(ImageFilter.GaussianBlur(3))) == 2


def test_a_print_at_72_dots_per_inch_is_read():
    printed = symbol(360).resize((116, 116), Image.Resampling.BOX)  # 41 mm at 72 dpi
    photographed = printed.resize((464, 464), Image.Resampling.BICUBIC)
    assert readers(photographed) == 2


@pytest.mark.parametrize("place", [(0.25, 0.3), (0.5, 0.5), (0.3, 0.75), (0.7, 0.7)])
def test_a_qr_with_a_coffee_stain_over_a_fifth_of_it_is_read(place):
    picture = symbol(410)
    stained = picture.point(lambda value: value * 11 // 20)
    mask = Image.new("L", picture.size, 0)
    radius = 410 * (0.2 / 3.1416) ** 0.5
    x, y = (410 * part for part in place)
    ImageDraw.Draw(mask).ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    picture.paste(stained, mask=mask.filter(ImageFilter.GaussianBlur(4)))
    assert readers(picture) == 2


@pytest.mark.parametrize("place", [(0.55, 0.52), (0.7, 0.7), (0.6, 0.4)])
def test_a_qr_with_a_tenth_of_it_blotted_out_is_read(place):
    picture = symbol(410)
    radius = 410 * (0.1 / 3.1416) ** 0.5
    x, y = (410 * part for part in place)
    draw = ImageDraw.Draw(picture)
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=130)
    assert readers(picture) == 2


def test_the_payload_is_ascii_or_nothing():
    with pytest.raises(ValueError, match="ASCII"):
        qr.matrix("https://例子.cn/v/1")


def test_the_same_certificate_gives_the_same_bytes_and_is_kept_sealed(site, cast):
    with site.app.app_context():
        issued = issue_now(skill_request(cast.wang, cast.base))
        first = paper_of(issued.certificate_id, "pdf")
        (kept,) = (render.Path(site.app.instance_path) / "rendered").glob("*.sealed")
        assert b"%PDF" not in kept.read_bytes()
        kept.write_bytes(b"v1:spoilt")
        assert paper_of(issued.certificate_id, "pdf") == first
        assert paper_of(issued.certificate_id, "pdf", masked=True) != first


def test_the_photo_is_frozen_with_the_certificate(app, cast):
    picture = io.BytesIO()
    Image.new("RGB", (295, 413), (200, 40, 40)).save(picture, "JPEG")
    person = session().get_one(Person, cast.wang)
    sealed = vault().seal(picture.getvalue(), f"person.photo:{person.ref}")
    with unit_of_work():
        session().add(
            PersonPhoto(
                person_id=cast.wang, sealed=sealed, media_type="image/jpeg",
                updated_at=datetime(2026, 1, 5, tzinfo=UTC),
            )
        )  # fmt: skip
    issued = issue_now(skill_request(cast.wang, cast.base))
    with unit_of_work():
        session().delete(session().get_one(PersonPhoto, cast.wang))
    page = Image.open(io.BytesIO(paper_of(issued.certificate_id, "png"))).convert("RGB")
    middle = page.crop((920, 600, 940, 620)).resize((1, 1)).getpixel((0, 0))
    assert middle[0] > 180
    assert middle[1] < 60


def test_no_paper_is_handed_out_of_a_revoked_or_suspended_certificate(app, cast):
    for act in (revoke, suspend):
        issued = issue_now(skill_request(cast.wang, cast.base))
        with unit_of_work():
            act(issued.certificate_id, "成绩造假，查实", SYSTEM, NOW)
        with pytest.raises(NotPossibleNow):
            paper_of(issued.certificate_id, "pdf")


def test_a_secret_that_does_not_fit_the_sealed_commitment_is_not_printed(app, cast, monkeypatch):
    issued = issue_now(skill_request(cast.wang, cast.base))
    row = session().scalars(select(Certificate)).one()
    other = vault().seal("salt\n140105196803124046", f"certificate.secrets:{row.code}")
    session().expunge(row)
    monkeypatch.setattr("certificates.documents.vault", lambda: Opened(other))
    with pytest.raises(Damaged):
        paper_of(issued.certificate_id, "pdf")


class Opened:
    """A vault whose certificate secrets were exchanged for somebody else's."""

    def __init__(self, other: bytes) -> None:
        self.other = other

    def open_text(self, _sealed: bytes, place: str) -> str:
        return vault().open_text(self.other, place)
