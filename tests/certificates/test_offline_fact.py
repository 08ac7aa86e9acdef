"""The fact in the QR: what the paper says, believed by a strange verifier, and nothing changed."""

from __future__ import annotations

import base64
import hashlib
import io
import subprocess
from datetime import date

import pytest
import zxingcpp
from hypothesis import assume, given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter
from pyzbar import pyzbar

from certificates.documents import paper_of
from certificates.files import code_in, is_as_drawn
from certificates.offline.fact import payload, signed_fact
from certificates.paper import qr
from lms.core.signing import ring
from tests.certificates.offline_reader import Refused, read_fact
from tests.certificates.test_sealing import new_ring
from tests.factories.certificates import course_request, issue_now, skill_request
from tests.factories.keys import rotate

CODE = "7Q2MK0V9ABCDEFGHJKMNPQRSTV"
RING = new_ring()
KEYS = {RING.current: RING.public_key(RING.current).public_bytes_raw()}
FACTS = {
    "code": CODE,
    "number": "S000014000123264000001",
    "kind": "skill",
    "award": {"rung": 2},
    "issued_on": "2026-11-20",
    "valid_to": None,
    "holder": {"name": "王桂兰"},
}
FACT = signed_fact(FACTS, RING.current, RING)
ADDRESS = f"https://training.example.cn/v/{CODE}#{FACT}"
BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def both(picture: Image.Image) -> list[str]:
    """What zxing-cpp and zbar read, one after the other."""
    grey = picture.convert("L")
    return [r.text for r in zxingcpp.read_barcodes(grey)] + [
        r.data.decode("ascii") for r in pyzbar.decode(grey)
    ]


def drawn(issued) -> str:
    """The address in the QR of the picture, as both readers read it."""
    first, second = both(Image.open(io.BytesIO(paper_of(issued.certificate_id, "png"))))
    assert first == second
    return first


def keys() -> dict[str, bytes]:
    return ring().public_bytes()


def test_a_strange_verifier_reads_the_paper_from_its_qr_alone(app, cast):
    issued = issue_now(skill_request(cast.wang, cast.base))
    fact = read_fact(drawn(issued), keys())
    assert (fact.code, fact.number, fact.name) == (issued.code, issued.number, "王*兰")
    assert (fact.kind, fact.rung, fact.issued, fact.ends) == (1, 2, date(2026, 11, 20), None)
    course = read_fact(drawn(issue_now(course_request(cast.zhao, cast.base))), keys())
    assert (course.kind, course.rung, course.ends) == (2, 0, date(2027, 11, 19))


def test_a_change_of_keys_changes_no_paper_and_the_file_still_counts_as_drawn(app, cast):
    issued = issue_now(skill_request(cast.wang, cast.base))
    before = drawn(issued)
    kept = {form: paper_of(issued.certificate_id, form) for form in ("pdf", "png")}
    old = ring().current
    rotate(app)
    for shelf in (app.extensions["settings"].instance / "rendered").glob("*"):
        shelf.unlink()
    assert ring().current != old
    assert drawn(issued) == before
    assert all(is_as_drawn(issued.certificate_id, content) for content in kept.values())
    assert all(code_in(content) == issued.code for content in kept.values())
    assert read_fact(before, keys()).code == issued.code


def test_a_key_that_signs_no_longer_leaves_the_plain_address():
    assert signed_fact(FACTS, "0" * 16, RING) is None
    assert len(qr.matrix(ADDRESS.split("#", maxsplit=1)[0])) == 41


def test_it_fits_a_symbol_of_version_nine():
    assert len(base64.b32decode(FACT + "=" * (-len(FACT) % 8))) == 99
    assert len(qr.matrix(ADDRESS)) == 53
    with pytest.raises(ValueError, match="ASCII"):
        qr.matrix(ADDRESS + "王")


@pytest.mark.parametrize(
    ("number", "name", "seen"),
    [
        ("0" * 24, "王", ("0" * 24, "*")),
        ("Z" * 24, "李四", ("Z" * 24, "李*")),
        ("晋字第1号", "阿依古丽·买买提", (None, "阿******提")),
        ("A-1", "古" * 60, (None, "古***古")),
    ],
)
def test_odd_numbers_and_names_are_told_or_left_out(number, name, seen):
    facts = FACTS | {"number": number, "holder": {"name": name}}
    fact = read_fact(f"/v/{CODE}#{signed_fact(facts, RING.current, RING)}", KEYS)
    assert (fact.number, fact.name) == seen
    assert len(payload(facts, RING.current)) <= 47


def refused(address: str, keys_: dict[str, bytes] = KEYS) -> str:
    with pytest.raises(Refused) as caught:
        read_fact(address, keys_)
    return str(caught.value)


def test_the_untouched_fact_is_believed():
    assert read_fact(ADDRESS, KEYS).number == FACTS["number"]


@given(st.integers(0, 98), st.integers(1, 255))
def test_any_changed_byte_is_refused(place, change):
    data = bytearray(base64.b32decode(FACT + "=" * (-len(FACT) % 8)))
    data[place] ^= change
    spoilt = base64.b32encode(data).decode().rstrip("=")
    assert refused(f"/v/{CODE}#{spoilt}") in {"version", "unknown key", "signature"}


@given(st.integers(0, len(FACT) - 1), st.sampled_from(BASE32))
def test_any_changed_letter_is_refused(place, letter):
    assume(FACT[place] != letter)
    assert refused(f"/v/{CODE}#{FACT[:place]}{letter}{FACT[place + 1 :]}")


