"""Course folders and quick readers."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, datetime

from flask.testing import FlaskClient

from courses.catalogue.archive import write_zip
from courses.catalogue.operations import publish, read_files, save_draft
from courses.catalogue.queries import VersionCard, version_cards
from lms.core import clock
from lms.core.access import SYSTEM
from lms.core.rules import add_version
from lms.core.uow import unit_of_work
from tests.forms import token_from

MANIFEST = """\
code: {code}
kind: special
title: 试验课
title_en: Trial course
summary: 两课的小课程
audience: [caregiver]
hours: 1.5
category: professional
source: 试验
lessons: [01-one, 02-two]
"""
LESSON = """\
---
code: {code}
title: 第{code}课
title_en: Lesson {code}
minutes: 10
goals: [学会一件事]
check:
  - stem: 哪个对？
    options: [甲, 乙]
    answer: B
    why: CANARY-{code}
---

## 开头

{body}
"""
DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 30"><circle r="9"/></svg>'
SVG = DRAWING.encode()
BODY = "这里是正文，写得足够长，够二十个字以上。\n\n![一张图](pictures/a.svg)"


def course_files(code: str = "trial", body: str = BODY) -> dict[str, bytes]:
    """The files of a small, correct course."""
    return {
        "course.yaml": MANIFEST.format(code=code).encode(),
        "01-one.md": LESSON.format(code="one", body=body).encode(),
        "02-two.md": LESSON.format(code="two", body=body).encode(),
        "pictures/a.svg": SVG,
    }


def zipped(files: dict[str, bytes]) -> io.BytesIO:
    """The files as an upload."""
    return io.BytesIO(write_zip(files))


def raw_zip(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    """An archive with exactly these entries, however hostile."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return out.getvalue()


def published(files: dict[str, bytes] | None = None, owner_id: int | None = None) -> VersionCard:
    """A published course (needs an application context)."""
    now = clock.now()
    plan = read_files(files or course_files(), now).plan
    assert plan is not None
    with unit_of_work():
        saved = save_draft(plan, owner_id, SYSTEM, now)
        if saved.is_new:
            publish(saved.version_id, SYSTEM, now)
    return version_cards([saved.version_id])[saved.version_id]


def no_waiting() -> None:
    """Put a rule in force that asks for no reading time (needs an application context)."""
    with unit_of_work():
        value = {"share_percent": 0, "cap_seconds": 0}
        add_version(SYSTEM, "courses.completion", value, date(2024, 7, 12), "试验")


def fields_of(page: str, deed: str) -> dict[str, str]:
    """Hidden fields of the lesson page's form for ``check`` or ``finished``."""
    found = re.search(rf'data-deed="{deed}">(.*?)</form>', page, re.S)
    assert found, f"no form for {deed}"
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', found[1]))


def answer(client: FlaskClient, url: str, letters: dict[int, str]) -> str:
    """Answer a lesson's questions and return the page that follows."""
    fields = fields_of(client.get(url).text, "check")
    data = fields | {f"q{number}": letter for number, letter in letters.items()}
    return client.post(f"{url}/check", data=data, follow_redirects=True).text


def finish(client: FlaskClient, url: str, **headers: str):
    """Press the button that finishes a lesson."""
    fields = fields_of(client.get(url).text, "finished")
    return client.post(f"{url}/finish", data=fields, headers=headers)


def hand_in(client: FlaskClient, enrolment_id: int, *events: dict[str, object]):
    """Send evidence as the phone's queue does."""
    token = client.get("/learn/token").json["token"]
    body = {"enrolment": enrolment_id, "events": list(events)}
    return client.post("/learn/evidence", json=body, headers={"X-CSRFToken": token})


def moment(text: str) -> datetime:
    """An instant from ISO text with its offset."""
    return datetime.fromisoformat(text)


__all__ = [
    "answer", "course_files", "fields_of", "finish", "hand_in", "moment", "no_waiting",
    "published", "raw_zip", "token_from", "zipped",
]  # fmt: skip
