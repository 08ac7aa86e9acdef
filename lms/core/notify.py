"""In-app notices: short messages to one person, each sent at most once by its key."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask import Flask, current_app
from sqlalchemy import ForeignKey, String, select, update
from sqlalchemy.orm import Mapped, mapped_column

from lms.core import clock
from lms.core.db import Json, Model, session
from lms.core.errors import NotFound


class Notice(Model):
    """A message on a person's home page; ``kind`` picks the translated text, ``facts`` fill it."""

    __tablename__ = "notice"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str] = mapped_column(String(60))
    key: Mapped[str] = mapped_column(String(160), unique=True)
    facts: Mapped[Json]
    url: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


def notice_row(
    person_id: int, kind: str, key: str, url: str, facts: Json, now: datetime
) -> dict[str, Any]:
    """A notice as a row of its table."""
    return {
        "person_id": person_id, "kind": kind, "key": key, "facts": facts, "url": url,
        "created_at": now, "read_at": None,
    }  # fmt: skip


Words = Callable[[str, Mapping[str, Any]], str]


def speak_with(app: Flask, words: Words) -> None:
    """Give the app the words of its notices; those who know them stand further up."""
    app.extensions["notice_words"] = words


def sentence(kind: str, facts: Mapping[str, Any]) -> str:
    """The sentence of a notice, in the present language."""
    words: Words = current_app.extensions["notice_words"]
    return words(kind, facts)


def tell(person_id: int, kind: str, key: str, url: str = "", **facts: object) -> None:
    """Leave a notice for ``person_id`` in the present unit of work; once per key."""
    sess = session()
    if sess.scalar(select(Notice.id).where(Notice.key == key)) is None:
        sess.add(Notice(**notice_row(person_id, kind, key, url, facts, clock.now())))
        sess.flush()


def unread(person_id: int, limit: int = 5) -> list[Notice]:
    """Newest unread notices of a person."""
    query = (
        select(Notice)
        .where(Notice.person_id == person_id, Notice.read_at.is_(None))
        .order_by(Notice.id.desc())
        .limit(limit)
    )
    return list(session().scalars(query))


def dismiss(notice_id: int, person_id: int, now: datetime) -> None:
    """Mark a person's own notice as read. Raises NotFound for anybody else's."""
    known = select(Notice.id).where(Notice.id == notice_id, Notice.person_id == person_id)
    if session().scalar(known) is None:
        raise NotFound(action="notice.dismiss")
    session().execute(
        update(Notice)
        .where(Notice.id == notice_id, Notice.person_id == person_id, Notice.read_at.is_(None))
        .values(read_at=now)
    )
