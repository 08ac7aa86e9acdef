"""Questions of a bank that say nearly the same, with both texts beside each other."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from exams.bank.importing import near_text
from exams.bank.kinds import texts_of
from exams.bank.models import Question, QuestionVersion
from exams.bank.near import NearIndex
from exams.bank.rules import Draft
from lms.core.db import session


@dataclass(frozen=True, slots=True)
class Neighbour:
    """The question most like another: how alike, in per cent, and what it says."""

    question_id: int
    code: str
    percent: int
    stem: str
    texts: tuple[str, ...]
    retired: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """Two questions of a bank that say nearly the same."""

    one: Neighbour
    other: Neighbour


def neighbours_of(bank_id: int, drafts: Sequence[tuple[str, Draft]]) -> dict[str, Neighbour]:
    """Code → the question of the bank most like it, for those that have one. One statement.

    A draft that is not in the bank yet goes under any code of its own, such as "".
    """
    known, index = _bank(bank_id)
    found = {}
    for code, draft in drafts:
        near = index.nearest(near_text(draft.stem, draft.body), code)
        if near:
            found[code] = known[near.key].like(near.percent)
    return found


def pairs_in(bank_id: int, newest: int) -> list[Pair]:
    """The pairs that the ``newest`` questions of a bank are part of, the most alike first."""
    known, index = _bank(bank_id)
    found: dict[frozenset[str], Pair] = {}
    for code in sorted(known, key=lambda code: -known[code].question_id)[:newest]:
        one = known[code]
        near = index.nearest(one.text, code)
        if near and not (one.retired or known[near.key].retired):
            pair = Pair(one.like(near.percent), known[near.key].like(near.percent))
            found.setdefault(frozenset({code, near.key}), pair)
    return sorted(found.values(), key=lambda pair: (-pair.one.percent, pair.one.code))


@dataclass(frozen=True, slots=True)
class _Known:
    question_id: int
    code: str
    stem: str
    texts: tuple[str, ...]
    text: str
    retired: bool

    def like(self, percent: int) -> Neighbour:
        return Neighbour(self.question_id, self.code, percent, self.stem, self.texts, self.retired)


def _bank(bank_id: int) -> tuple[dict[str, _Known], NearIndex]:
    newest = (
        select(func.max(QuestionVersion.id).label("id"))
        .join(Question, Question.id == QuestionVersion.question_id)
        .where(Question.bank_id == bank_id)
        .group_by(QuestionVersion.question_id)
        .subquery()
    )
    rows = session().execute(
        select(
            Question.id,
            Question.code,
            Question.retired_at,
            QuestionVersion.stem,
            QuestionVersion.body,
        )
        .join(QuestionVersion, QuestionVersion.question_id == Question.id)
        .join(newest, newest.c.id == QuestionVersion.id)
    )
    known = {
        row.code: _Known(
            row.id,
            row.code,
            row.stem,
            tuple(texts_of(row.body)),
            near_text(row.stem, row.body),
            row.retired_at is not None,
        )
        for row in rows
    }
    return known, NearIndex((code, one.text) for code, one in known.items())
