"""The code as it is printed, with its signed fact, from a bad print: both readers agree.

A stain here is coffee: a fifth of the symbol at least, in one pool or six drops, darkened to 55 %
and soft at its rim. Ink that hides modules is another matter: level M repairs 3 % of the area
hidden, wherever it falls; under more the number is typed instead.
"""

from __future__ import annotations

import io
import random

import pytest
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter
from pyzbar import pyzbar

from certificates.documents import paper_of
from certificates.paper import qr
from tests.factories.certificates import (
    course_request,
    issue_now,
    skill_request,
    transcript_request,
)

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # of check codes
PRINTED = 232  # pixels of the symbol on the picture for a phone's album
SIDE = 620  # pixels of the cut-out symbol, as a phone's camera has it


@pytest.fixture
def printed(app, cast):
    """The square cut from the picture of a real paper, and what it says."""
    issued = issue_now(skill_request(cast.wang, cast.base))
    page = Image.open(io.BytesIO(paper_of(issued.certificate_id, "png")))
    (found,) = zxingcpp.read_barcodes(page.convert("L"))
    corners = found.position
    edge = 14
    cut = page.convert("L").crop(
        (corners.top_left.x - edge, corners.top_left.y - edge,
         corners.bottom_right.x + edge, corners.bottom_right.y + edge)
    )  # fmt: skip
    assert "#" in found.text
    assert found.text.isascii()
    return cut.resize((SIDE, SIDE), Image.Resampling.BICUBIC), found.text


def both_read(picture, text):
    grey = picture.convert("L")
    by_one = [result.text for result in zxingcpp.read_barcodes(grey)]
    by_other = [result.data.decode() for result in pyzbar.decode(grey, [pyzbar.ZBarSymbol.QRCODE])]
    return by_one == by_other == [text]


def blots(seed, share, drops, reach):
    """Where something was spilt: white on black, at least ``share`` of the square."""
    dice = random.Random(seed)
    where = Image.new("L", (SIDE, SIDE), 0)
    pen = ImageDraw.Draw(where)
    while where.histogram()[255] < share * SIDE * SIDE:
        radius = SIDE * (share / drops / 3.1416) ** 0.5 * dice.uniform(0.7, 1.2)
        x, y = (dice.uniform(*reach) * SIDE for _ in range(2))
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return where


def test_bad_prints_are_read_by_both(printed):
    picture, text = printed
    assert both_read(picture, text)
    for angle in (4, 17, 45, 90, 180, 263):
        turned = picture.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
        assert both_read(turned, text), f"turned by {angle}"
    for radius in (2, 3, 4):
        assert both_read(picture.filter(ImageFilter.GaussianBlur(radius)), text), f"blur {radius}"
    coarse = picture.resize((116, 116), Image.Resampling.BOX)  # 41 mm at 72 dots an inch
    seen = coarse.resize((580, 580), Image.Resampling.BICUBIC)
    assert both_read(seen, text), "72 dpi"
    together = seen.rotate(8, expand=True, fillcolor=255)
    assert both_read(together.filter(ImageFilter.GaussianBlur(1.5)), text), (
        "72 dpi, turned, blurred"
    )


@pytest.mark.parametrize("drops", [1, 6])
def test_coffee_over_a_fifth_is_read_wherever_it_falls(printed, drops):
    picture, text = printed
    for seed in range(6):
        rim = blots(seed, 0.2, drops, (0, 1)).filter(ImageFilter.GaussianBlur(5))
        stained = picture.copy()
        stained.paste(picture.point([value * 11 // 20 for value in range(256)]), mask=rim)
        assert both_read(stained, text), f"stain {seed}"


def as_printed(serial):
    """A symbol as long as a paper's and as large as on its picture; the same for ever, for a real
    code is never the same twice."""
    dice = random.Random(serial)
    code = "".join(dice.choices(ALPHABET, k=26))
    fact = "".join(dice.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", k=159))
    text = f"https://training.example.cn/v/{code}#{fact}"
    rows = qr.matrix(text)
    edge = len(rows) + 2 * qr.QUIET
    symbol = Image.new("L", (edge, edge), 255)
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            symbol.putpixel((x + qr.QUIET, y + qr.QUIET), 0 if dark else 255)
    drawn = symbol.resize((4 * edge, 4 * edge), Image.Resampling.NEAREST)
    small = drawn.resize((PRINTED, PRINTED), Image.Resampling.BICUBIC)
    return small.resize((SIDE, SIDE), Image.Resampling.BICUBIC), text


def test_small_spots_of_ink_are_repaired_wherever_they_fall():
    for serial in range(6):
        picture, text = as_printed(serial)
        for seed in range(6):
            spotted = picture.copy()
            spotted.paste(130, mask=blots(seed, 0.03, 4, (0.3, 0.9)))
            assert both_read(spotted, text), f"code {serial}, spots {seed}"


def test_the_code_of_every_kind_is_read_from_its_page(app, cast):
    for request in (
        course_request(cast.wang, cast.base),
        course_request(cast.wang, cast.base, kind="central"),
        transcript_request(cast.wang, cast.base),
    ):
        issued = issue_now(request)
        page = Image.open(io.BytesIO(paper_of(issued.certificate_id, "png"))).convert("L")
        (one,) = zxingcpp.read_barcodes(page)
        assert f"/v/{issued.code}#" in one.text
        assert both_read(page.crop((60, 1000, 620, 1500)), one.text)
