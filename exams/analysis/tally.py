"""Adding up an event sitting by sitting: memory grows with the questions, not with the exam."""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from exams.analysis.reliability import Form, Sitting
from exams.analysis.rules import Sums

#: Papers up to this number are forms that many sit; beyond, everybody has one of her own.
MOST_FORMS = 8
#: Seconds spent on one question are counted up to this many.
LONGEST = 900
MOST_TYPED = 400
ItemKey = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Met:
    """One question as one candidate met it: marks given and possible, in tenths; what she
    answered, as labels (``typed`` ones have no end of variants); seconds she took, if known."""

    item: ItemKey
    x: int
    w: int
    labels: Sequence[str] = ()
    typed: bool = False
    seconds: int | None = None


def _hundred() -> "array[int]":
    return array("i", bytes(4 * 101))


class ItemTally:
    """What is added up of one item; the arrays count by whole marks of the sitting, 0 to 100."""

    __slots__ = ("got", "labels", "n", "people", "seconds", "shares", "sums", "typed", "w_max")

    def __init__(self) -> None:
        self.n = 0
        self.sums = [0, 0, 0, 0, 0, 0]
        self.w_max = 0
        self.people = _hundred()
        self.shares = array("q", bytes(8 * 101))
        self.got: dict[int, int] = {}
        self.labels: dict[str, array[int]] = {}
        self.typed: dict[str, int] = {}
        self.seconds: array[int] | None = None

    def add(self, met: Met, total: int, place: int) -> None:
        """One candidate with her whole marks, and the hundredth she stands in."""
        x, w, sums = met.x, met.w, self.sums
        self.n += 1
        sums[0] += x
        sums[1] += x * x
        sums[2] += total
        sums[3] += total * total
        sums[4] += x * total
        sums[5] += w
        self.w_max = max(self.w_max, w)
        self.people[place] += 1
        self.shares[place] += round(1000 * x / w)
        self.got[x] = self.got.get(x, 0) + 1
        for label in met.labels:
            if met.typed and label:
                self._type(label)
            else:
                if label not in self.labels:
                    self.labels[label] = _hundred()
                self.labels[label][place] += 1
        if met.seconds is not None:
            if self.seconds is None:
                self.seconds = array("i", bytes(4 * (LONGEST + 1)))
            self.seconds[min(met.seconds, LONGEST)] += 1

    def _type(self, label: str) -> None:
        self.typed[label] = self.typed.get(label, 0) + 1
        if len(self.typed) > MOST_TYPED:
            most = sorted(self.typed.items(), key=lambda row: -row[1])
            self.typed = dict(most[: MOST_TYPED // 2])

    @property
    def exact(self) -> Sums:
        """The sums."""
        return Sums(self.n, *self.sums)


class Tally:
    """What is added up of an event."""

    def __init__(self) -> None:
        self.items: dict[ItemKey, ItemTally] = {}
        self.totals: list[int] = []
        self.sittings: list[Sitting] = []
        self._forms: dict[int, list[int]] | None = {}
        self._pairs: dict[int, dict[ItemKey, list[int]]] = {}

    def add(self, paper: int, met: Iterable[Met], beside: int = 0) -> None:
        """One sitting of one paper. ``beside`` are marks that count for the candidate but tell
        nothing about her, such as those of a question struck out."""
        met = list(met)
        total, full = sum(m.x for m in met), sum(m.w for m in met)
        place = min(100, 100 * total // full) if full else 0
        shares = [round(1000 * m.x / m.w) for m in met]
        self.totals.append(total + beside)
        self.sittings.append(Sitting(total, len(met), sum(shares), sum(s * s for s in shares)))
        for m in met:
            if m.item not in self.items:
                self.items[m.item] = ItemTally()
            self.items[m.item].add(m, total, place)
        self._count(paper, met, total)

    def _count(self, paper: int, met: Sequence[Met], total: int) -> None:
        if self._forms is None:
            return
        if paper not in self._forms and len(self._forms) >= MOST_FORMS:
            self._forms, self._pairs = None, {}
            return
        form = self._forms.setdefault(paper, [0, 0, 0])
        form[0] += 1
        form[1] += total
        form[2] += total * total
        pairs = self._pairs.setdefault(paper, {})
        for m in met:
            pair = pairs.setdefault(m.item, [0, 0, 0])
            pair[0] += m.x
            pair[1] += m.x * m.x
            pair[2] += m.x in (0, m.w)

    @property
    def forms(self) -> list[Form] | None:
        """The papers that were sat, or None when everybody had one of her own."""
        if self._forms is None:
            return None
        return [
            self._form(n, t, tt, self._pairs[paper]) for paper, (n, t, tt) in self._forms.items()
        ]

    @staticmethod
    def _form(n: int, t: int, tt: int, pairs: Mapping[ItemKey, Sequence[int]]) -> Form:
        binary = all(pair[2] == n for pair in pairs.values())
        return Form(n, t, tt, tuple((pair[0], pair[1]) for pair in pairs.values()), binary)
