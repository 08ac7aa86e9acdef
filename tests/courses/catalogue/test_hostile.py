"""Whatever an author's file contains, nothing runs, escapes or floods."""

import io
import stat
import zipfile

import pytest
import qrcode
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from qrcode.image.svg import SvgPathImage

from courses.catalogue.archive import BadArchive, read_folder, read_zip
from courses.catalogue.markup import faults_in, to_html
from courses.catalogue.pictures import clean_picture
from lms.core.errors import Invalid
from tests.factories.courses import raw_zip

NAMES = frozenset({"pictures/a.svg"})
SIZES = {"pictures/a.svg": (4, 3)}


def html(body):
    return to_html(body, SIZES, lambda path: f"/learn/pictures/1/{path}")


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "[x](javascript:alert(1))",
        "[x](  JaVaScRiPt:alert(1))",
        "<javascript:alert(1)>",
        '[x](https://a.example "onmouseover=alert(1)")',
        "[x]: javascript:alert(1)\n\n[x]",
        "<svg onload=alert(1)>",
        "`<script>`",
        '![a](pictures/a.svg "x" onerror=y)',
        "<style>body{display:none}</style>",
    ],
)
def test_markdown_never_becomes_active(body):
    made = html(body).lower()
    assert "<script" not in made
    assert "<svg" not in made
    assert "<style" not in made
    assert 'href="javascript' not in made
    assert "onerror=" not in made.replace("&quot;", "").split("<img")[-1] or "<img" not in made


@given(st.text(alphabet=st.sampled_from("<>\"'&;:/()[]!`* \n#aonerrscipt=javdx"), max_size=120))
def test_any_text_gives_clean_html(body):
    if faults_in(body, NAMES):
        return
    made = html(body).lower()
    for bad in ("<script", "<iframe", "<object", "<style", 'href="javascript', 'src="javascript'):
        assert bad not in made


def test_pictures_get_their_address_and_size():
    made = html("# 大标题\n\n![图](pictures/a.svg)")
    assert '<img src="/learn/pictures/1/pictures/a.svg" alt="图" width="4" height="3"' in made
    assert "<h2>" in made


def svg(inner="", attributes=""):
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="0 0 40 30" {attributes}>{inner}</svg>'
    ).encode()


@pytest.mark.parametrize(
    "content",
    [
        svg("<script>alert(1)</script>"),
        svg("<style>*{}</style>"),
        svg("<foreignObject/>"),
        svg('<image href="data:image/png;base64,x"/>'),
        svg('<a href="https://x.example"><text>t</text></a>'),
        svg('<use href="https://x.example/#a"/>'),
        svg('<use xlink:href="data:x"/>'),
        svg('<rect onclick="alert(1)"/>'),
        svg('<rect OnClick="alert(1)"/>'),
        svg('<rect style="fill:red"/>'),
        svg('<rect fill="url(https://x.example/a)"/>'),
        svg('<rect fill="u\trl(https://x.example/a)"/>'),
        svg('<rect fill="url( &quot;https://x.example&quot; )"/>'),
        svg('<animate attributeName="href"/>'),
        svg('<set attributeName="onload"/>'),
        svg('<handler xmlns="http://www.w3.org/2001/xml-events">x</handler>'),
        svg(attributes='onload="alert(1)"'),
        b'<!DOCTYPE svg [<!ENTITY a "x">]>' + svg(),
        b'<?xml version="1.0"?><!DOCTYPE svg SYSTEM "file:///etc/passwd"><svg/>',
        b'<html xmlns="http://www.w3.org/1999/xhtml"/>',
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        b'<svg viewBox="0 0 1 1"/>',
        b"not xml",
        b"",
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1">' + b" " * 500_000 + b"</svg>",
    ],
)
def test_a_hostile_drawing_is_refused(app, content):
    with pytest.raises(Invalid):
        clean_picture("pictures/a.svg", content, frozenset())


