"""A photo of a paper leads to its certificate where the browser cannot read codes itself."""

import io
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import qrcode
from PIL import Image, ImageFilter

from certificates.documents import paper_of
from certificates.photo import reading
from lms.core.pictures import decoded
from tests.factories.certificates import issue_now, skill_request
from tests.factories.media import picture
from tests.forms import token_from


@pytest.fixture
def issued(site, cast):
    with site.app.app_context():
        return issue_now(skill_request(cast.wang, cast.base))


@pytest.fixture
def page(site, issued):
    """The paper as it hangs on the wall."""
    with site.app.app_context():
        return Image.open(io.BytesIO(paper_of(issued.certificate_id, "png"))).convert("RGB")


def as_file(image, form="JPEG", **more):
    out = io.BytesIO()
    image.save(out, form, **more)
    return out.getvalue()


def photo_of(page, angle=7, blur=1.0):
    """Held askew in a grey room by an unsteady hand."""
    taken = page.rotate(angle, expand=True, fillcolor=(120, 118, 110), resample=Image.BICUBIC)
    return as_file(taken.filter(ImageFilter.GaussianBlur(blur)), quality=70)


def code_of(text):
    return as_file(qrcode.make(text).convert("RGB"), "PNG")


def send(browser, content, name="IMG_0001.jpg"):
    data = {"csrf_token": token_from(browser, "/v")}
    if content is not None:
        data["photo"] = (io.BytesIO(content), name)
    return browser.post("/v/photo", data=data, content_type="multipart/form-data")


@pytest.mark.parametrize("angle", [0, 7, 90, 200])
def test_a_photo_leads_to_the_certificate(visitor, issued, page, angle):
    answer = send(visitor, photo_of(page, angle))
    assert answer.status_code == 303
    assert answer.location == f"/v/{issued.code}"
    assert "有效" in visitor.get(answer.location).text


def test_a_phone_that_was_held_sideways_and_a_large_photo_are_read(site, issued, page):
    exif = Image.Exif()
    exif[0x0112] = 6
    large = page.resize((page.width * 3, page.height * 3))
    assert large.width * large.height < reading.MOST_PIXELS
    host = urlsplit(site.app.extensions["settings"].base_url).netloc
    with site.app.app_context():
        assert reading.code_in(as_file(large, exif=exif), host) == issued.code


def test_a_file_too_large_is_refused_unread(app):
    with pytest.raises(reading.NoCode, match="照片太大"):
        reading.code_in(b"\xff\xd8" + b"x" * reading.MOST_BYTES, "localhost")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "请先拍一张照片"),
        (b"", "认不出这张照片"),
        (b"GIF89a nonsense", "认不出这张照片"),
        (picture(size=(300, 300)), "照片里没有找到二维码"),
        (code_of("https://example.com/v/" + "A" * 26), "这不是本平台的证书二维码"),
        (code_of("http://[nonsense/v/" + "A" * 26), "这不是本平台的证书二维码"),
        (code_of("WIFI:S:home;P:secret;;"), "这不是本平台的证书二维码"),
    ],
)
def test_what_leads_nowhere_is_said_in_words(visitor, cast, content, said):
    answer = send(visitor, content)
    assert answer.status_code == 422
    assert said in answer.text
    assert "证书编号或查验码" in answer.text  # the other way stays open


def test_a_flood_of_pixels_is_refused_before_it_is_decoded(visitor, cast, monkeypatch):
    seen = []
    monkeypatch.setattr(Image.Image, "convert", lambda self, mode: seen.append(mode))
    flood = as_file(Image.new("1", (8000, 8000)), "PNG")
    assert "尺寸太大" in send(visitor, flood).text
    assert seen == []


def test_nothing_of_a_photo_is_kept(site, visitor, issued, page):
    instance = Path(site.app.extensions["settings"].instance)
    before = {path for path in instance.rglob("*") if path.is_file()}
    content = photo_of(page)
    send(visitor, content)
    after = {path for path in instance.rglob("*") if path.is_file()}
    assert not [path for path in after - before if path.stat().st_size > len(content) // 2]
    assert not [path for path in after if content[:64] in path.read_bytes()]


def test_photos_are_throttled(visitor, cast):
    codes = [send(visitor, None).status_code for _ in range(12)]
    assert codes[:10] == [422] * 10
    assert codes[-1] == 429


def test_the_page_offers_it_without_any_script(visitor, cast):
    page = visitor.get("/v").text
    assert 'enctype="multipart/form-data"' in page
    assert 'capture="environment"' in page
    assert "不保存" in page


def test_a_code_in_capitals_is_the_same(app, cast):
    text = "HTTPS://TRAINING.EXAMPLE.CN/V/" + "7Q2MK0V9" * 3 + "AB"
    assert reading.code_in(code_of(text), "training.example.cn") == "7Q2MK0V9" * 3 + "AB"
    assert decoded(code_of(text), reading.MOST_PIXELS).format == "PNG"
