"""Questions that say nearly the same: similarity of character trigrams; plain values only."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from unicodedata import category, normalize

ALIKE = 0.72
#: A trigram in more questions than this says little, and looking through all of them costs much.
_COMMON = 400
_CLOSEST = 8


@dataclass(frozen=True, slots=True)
class Near:
    """The question most like another, and how alike, in per cent."""

    key: str
    percent: int


def essence(text: str) -> str:
    """The text without case, width, spaces and punctuation."""
    plain = normalize("NFKC", text).lower()
    return "".join(c for c in plain if category(c)[0] in "LNS")


def grams(text: str) -> frozenset[str]:
    """The trigrams of a text's essence; a very short one is its own gram."""
    plain = essence(text)
    return frozenset(plain[i : i + 3] for i in range(max(len(plain) - 2, 1)))


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Dice's coefficient: 1 for the same grams, 0 for none in common."""
    both = len(one) + len(other)
    return 2 * len(one & other) / both if both else 0.0


class NearIndex:
    """Finds the most similar of many texts without comparing with each."""

    def __init__(self, texts: Iterable[tuple[str, str]] = ()) -> None:
        self._grams: dict[str, frozenset[str]] = {}
        self._places: dict[str, list[str]] = {}
        for key, text in texts:
            self.add(key, text)

    def add(self, key: str, text: str) -> None:
        """Remember a text under its key."""
        found = self._grams[key] = grams(text)
        for gram in found:
            self._places.setdefault(gram, []).append(key)

    def nearest(self, text: str, but: str | None = None) -> Near | None:
        """The most similar text that is alike enough, leaving out the one named ``but``."""
        wanted = grams(text)
        shared: Counter[str] = Counter()
        for gram in wanted:
            places = self._places.get(gram, [])
            if len(places) <= _COMMON:
                shared.update(places)
        best: Near | None = None
        for key, _count in shared.most_common(_CLOSEST):
            share = likeness(wanted, self._grams[key])
            if key != but and share >= ALIKE and (best is None or share * 100 > best.percent):
                best = Near(key, round(share * 100))
        return best
