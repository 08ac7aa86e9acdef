"""One way in for pictures from outside: upright pixels, or a reason."""

import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lms.core.pictures import BadPicture, Why, decoded
from tests.factories.media import picture

MANY = 1_000_000


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_picture_comes_out_as_pixels(form):
    found = decoded(picture(form, (40, 30)), MANY)
    assert (found.size, found.format) == ((40, 30), form)


def test_it_stands_upright_however_the_phone_was_held():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    out = io.BytesIO()
    Image.new("RGB", (40, 30)).save(out, "JPEG", exif=exif)
    found = decoded(out.getvalue(), MANY)
    assert found.size == (30, 40)
    assert 0x0112 not in found.getexif()


def moving():
    out = io.BytesIO()
    frames = [Image.new("RGB", (9, 9), colour) for colour in ("red", "blue")]
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:])
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "most", "least", "why"),
    [
        (b"", MANY, (1, 1), Why.DAMAGED),
        (b"no picture", MANY, (1, 1), Why.DAMAGED),
        (picture()[:60], MANY, (1, 1), Why.DAMAGED),
        (picture("GIF"), MANY, (1, 1), Why.DAMAGED),
        (picture("BMP"), MANY, (1, 1), Why.DAMAGED),
        (picture(size=(40, 30)), 1_199, (1, 1), Why.PIXELS),
        (picture(size=(40, 30)), MANY, (41, 1), Why.SMALL),
        (picture(size=(40, 30)), MANY, (1, 31), Why.SMALL),
        (moving(), MANY, (1, 1), Why.MOVING),
    ],
)
def test_what_is_refused_says_why(data, most, least, why):
    with pytest.raises(BadPicture) as refused:
        decoded(data, most, least)
    assert refused.value.why is why


def test_pixels_are_counted_before_any_is_decoded():
    flood = picture("PNG", (8_000, 8_000))
    with pytest.raises(BadPicture) as refused:
        decoded(flood, 50_000_000)
    assert refused.value.why is Why.PIXELS


@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=8))
def test_nothing_but_a_refusal_ever_comes_of_changed_bytes(place, junk):
    data = bytearray(picture("PNG", (16, 16)))
    place %= len(data)
    data[place : place + len(junk)] = junk
    with suppress(BadPicture):
        assert decoded(bytes(data), MANY).width <= MANY
