"""Pictures and sounds: taken by content, stripped, kept by digest, shown only to whom they are
meant for and only while they are."""

import io
import struct
from datetime import timedelta

import pytest
from flask import g
from PIL import Image
from sqlalchemy import select

from exams.bank.media import BadMedia, checked
from exams.bank.models import BankMedia, QuestionMedia
from exams.bank.operations import add_question
from exams.bank.shelf import keep
from exams.papers.models import Paper, Slot
from exams.results.models import Result, ResultRelease
from exams.sittings.models import Attempt
from lms.core import clock
from lms.core.access import SYSTEM
from lms.core.db import session
from lms.core.errors import Invalid
from lms.core.uow import unit_of_work
from tests.factories import media
from tests.factories.bank import NOW, make_bank, make_draft, make_question
from tests.factories.exams import enter_person, fill_bank, theory_event

SECRET = "GPS-OF-THE-AUTHOR"


@pytest.mark.parametrize(
    ("data", "kind", "content_type"),
    [
        (media.picture("JPEG"), "picture", "image/jpeg"),
        (media.picture("PNG"), "picture", "image/png"),
        (media.picture("WEBP"), "picture", "image/jpeg"),
        (media.wav(), "audio", "audio/wav"),
        (media.mp3(), "audio", "audio/mpeg"),
        (media.opus(), "audio", "audio/ogg"),
        (media.m4a(), "audio", "audio/mp4"),
    ],
)
def test_what_is_taken_is_known_by_its_content(app, data, kind, content_type):
    found = checked(data)
    assert (found.kind, found.content_type) == (kind, content_type)
    assert found.duration > 900 if kind == "audio" else (found.width, found.height) == (40, 30)


def test_a_picture_keeps_nothing_but_its_pixels(app):
    exif = Image.Exif()
    exif[0x010E] = SECRET
    exif[0x0112] = 6  # lying on its side
    found = checked(media.picture("JPEG", (2000, 500), exif=exif, comment=SECRET.encode()))
    assert SECRET.encode() not in found.content
    assert Image.open(io.BytesIO(found.content)).getexif() == {}
    assert (found.width, found.height) == (320, 1280)


def test_a_sound_loses_its_tags(app):
    data = media.mp3(title=SECRET)
    assert SECRET.encode() in data
    assert SECRET.encode() not in checked(data).content


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "只收图片"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "只收图片"),
        (b"GIF89a" + b"\0" * 50, "只收图片"),
        (b"%PDF-1.7", "只收图片"),
        (b"<html><script>alert(1)</script>", "只收图片"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "图片损坏"),
        (media.picture("JPEG")[:200], "图片损坏"),
        (media.picture("PNG", (4100, 4100)), "尺寸太大"),
        (b"\xff\xd8\xff" + b"\0" * (7 * 2**20), "文件太大"),
        (b"ID3" + b"\0" * (11 * 2**20), "文件太大"),
        (media.wav(400), "长度"),
        (media.wav(0.01), "长度"),
        (b"RIFF\0\0\0\0WAVEjunk", "录音损坏"),
        (b"OggS" + b"\0" * 60, "录音损坏"),
        (b"ID3\x04\0\0\0\0\0\0" + b"<script>" * 500, "录音损坏"),
        (media.m4a(b"vide"), "只收图片"),
        (b"\0\0\0\x18ftypM4A " + b"\0" * 400, "录音损坏"),
    ],
    ids=lambda value: value if isinstance(value, str) else str(len(value)),
)
def test_anything_else_is_refused_in_words(app, data, reason):
    with pytest.raises(BadMedia, match=reason):
        checked(data)


def test_a_moving_picture_is_refused(app):
    out = io.BytesIO()
    frames = [Image.new("RGB", (9, 9), colour) for colour in ("red", "blue")]
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:])
    with pytest.raises(BadMedia, match="静止"):
        checked(out.getvalue())


def kept(bank, data: bytes) -> str:
    with unit_of_work():
        return keep(bank, data, SYSTEM, NOW).digest


def fetch(client, url: str, **headers: str):
    """The answer, read to its end and closed; nothing is left of whoever asked before."""
    for name in list(g):
        g.pop(name)
    with client.get(url, headers=headers) as answer:
        answer.get_data()
        return answer


def with_media(digest: str, kind: str = "audio") -> dict:
    item = {"digest": digest, "kind": kind, "alt": "一张图" if kind == "picture" else ""}
    return {"body": {"options": ["甲", "乙"], "media": [item]}, "key": {"right": [0]}}


def test_a_question_shows_only_files_of_its_own_bank(app, cast):
    mine, other = make_bank(cast.base), make_bank(cast.base)
    digest = kept(other, media.wav())
    with pytest.raises(Invalid, match="不在这个题库里"), unit_of_work():
        add_question(mine, "X-1", make_draft(**with_media(digest)), SYSTEM, NOW)
    assert kept(mine, media.wav()) == digest
    version = make_question(mine, **with_media(digest))
    assert session().scalars(select(QuestionMedia.question_version_id)).all() == [version.id]
    assert session().scalars(select(BankMedia.bank_id).order_by(BankMedia.bank_id)).all() == [
        mine.id, other.id,
    ]  # fmt: skip