def test_a_good_drawing_is_written_anew_without_comments(app):
    drawing = svg('<!-- note --><?php x ?><rect fill="url(#g)"/><use href="#g"/>')
    plan = clean_picture("pictures/a.svg", drawing, frozenset())
    assert b"note" not in plan.content
    assert b"php" not in plan.content
    assert (plan.width, plan.height) == (40, 30)
    assert clean_picture("pictures/a.svg", plan.content, frozenset()).content == plan.content


def test_a_drawing_is_written_the_same_whatever_else_the_process_draws(app):
    content = svg(
        '<g id="a"><rect width="1" height="1"/></g><use xlink:href="#a" xml:space="preserve"/>'
    )
    before = clean_picture("pictures/a.svg", content, frozenset()).content
    qrcode.make("x", image_factory=SvgPathImage)
    again = clean_picture("pictures/a.svg", before, frozenset()).content
    assert before == again
    assert before.startswith(
        b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
    )
    assert b'<use xlink:href="#a" xml:space="preserve" />' in before


def photo(form="JPEG", size=(30, 20), **save):
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, form, **save)
    return out.getvalue()


def test_a_photograph_loses_its_metadata_and_comes_back_unchanged_once_stored(app):
    exif = Image.Exif()
    exif[0x010E] = "where I live"
    plan = clean_picture("pictures/p.jpg", photo(exif=exif), frozenset())
    assert b"where I live" not in plan.content
    again = clean_picture("pictures/p.jpg", plan.content, frozenset({plan.digest}))
    assert again.content == plan.content


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("pictures/p.jpg", photo("PNG")),
        ("pictures/p.png", b"GIF89a"),
        ("pictures/p.png", photo("PNG")[:40]),
        ("pictures/p.png", photo("PNG", (5000, 4000))),
        ("pictures/p.gif", photo("GIF")),
        ("pictures/p.html", b"<html>"),
    ],
)
def test_a_picture_that_is_not_what_it_says_is_refused(app, path, content):
    with pytest.raises(Invalid):
        clean_picture(path, content, frozenset())


def link():
    entry = zipfile.ZipInfo("pictures/a.svg")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04 not a zip",
        b"",
        raw_zip(("../course.yaml", b"x")),
        raw_zip(("/course.yaml", b"x")),
        raw_zip(("a/../../course.yaml", b"x")),
        raw_zip(("C:a.md", b"x")),
        raw_zip(("pictures\\a.svg", b"x")),
        raw_zip((link(), b"/etc/passwd")),
        raw_zip(("course.yaml", b"x"), ("shell.sh", b"x")),
        raw_zip(("course.yaml", b"x"), ("inner.zip", b"x")),
        raw_zip(("course.yaml", b"0" * 7_900_000)),
        raw_zip(*((f"pictures/{n}.png", b"x") for n in range(301))),
        raw_zip(("course.yaml", b"x" * 100))[:-30],
    ],
    ids=lambda _content: "archive",
)
def test_a_hostile_archive_is_refused(app, content):
    with pytest.raises(BadArchive):
        read_zip(content)


def test_names_twice_in_an_archive_are_refused(app):
    with pytest.warns(UserWarning, match="Duplicate"):
        made = raw_zip(("course.yaml", b"a"), ("course.yaml", b"b"))
    with pytest.raises(BadArchive):
        read_zip(made)


def test_a_lying_size_is_measured_while_reading(app):
    content = bytearray(raw_zip(("course.yaml", b"0123456789" * 100)))
    place = content.rfind(b"PK\x01\x02")
    content[place + 24 : place + 28] = (10).to_bytes(4, "little")
    with pytest.raises(BadArchive):
        read_zip(bytes(content))


def test_one_outer_folder_and_litter_are_taken_off(app):
    made = raw_zip(
        ("my/course.yaml", b"x"), ("__MACOSX/my/._course.yaml", b"y"), ("my/.DS_Store", b"")
    )
    assert read_zip(made) == {"course.yaml": b"x"}


def test_links_in_a_folder_are_not_followed(app, tmp_path):
    (tmp_path / "course.yaml").symlink_to("/etc/hostname")
    with pytest.raises(BadArchive):
        read_folder(tmp_path)
