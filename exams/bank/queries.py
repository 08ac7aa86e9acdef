"""Reads of the bank. ``faces_of`` is the only one a candidate's page may use."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from exams.bank.kinds import shuffled_of
from exams.bank.models import Kind, Question, QuestionApproval, QuestionKey, QuestionVersion
from lms.core.db import session


@dataclass(frozen=True, slots=True)
class PoolItem:
    """A question that may go into a paper: its newest approved version.

    ``orders`` and ``shares`` are as in ``papers.rules.Item``.
    """

    version_id: int
    question_id: int
    kind: str
    module: str
    difficulty: str
    rung: int
    orders: tuple[int, ...]
    shares: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """The case that a question is a part of: its own stem and media, ``part`` from 1."""

    stem: str
    part: int
    parts: int
    media: tuple[dict[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Face:
    """What a candidate may see of a question, or of one part of a case."""

    version_id: int
    kind: str
    stem: str
    body: dict[str, Any]
    module: str
    scene: Scene | None = None

    def part(self, part: int | None) -> "Face":
        """The face of one part (from 0); the whole when there are none."""
        if part is None:
            return self
        parts = self.body["parts"]
        scene = Scene(self.stem, part + 1, len(parts), tuple(self.body.get("media", ())))
        one = parts[part]
        return Face(self.version_id, one["kind"], one["stem"], one["body"], self.module, scene)


@dataclass(frozen=True, slots=True)
class Key:
    """What the marking rules need; never leaves the server before release."""

    version_id: int
    kind: str
    module: str
    key: dict[str, Any]


#: Where a question stands: its version and, in a case, the index of the part.
Asked = tuple[int, int | None]


def approved_pool(bank_id: int, rung: int) -> list[PoolItem]:
    """The newest approved version of every question in use, in a stable order."""
    newest = (
        select(func.max(QuestionVersion.id).label("id"))
        .join(QuestionApproval, QuestionApproval.question_version_id == QuestionVersion.id)
        .join(Question, Question.id == QuestionVersion.question_id)
        .where(Question.bank_id == bank_id, Question.retired_at.is_(None))
        .group_by(QuestionVersion.question_id)
        .subquery()
    )
    rows = session().execute(
        select(
            QuestionVersion.id,
            QuestionVersion.question_id,
            QuestionVersion.kind,
            QuestionVersion.module,
            QuestionVersion.difficulty,
            QuestionVersion.rung,
            QuestionVersion.body,
        )
        .join(newest, newest.c.id == QuestionVersion.id)
        .where(QuestionVersion.rung == rung)
        .order_by(QuestionVersion.question_id)
    )
    return [
        PoolItem(
            row.id,
            row.question_id,
            row.kind,
            row.module,
            row.difficulty,
            row.rung,
            *_places(row.kind, row.body),
        )
        for row in rows
    ]


def _places(kind: str, body: dict[str, Any]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """How many things each part shows in an order of the paper's own; the shares of a case."""
    if kind != Kind.CASE:
        return (shuffled_of(body),), ()
    parts = body["parts"]
    orders = tuple(shuffled_of(part["body"]) for part in parts)
    return orders, tuple(int(part["share"]) for part in parts)


def faces_of(asked: Iterable[Asked]) -> dict[Asked, Face]:
    """What candidates may see of these questions; one statement."""
    wanted = list(asked)
    rows = session().execute(
        select(
            QuestionVersion.id,
            QuestionVersion.kind,
            QuestionVersion.stem,
            QuestionVersion.body,
            QuestionVersion.module,
        ).where(QuestionVersion.id.in_({version_id for version_id, _part in wanted}))
    )
    whole = {row.id: Face(*row) for row in rows}
    return {place: whole[place[0]].part(place[1]) for place in wanted}


def keys_of(asked: Iterable[Asked]) -> dict[Asked, Key]:
    """Kind, module and key of these questions, for marking; one statement."""
    wanted = list(asked)
    rows = session().execute(
        select(
            QuestionVersion.id,
            QuestionVersion.kind,
            QuestionVersion.module,
            QuestionVersion.body,
            QuestionKey.key,
        )
        .join(QuestionKey, QuestionKey.question_version_id == QuestionVersion.id)
        .where(QuestionVersion.id.in_({version_id for version_id, _part in wanted}))
    )
    whole = {row.id: row for row in rows}
    return {place: _key(whole[place[0]], place[1]) for place in wanted}


def _key(row: Any, part: int | None) -> Key:
    if part is None:
        return Key(row.id, row.kind, row.module, row.key)
    return Key(row.id, row.body["parts"][part]["kind"], row.module, row.key["parts"][part])


def explanations_of(version_ids: Iterable[int]) -> dict[int, str]:
    """Explanations, for staff and for candidates after release."""
    rows = session().execute(
        select(QuestionKey.question_version_id, QuestionKey.explanation).where(
            QuestionKey.question_version_id.in_(list(version_ids))
        )
    )
    return {row.question_version_id: row.explanation for row in rows}
