"""A question as its candidate will see it, with its key in words for whoever opened it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from exams.bank.kinds import options_of, shuffled_of
from exams.bank.models import Kind
from exams.bank.queries import Face
from exams.marking.wording import Line, lines_of
from exams.sittings.showing import Medium, Shown, show


@dataclass(frozen=True, slots=True)
class _Place:
    position: int
    tenths: int
    order: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """One question to be answered. Without the key ``right``, ``lines`` and ``rubric`` are empty.

    ``share`` is how much of a case's marks the part brings (None outside a case).
    """

    shown: Shown
    share: int | None
    right: frozenset[int]
    lines: tuple[Line, ...]
    rubric: tuple[Mapping[str, Any], ...]
    keyed: bool


@dataclass(frozen=True, slots=True)
class Display:
    """A question as it is read: the text of a case, its media, and what is asked."""

    kind: str
    scene: str
    media: tuple[Medium, ...]
    cards: tuple[Card, ...]


def displayed(kind: str, stem: str, body: dict[str, Any], key: dict[str, Any] | None) -> Display:
    """Everything in the order it is stored in, which says nothing about the key."""
    whole = Face(0, kind, stem, body, "")
    if kind != Kind.CASE:
        return Display(kind, "", (), (_card(whole, key, None, 1),))
    cards = []
    for n, part in enumerate(body["parts"]):
        one = Face(0, part["kind"], part["stem"], part["body"], "")
        cards.append(_card(one, key["parts"][n] if key else None, part["share"], n + 1))
    media = show(_Place(1, 0, ()), whole).media
    return Display(kind, stem, media, tuple(cards))


def _card(face: Face, key: dict[str, Any] | None, share: int | None, position: int) -> Card:
    order = tuple(range(shuffled_of(face.body)))
    shown = show(_Place(position, 0, order), face)
    if key is None:
        return Card(shown, share, frozenset(), (), (), False)
    right = frozenset(key["right"]) if options_of(face.body) else frozenset()
    lines = tuple(lines_of(face.kind, face.body, key, order))
    return Card(shown, share, right, lines, tuple(key.get("rubric") or ()), True)
