"""Reads of the bank. ``faces_of`` is the only one a candidate's page may use."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from exams.bank.models import Kind, Question, QuestionApproval, QuestionKey, QuestionVersion
from exams.papers.rules import shuffled
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
class Face:
    """What a candidate may see of a question."""

    version_id: int
    kind: str
    stem: str
    body: dict[str, Any]
    module: str


@dataclass(frozen=True, slots=True)
class Key:
    """What the marking rules need; never leaves the server before release."""

    version_id: int
    kind: str
    module: str
    key: dict[str, Any]


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
        return (shuffled(kind, body),), ()
    parts = body["parts"]
    orders = tuple(shuffled(part["kind"], part["body"]) for part in parts)
    return orders, tuple(int(part["share"]) for part in parts)


def faces_of(version_ids: Iterable[int]) -> dict[int, Face]:
    """What candidates may see of these versions."""
    rows = session().execute(
        select(
            QuestionVersion.id,
            QuestionVersion.kind,
            QuestionVersion.stem,
            QuestionVersion.body,
            QuestionVersion.module,
        ).where(QuestionVersion.id.in_(list(version_ids)))
    )
    return {row.id: Face(*row) for row in rows}


def keys_of(version_ids: Iterable[int]) -> dict[int, Key]:
    """Kind, module and key of these versions, for marking."""
    rows = session().execute(
        select(QuestionVersion.id, QuestionVersion.kind, QuestionVersion.module, QuestionKey.key)
        .join(QuestionKey, QuestionKey.question_version_id == QuestionVersion.id)
        .where(QuestionVersion.id.in_(list(version_ids)))
    )
    return {row.id: Key(*row) for row in rows}


def explanations_of(version_ids: Iterable[int]) -> dict[int, str]:
    """Explanations, for staff and for candidates after release."""
    rows = session().execute(
        select(QuestionKey.question_version_id, QuestionKey.explanation).where(
            QuestionKey.question_version_id.in_(list(version_ids))
        )
    )
    return {row.question_version_id: row.explanation for row in rows}
