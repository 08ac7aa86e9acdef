"""What the room gets of a question: from its face and its slot alone, never from a key."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from exams.bank.models import Kind
from exams.bank.queries import Face

MEDIA_URL = "/exams/media/"


class Place(Protocol):
    """What showing needs to know of a slot."""

    @property
    def position(self) -> int: ...
    @property
    def tenths(self) -> int: ...
    @property
    def order(self) -> Sequence[int]: ...


@dataclass(frozen=True, slots=True)
class Medium:
    """A picture or a sound of a question, and where it is fetched."""

    url: str
    kind: str
    alt: str


@dataclass(frozen=True, slots=True)
class SceneShown:
    """The case that a question belongs to; ``part`` counts from 1."""

    stem: str
    part: int
    parts: int


@dataclass(frozen=True, slots=True)
class Shown:
    """One question as the room shows it: options, right column or items in this paper's order.

    Fields that a kind does not use are empty (None for the numbers).
    """

    position: int
    kind: str
    stem: str
    options: tuple[str, ...]
    tenths: int
    unit: str = ""
    blanks: int | None = None
    left: tuple[str, ...] = ()
    right: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    longest: int | None = None
    case: SceneShown | None = None
    media: tuple[Medium, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As the protocol sends it: what every question has, and what its kind needs."""
        named: dict[str, Any] = {
            "position": self.position,
            "kind": self.kind,
            "stem": self.stem,
            "options": list(self.options),
            "tenths": self.tenths,
        }
        for name in _BY_KIND.get(self.kind, ()):
            value = getattr(self, name)
            named[name] = list(value) if isinstance(value, tuple) else value
        if self.case:
            named["case"] = {
                "stem": self.case.stem, "part": self.case.part, "parts": self.case.parts
            }  # fmt: skip
        if self.media:
            named["media"] = [{"url": m.url, "kind": m.kind, "alt": m.alt} for m in self.media]
        return named


_BY_KIND: dict[str, tuple[str, ...]] = {
    Kind.NUMERIC: ("unit",),
    Kind.FILL: ("blanks",),
    Kind.MATCHING: ("left", "right"),
    Kind.ORDERING: ("items",),
    Kind.SHORT: ("longest",),
    Kind.ESSAY: ("longest",),
}


def show(slot: Place, face: Face) -> Shown:
    """A question with its options, right column or items in the order of the paper."""
    body, scene = face.body, face.scene
    media = [*(scene.media if scene else ()), *body.get("media", ())]
    return Shown(
        position=slot.position,
        kind=face.kind,
        stem=face.stem,
        options=_ordered(body, "options", slot.order),
        tenths=slot.tenths,
        unit=body.get("unit", ""),
        blanks=body.get("blanks"),
        left=tuple(body.get("left", ())),
        right=_ordered(body, "right", slot.order),
        items=_ordered(body, "items", slot.order),
        longest=body.get("longest"),
        case=SceneShown(scene.stem, scene.part, scene.parts) if scene else None,
        media=tuple(Medium(MEDIA_URL + m["digest"], m["kind"], m["alt"]) for m in media),
    )


def _ordered(body: dict[str, Any], name: str, order: Sequence[int]) -> tuple[str, ...]:
    texts = body.get(name)
    return tuple(texts[index] for index in order) if texts else ()