@pytest.fixture
def asked(app, cast):
    """A picture in every paper of a running exam; 王桂兰 is entered, 赵 is not."""
    now = clock.now()
    with unit_of_work():
        bank = fill_bank(cast, now, papers=1)
        event = theory_event(cast, bank, now)
        entry = enter_person(event, cast.wang, cast, now)
        event_id, entry_id, bank_id = event.id, entry.id, bank.id
    digest = kept(bank, media.picture())
    version = make_question(bank, module="基础知识", **with_media(digest, "picture"))
    with unit_of_work():
        paper = Paper(event_id=event_id, seed="m", blueprint="b", digest="d", created_at=now)
        session().add(paper)
        session().flush()
        slot = Slot(
            paper_id=paper.id, position=1, question_version_id=version.id, tenths=10, order=[0, 1]
        )
        attempt = Attempt(
            entry_id=entry_id, number=1, paper_id=paper.id, slots=1, started_at=now,
            deadline=now + timedelta(hours=1), grace_seconds=60,
        )  # fmt: skip
        session().add_all((slot, attempt))
        session().flush()
        return digest, attempt.id, bank_id


def test_a_candidate_fetches_it_while_she_sits_and_after_release_but_not_between(
    app, cast, sign_in, asked
):
    digest, attempt_id, _bank = asked
    url = f"/exams/media/{digest}"
    wang, zhao = sign_in(cast.wang), sign_in(cast.zhao)
    answer = fetch(wang, url)
    assert answer.status_code == 200
    assert (answer.mimetype, answer.headers["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    assert answer.headers["Cache-Control"] == "private, max-age=3600"
    assert checked(answer.data).kind == "picture"
    assert fetch(zhao, url).status_code == 404
    with unit_of_work():
        session().get_one(Attempt, attempt_id).paused_at = clock.now()
    assert fetch(wang, url).status_code == 404

    with unit_of_work():
        attempt = session().get_one(Attempt, attempt_id)
        attempt.state, attempt.handed_in_at, attempt.paused_at = "concluded", clock.now(), None
        event = attempt.entry.event
        result = Result(
            attempt_id=attempt.id, event_id=event.id, person_id=cast.wang, rung=2, part="theory",
            tenths=0, passed=False, by_module={}, stamp="s", decided_by=0, decided_at=clock.now(),
        )  # fmt: skip
        session().add(result)
        event.feedback = "explained"
    assert fetch(wang, url).status_code == 404
    with unit_of_work():
        session().add(ResultRelease(result_id=result.id, released_by=0, released_at=clock.now()))
    assert fetch(wang, url).status_code == 200
    with unit_of_work():
        session().get_one(Attempt, attempt_id).entry.event.feedback = "marks"
    assert fetch(wang, url).status_code == 404


def test_staff_of_the_bank_and_of_the_exam_fetch_it_and_nobody_from_elsewhere(
    app, cast, sign_in, asked
):
    url = f"/exams/media/{asked[0]}"
    chen, zhou, li = sign_in(cast.chen), sign_in(cast.zhou), sign_in(cast.li)
    browsers = (chen, zhou, li, app.test_client())
    assert [fetch(each, url).status_code for each in browsers] == [200, 200, 404, 302]
    for name in ("0" * 64, "../../keys/secret", "A" * 64, asked[0][:-1]):
        assert fetch(zhou, f"/exams/media/{name}").status_code == 404


def test_a_sound_can_be_fetched_in_ranges(app, cast, sign_in, asked):
    bank = make_bank(cast.base)
    digest = kept(bank, media.wav())
    chen, url = sign_in(cast.chen), f"/exams/media/{digest}"
    whole = fetch(chen, url)
    assert whole.headers["Accept-Ranges"] == "bytes"
    part = fetch(chen, url, Range="bytes=0-9")
    assert (part.status_code, part.data) == (206, whole.data[:10])
    same = fetch(chen, url, **{"If-None-Match": whole.headers["ETag"]})
    assert same.status_code == 304


def _nested(times):
    """Boxes within boxes, more than any sound has."""
    inside = b""
    for _n in range(times):
        inside = struct.pack(">I", len(inside) + 8) + b"moov" + inside
    return struct.pack(">I", 16) + b"ftypM4A \0\0\0\0" + inside


def _cut():
    """A first page that ends within the head it announces."""
    whole = media.opus()
    return whole[:27] + bytes([8]) + whole[28:36] + whole[28 + whole[27] :]


@pytest.mark.parametrize("data", [_nested(3000), _cut()], ids=["deep", "cut"])
def test_a_sound_that_breaks_its_reader_is_a_damaged_sound(app, data):
    with pytest.raises(BadMedia):
        checked(data)
