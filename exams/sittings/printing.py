"""A paper as the bytes that the room gets, joined from questions that were written out once.

A version of a question never changes, so its JSON is the same on every paper but for its place,
its marks and the order of what is shown: these are left open in a form that each process keeps.
The forms are made from faces by ``showing.show``, so a key can be in them as little as on a page.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from exams.bank.queries import Asked, Face, faces_of
from exams.sittings.showing import show

#: What a paper orders anew; a kind has one of them at most.
_ORDERED = ("options", "right", "items")
#: The places of a form, in the order of ``Form.filled``.
_HOLES = {"position": b"%d", "tenths": b"%d", "ordered": b"[%b]"}
_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Printed:
    """What printing needs to know of a slot."""

    position: int
    tenths: int
    order: Sequence[int]
    asked: Asked


@dataclass(frozen=True, slots=True)
class Form:
    """A question's JSON with ``%``-places; ``places`` says which of position, marks and ordered
    texts each of them takes (0, 1, 2)."""

    pattern: bytes
    places: tuple[int, ...]
    texts: tuple[bytes, ...]

    def filled(self, slot: Printed) -> bytes:
        """The question as it stands on a paper."""
        texts = self.texts
        ordered = b",".join([texts[place] for place in slot.order]) if texts else b""
        values = slot.position, slot.tenths, ordered
        return self.pattern % tuple([values[place] for place in self.places])


@dataclass(frozen=True, slots=True)
class _Blank:
    """A slot that shows everything in the question's own order."""

    order: Sequence[int]
    position: int = 0
    tenths: int = 0


def form_of(face: Face) -> Form:
    """Write a question out, with the places left open that differ from paper to paper."""
    ordered = next((name for name in _ORDERED if face.body.get(name)), "")
    texts: Sequence[str] = face.body.get(ordered) or ()
    shown = show(_Blank(range(len(texts))), face).as_json()
    parts, places = [], []
    for name, value in shown.items():
        open_place = "ordered" if name == ordered else name
        hole = _HOLES.get(open_place)
        if hole is not None:
            places.append(list(_HOLES).index(open_place))
        parts.append(_fixed(name) + b":" + (_fixed(value) if hole is None else hole))
    pattern = b"{" + b",".join(parts) + b"}"
    return Form(pattern, tuple(places), tuple(_write(text).encode() for text in texts))


def _fixed(value: Any) -> bytes:
    return _write(value).encode().replace(b"%", b"%%")


def forms_of(asked: Iterable[Asked]) -> dict[Asked, Form]:
    """The forms of these questions; one statement."""
    return {place: form_of(face) for place, face in faces_of(asked).items()}


def printed(slots: Iterable[Printed], forms: Mapping[Asked, Form]) -> bytes:
    """A whole paper: the list of its questions as JSON."""
    return b"[" + b",".join([forms[slot.asked].filled(slot) for slot in slots]) + b"]"
