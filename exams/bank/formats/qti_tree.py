"""QTI 2.1, 2.2 and 3.0 as one: names without namespace, prefix and hyphens; what is declared."""

from dataclasses import dataclass
from functools import lru_cache
from xml.etree.ElementTree import Element

from flask_babel import gettext as _


@lru_cache(maxsize=4096)
def plain_name(tag: object) -> str:
    """``{…}qti-simple-choice`` and ``simpleChoice`` as ``simpleChoice``."""
    name = str(tag).rpartition("}")[2].removeprefix("qti-")
    first, *rest = name.split("-")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)


def attribute(element: Element, name: str, default: str = "") -> str:
    """An attribute by its QTI 2 name, also in its QTI 3 spelling."""
    found = element.get(name)
    if found is None:
        found = element.get("".join(f"-{c.lower()}" if c.isupper() else c for c in name))
    return default if found is None else found


def children(element: Element, name: str) -> list[Element]:
    """The children of that name."""
    return [child for child in element if plain_name(child.tag) == name]


def within(element: Element, name: str) -> list[Element]:
    """All descendants of that name, in document order."""
    return [each for each in element.iter() if plain_name(each.tag) == name]


def has_class(element: Element, name: str) -> bool:
    """True if the element is marked so."""
    return name in element.get("class", "").split()


@dataclass(frozen=True, slots=True)
class Declared:
    """A response declaration: what is right, and what each answer brings."""

    cardinality: str
    base_type: str
    correct: tuple[str, ...]
    mapped: tuple[tuple[str, float, str], ...]

    def right(self) -> list[str]:
        """Every answer that brings all there is.

        Raises:
            ValueError: none is declared, or a share is no number.
        """
        full = max((value for _key, value, _case in self.mapped), default=0.0)
        keys = [key for key, value, _case in self.mapped if value > 0]
        if self.cardinality == "single":
            keys = [key for key, value, _case in self.mapped if value == full and value > 0]
        found = list(dict.fromkeys([*self.correct, *keys]))
        if not found:
            raise ValueError(_("没有写正确答案。"))
        return found

    def is_partial(self) -> bool:
        """True if some answer brings a part of the marks."""
        shares = {value for _key, value, _case in self.mapped if value > 0}
        return len(shares) > 1


def declared(item: Element) -> dict[str, Declared]:
    """The response declarations of an item, by identifier."""
    return {
        attribute(each, "identifier"): _declared(each)
        for each in children(item, "responseDeclaration")
    }


def _declared(element: Element) -> Declared:
    correct = [
        (value.text or "").strip()
        for holder in children(element, "correctResponse")
        for value in children(holder, "value")
    ]
    mapped = [
        (attribute(entry, "mapKey").strip(), _share(entry), attribute(entry, "caseSensitive"))
        for holder in children(element, "mapping")
        for entry in children(holder, "mapEntry")
    ]
    return Declared(
        attribute(element, "cardinality"),
        attribute(element, "baseType"),
        tuple(value for value in correct if value),
        tuple(mapped),
    )


def _share(entry: Element) -> float:
    try:
        return float(attribute(entry, "mappedValue", "0"))
    except ValueError:
        return 0.0