@given(st.integers(0, 25), st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
def test_a_fact_under_another_code_is_refused(place, letter):
    assume(CODE[place] != letter)
    assert refused(f"/v/{CODE[:place]}{letter}{CODE[place + 1 :]}#{FACT}") == "signature"


@given(st.integers(0, len(FACT) - 1), st.text(BASE32, max_size=3))
def test_anything_cut_off_or_put_in_is_refused(place, more):
    assume(more or place)
    changed = f"{FACT[:place]}{more}{FACT[place + bool(not more) :]}"
    assume(changed != FACT)
    assert refused(f"/v/{CODE}#{changed}")


FORGED = {
    "number": "S000014000123264000002",
    "kind": "course",
    "award": {"rung": 3},
    "issued_on": "2026-11-21",
    "valid_to": "2030-01-01",
    "holder": {"name": "李桂芳"},
}


@pytest.mark.parametrize("field", FORGED)
def test_a_changed_field_needs_the_key(field):
    other = new_ring()
    forged = payload(FACTS | {field: FORGED[field]}, RING.current)
    kept = base64.b32decode(FACT + "=" * (-len(FACT) % 8))[-64:]
    from_another = other.sign_raw(b"lms.fact/1\n" + CODE.encode() + forged)
    for signature in (kept, from_another):
        text = base64.b32encode(forged + signature).decode().rstrip("=")
        assert refused(f"/v/{CODE}#{text}") == "signature"


def test_another_key_and_another_kind_of_signature_are_refused():
    other = new_ring()
    named = payload(FACTS, other.current) + other.sign_raw(b"")
    assert refused(f"/v/{CODE}#{base64.b32encode(named).decode().rstrip('=')}") == "unknown key"
    said = payload(FACTS, RING.current)
    for domain in (b"lms.certificate/1\n", b"lms.statuses/1\n", b""):
        text = base64.b32encode(said + RING.sign_raw(domain + CODE.encode() + said))
        assert refused(f"/v/{CODE}#{text.decode().rstrip('=')}") == "signature"
    swapped = {RING.current: KEYS[RING.current][::-1]}
    assert refused(ADDRESS, swapped) == "signature"
    assert hashlib.sha256(KEYS[RING.current]).hexdigest()[:16] == RING.current


def symbol(side: int) -> Image.Image:
    """The QR as printed, ``side`` pixels with its quiet zone."""
    rows = qr.matrix(ADDRESS)
    size = len(rows) + 2 * qr.QUIET
    picture = Image.new("L", (size, size), 255)
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            if dark:
                picture.putpixel((x + qr.QUIET, y + qr.QUIET), 0)
    return picture.resize((side, side), Image.Resampling.BOX)


@pytest.mark.parametrize("angle", [4, 17, 45, 90, 200])
def test_a_turned_print_is_read(angle):
    turned = symbol(500).rotate(
        angle, expand=True, fillcolor=255, resample=Image.Resampling.BICUBIC
    )
    assert both(turned) == [ADDRESS] * 2


def test_a_blurred_print_is_read():
    assert both(symbol(500).filter(ImageFilter.GaussianBlur(3))) == [ADDRESS] * 2


def test_a_print_at_72_dots_per_inch_is_read():
    printed = symbol(500).resize((116, 116), Image.Resampling.BOX)  # 41 mm at 72 dpi
    photographed = printed.resize((464, 464), Image.Resampling.BICUBIC)
    assert both(photographed) == [ADDRESS] * 2


@pytest.mark.parametrize("place", [(0.25, 0.3), (0.5, 0.5), (0.3, 0.75), (0.7, 0.7)])
def test_a_coffee_stain_over_a_fifth_is_read_through(place):
    picture = symbol(500)
    stained = picture.point(lambda value: value * 11 // 20)
    mask = Image.new("L", picture.size, 0)
    radius = 500 * (0.2 / 3.1416) ** 0.5
    x, y = (500 * part for part in place)
    ImageDraw.Draw(mask).ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    picture.paste(stained, mask=mask.filter(ImageFilter.GaussianBlur(4)))
    assert both(picture) == [ADDRESS] * 2


@pytest.mark.parametrize("place", [(0.55, 0.52), (0.7, 0.7), (0.6, 0.4)])
def test_a_twentieth_blotted_out_is_read(place):
    picture = symbol(500)
    radius = 500 * (0.05 / 3.1416) ** 0.5
    x, y = (500 * part for part in place)
    draw = ImageDraw.Draw(picture)
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=130)
    assert both(picture) == [ADDRESS] * 2


def test_two_readers_agree_on_the_pdf_at_screen_and_print_resolution(app, cast, tmp_path):
    issued = issue_now(skill_request(cast.wang, cast.base))
    (tmp_path / "paper.pdf").write_bytes(paper_of(issued.certificate_id, "pdf"))
    expected = drawn(issued)
    for dpi in ("72", "150"):
        page = tmp_path / dpi
        subprocess.run(
            ["pdftoppm", "-r", dpi, "-png", "-singlefile", tmp_path / "paper.pdf", page], check=True
        )
        picture = Image.open(f"{page}.png")
        if dpi == "72":  # photographed: more pixels, no more detail
            size = (picture.width * 4, picture.height * 4)
            picture = picture.resize(size, Image.Resampling.BICUBIC)
        assert both(picture) == [expected] * 2, dpi
