"""What an ordinary form of the plain room says, as the protocol writes answers; no Flask."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from exams.sittings.errors import BadSteps, NotAnOrder


class Form(Protocol):
    """A form as it was sent: several values may have one name."""

    def getlist(self, key: str) -> Sequence[str]: ...


def answer_from(form: Form) -> dict[str, Any]:
    """The answer and its mark. The names of the fields say which kind of question it was.

    Raises:
        NotAnOrder: two lines of an ordering have the same number, or one has none.
        BadSteps: the form is not one of ours.
    """
    answer = _chosen({name: list(form.getlist(name)) for name in _READERS})
    if form.getlist("flag"):
        answer["flag"] = True
    return answer


def _chosen(sent: Mapping[str, list[str]]) -> dict[str, Any]:
    for name, read in _READERS.items():
        if sent[name]:
            return read(sent[name])
    return {"picked": []}


def _place(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 3):
        raise BadSteps
    return int(text)


def _ordered(numbers: list[str]) -> dict[str, Any]:
    """For each line as it was shown, the number it was given."""
    if not any(numbers):
        return {"sequence": []}
    if not all(numbers):
        raise NotAnOrder
    places = [_place(number) - 1 for number in numbers]
    if sorted(places) != list(range(len(places))):
        raise NotAnOrder
    return {"sequence": [places.index(n) for n in range(len(places))]}


def _text(values: list[str]) -> dict[str, Any]:
    return {"text": values[0].replace("\r\n", "\n")}


_READERS = {
    "value": lambda sent: {"value": sent[0] == "true"},
    "picked": lambda sent: {"picked": sorted({_place(place) for place in sent})},
    "number": lambda sent: {"number": sent[0]},
    "blank": lambda sent: {"blanks": list(sent)},
    "pair": lambda sent: {"pairs": [_place(place) if place else None for place in sent]},
    "place": _ordered,
    "text": _text,
}
