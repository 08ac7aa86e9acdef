"""Portraits: what speaks against one, and the part a person chooses herself."""

from __future__ import annotations

import io
import random

import pytest
from PIL import Image, ImageDraw, ImageFilter

from lms.people.staff.photos import SIZE, BadPhoto, portrait
from lms.people.staff.portraits import Doubt, doubts
from tests.forms import post


def person(head=(148, 150), size=75, ground=(235, 238, 240), grain=6):
    """A head and shoulders before a wall, with a camera's grain."""
    picture = Image.new("RGB", SIZE, ground)
    pen = ImageDraw.Draw(picture)
    x, y = head
    pen.ellipse((x - 135, y + size * 1.1, x + 135, y + 500), fill=(40, 60, 110))
    pen.ellipse((x - size, y - size * 1.25, x + size, y + size * 1.25), fill=(205, 160, 130))
    pen.pieslice((x - size, y - size * 1.3, x + size, y + size), 180, 360, fill=(35, 30, 30))
    dice = random.Random(1)
    dots = bytes(128 + dice.randint(-grain, grain) for _ in range(SIZE[0] * SIZE[1]))
    noise = Image.frombytes("L", SIZE, dots)
    return Image.merge("RGB", [Image.blend(band, noise, 0.12) for band in picture.split()])


def restless():
    picture = person()
    pen = ImageDraw.Draw(picture)
    for n in range(0, 295, 30):
        pen.rectangle((n, 0, n + 14, 40), fill=(30, 90, 40))
    return picture


@pytest.mark.parametrize(
    ("picture", "said"),
    [
        (person(), []),
        (person(ground=(30, 60, 120)), [Doubt.BACKGROUND]),
        (person().filter(ImageFilter.GaussianBlur(9)), [Doubt.BLURRED]),
        (restless(), [Doubt.BACKGROUND]),
        (person((148, 80)), [Doubt.HIGH]),
        (person((148, 200), 25), [Doubt.SMALL]),
        (person((148, 160), 128), [Doubt.LARGE]),
        (person((215, 150)), [Doubt.ASIDE]),
    ],
    ids=["good", "dark wall", "blurred", "restless", "high", "small", "large", "aside"],
)
def test_what_speaks_against_a_portrait(picture, said):
    assert [doubt for doubt in said if doubt in doubts(picture)] == said
    assert said or doubts(picture) == []


def jpeg(picture):
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=95)
    return out.getvalue()


def test_the_part_she_chose_is_what_is_kept():
    wide = Image.new("RGB", (1000, 1000), "white")
    wide.paste((200, 30, 30), (500, 300, 1000, 1000))
    kept = Image.open(io.BytesIO(portrait(jpeg(wide), (0.5, 0.3, 0.5))))
    assert kept.size == SIZE
    assert all(abs(a - b) < 12 for a, b in zip(kept.getpixel((5, 5)), (200, 30, 30), strict=True))
    for part in ((0.8, 0.3, 0.5), (0.5, 0.9, 0.5), (0.1, 0.1, 0.1)):
        with pytest.raises(BadPhoto):
            portrait(jpeg(wide), part)


def test_a_doubtful_portrait_is_kept_only_when_she_says_so(sign_in, cast):
    me = sign_in(cast.wang)

    def send(picture, **more):
        data = {"photo": (io.BytesIO(jpeg(picture)), "me.jpg")} | more
        return post(me, "/me/photo", data, page="/me/photo", content_type="multipart/form-data")

    doubtful = send(restless())
    assert doubtful.status_code == 422
    assert "背景不干净" in doubtful.text
    assert "仍然用这张照片" in doubtful.text
    assert me.get("/me/photo.jpg").status_code == 404
    assert send(restless(), anyway="y").status_code == 303
    assert send(person(), crop_left="nonsense").status_code == 303
    assert send(person(), crop_left="0", crop_top="0", crop_width="1").status_code == 303
    assert send(person(), crop_left="nan", crop_top="0", crop_width="1").status_code == 303
