"""Automatic marking; plain values in and out. Marks are integers in tenths.

Whatever was sent as an answer is marked, however ill it fits the question: it is then worth 0.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from decimal import Context
from enum import StrEnum
from typing import Any
from unicodedata import normalize

from exams.bank.kinds import number_of
from exams.bank.models import Kind

VERSION = "exams.marking@2"
#: Digits enough for the difference of any two numbers of at most 20 characters.
_EXACT = Context(prec=60)


class MultipleRule(StrEnum):
    """How several right options are marked."""

    ALL_OR_NOTHING = "all_or_nothing"
    PARTIAL = "partial"


class FillRule(StrEnum):
    """How several blanks are marked."""

    PER_BLANK = "per_blank"
    ALL_OR_NOTHING = "all_or_nothing"


class MatchingRule(StrEnum):
    """How pairs are marked."""

    PER_PAIR = "per_pair"
    ALL_OR_NOTHING = "all_or_nothing"


class OrderingRule(StrEnum):
    """How a sequence is marked."""

    ALL_OR_NOTHING = "all_or_nothing"
    PER_PLACE = "per_place"


@dataclass(frozen=True, slots=True)
class Policy:
    """Which rule each kind is marked by."""

    multiple: str = MultipleRule.ALL_OR_NOTHING
    fill: str = FillRule.PER_BLANK
    matching: str = MatchingRule.PER_PAIR
    ordering: str = OrderingRule.ALL_OR_NOTHING

    @classmethod
    def of(cls, rule: Mapping[str, Any], **own: str) -> "Policy":
        """The policy of a rule's value; what an event says itself goes before, "" says nothing."""
        known = {f.name: str(rule[f.name]) for f in fields(cls) if rule.get(f.name)}
        return cls(**(known | {name: value for name, value in own.items() if value}))


@dataclass(frozen=True, slots=True)
class Markable:
    """A question as marking needs it: ``order`` turns places shown into the question's own."""

    kind: str
    key: Mapping[str, Any]
    order: Sequence[int] = field(default=())


def mark(
    question: Markable,
    answer: Mapping[str, Any] | None,
    tenths: int,
    policy: Policy | None = None,
) -> int:
    """Tenths for one answer: 0 to ``tenths``.

    Raises:
        ValueError: for a kind that a person must mark, and for a whole case.
    """
    rule = _RULES.get(question.kind)
    if rule is None:
        raise ValueError(f"{question.kind} questions are not marked by rule")
    return rule(question, answer, tenths, policy or Policy()) if answer else 0


_Answer = Mapping[str, Any]


def _judge(question: Markable, answer: _Answer, tenths: int, _policy: Policy) -> int:
    return tenths if answer.get("value") is question.key["right"] else 0


def _single(question: Markable, answer: _Answer, tenths: int, _policy: Policy) -> int:
    return tenths if _own(question, answer.get("picked")) == question.key["right"] else 0


def _multiple(question: Markable, answer: _Answer, tenths: int, policy: Policy) -> int:
    picked, right = set(_own(question, answer.get("picked")) or ()), set(question.key["right"])
    if policy.multiple == MultipleRule.PARTIAL:
        return 0 if picked - right else _share(tenths, len(picked), len(right))
    return tenths if picked == right else 0


def _numeric(question: Markable, answer: _Answer, tenths: int, _policy: Policy) -> int:
    given = number_of(str(answer.get("number", "")))
    right, within = number_of(question.key["right"]), number_of(question.key["within"])
    if given is None or right is None or within is None:
        return 0
    away = _EXACT.abs(_EXACT.subtract(given, right))
    return tenths if away <= within else 0


def _fill(question: Markable, answer: _Answer, tenths: int, policy: Policy) -> int:
    hits = blanks_right(question.key, answer)
    return _count(hits, tenths, policy.fill == FillRule.ALL_OR_NOTHING)


def _matching(question: Markable, answer: _Answer, tenths: int, policy: Policy) -> int:
    hits = pairs_right(question, answer)
    return _count(hits, tenths, policy.matching == MatchingRule.ALL_OR_NOTHING)


def _ordering(question: Markable, answer: _Answer, tenths: int, policy: Policy) -> int:
    hits = places_right(question, answer)
    return _count(hits, tenths, policy.ordering != OrderingRule.PER_PLACE)


def blanks_right(key: Mapping[str, Any], answer: _Answer) -> list[bool]:
    """For each blank: is what was typed one of the accepted answers?"""
    typed, exact = answer.get("blanks") or [], bool(key.get("exact"))
    given = [*map(str, typed), *[""] * len(key["blanks"])]
    return [
        bool(text.strip()) and alike(text, exact) in {alike(known, exact) for known in accepted}
        for text, accepted in zip(given, key["blanks"], strict=False)
    ]


def alike(text: str, exact: bool) -> str:
    """What two answers to a blank must share: all of it, or all but spaces, width and case."""
    if exact:
        return text.strip()
    return "".join(normalize("NFKC", text).casefold().split())


def pairs_right(question: Markable, answer: _Answer) -> list[bool]:
    """For each item on the left: was its own partner chosen?"""
    pairs, given = question.key["pairs"], answer.get("pairs") or []
    own = [_one(question, place) for place in given] + [None] * len(pairs)
    return [chosen == right for chosen, right in zip(own, pairs, strict=False)]


def places_right(question: Markable, answer: _Answer) -> list[bool]:
    """For each place of the sequence: does the right step stand there?"""
    sequence, given = question.key["sequence"], answer.get("sequence") or []
    own = [_one(question, place) for place in given] + [None] * len(sequence)
    return [chosen == right for chosen, right in zip(own, sequence, strict=False)]


def _one(question: Markable, place: Any) -> int | None:
    """The question's own index of a place shown; None for no place of this question."""
    within = isinstance(place, int) and 0 <= place < len(question.order)
    return question.order[place] if within else None


def _own(question: Markable, places: Any) -> list[int] | None:
    """The question's own indexes, ascending; None when one is out of range or nothing is."""
    own = [_one(question, place) for place in places or ()]
    known = [index for index in own if index is not None]
    return sorted(known) if len(known) == len(own) else None


def _count(hits: Sequence[bool], tenths: int, all_or_nothing: bool) -> int:
    if all_or_nothing:
        return tenths if all(hits) else 0
    return _share(tenths, sum(hits), len(hits))


def _share(tenths: int, right: int, of: int) -> int:
    return tenths * right // of


_RULES: dict[str, Callable[[Markable, _Answer, int, Policy], int]] = {
    Kind.SINGLE: _single,
    Kind.MULTIPLE: _multiple,
    Kind.JUDGE: _judge,
    Kind.NUMERIC: _numeric,
    Kind.FILL: _fill,
    Kind.MATCHING: _matching,
    Kind.ORDERING: _ordering,
}
