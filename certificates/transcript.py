"""A transcript of class hours: what its facts hold and how they are read again.

``facts`` of an issue request of kind ``ce``, hours in tenths, days as ISO text:

    subject, from, to, tenths,
    entries: [{on, category, tenths, source, organiser}], totals: [{category, tenths}]
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from lms.core.db import Json
from lms.core.errors import Invalid

LISTS = frozenset({"entries", "totals"})
MOST_ENTRIES = 300
_ENTRY = {"on": str, "category": str, "tenths": int, "source": str, "organiser": str}
_TOTAL = {"category": str, "tenths": int}


@dataclass(frozen=True, slots=True)
class Line:
    """One entry: hours of one training on one day."""

    on: date
    category: str
    tenths: int
    source: str
    organiser: str


@dataclass(frozen=True, slots=True)
class Transcript:
    """A transcript as it was sealed."""

    begins: date
    ends: date
    tenths: int
    totals: tuple[tuple[str, int], ...]
    lines: tuple[Line, ...]


def check(facts: Json) -> None:
    """Raise Invalid unless the entries are whole and add up to the totals."""
    entries, totals = facts.get("entries"), facts.get("totals")
    if not isinstance(entries, list) or not isinstance(totals, list):
        raise Invalid("a transcript lists entries and totals")
    if not 1 <= len(entries) <= MOST_ENTRIES:
        raise Invalid(f"a transcript has 1 to {MOST_ENTRIES} entries")
    if not all(_fits(entry, _ENTRY) for entry in entries):
        raise Invalid("an entry has on, category, tenths, source and organiser, and no more")
    if not all(_fits(total, _TOTAL) for total in totals):
        raise Invalid("a total has category and tenths, and no more")
    try:
        read = read_transcript(facts)
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid("a transcript's days are ISO dates") from error
    if not all(line.tenths > 0 for line in read.lines) or read.begins > read.ends:
        raise Invalid("an entry has hours, and a transcript ends after it begins")
    sums = Counter[str]()
    for line in read.lines:
        sums[line.category] += line.tenths
    names = [name for name, _ in read.totals]
    if len(names) != len(set(names)) or any(sums[name] != n for name, n in read.totals):
        raise Invalid("a transcript's totals are the sums of its entries")
    if set(sums) - set(names) or read.tenths != sums.total():
        raise Invalid("a transcript's totals are the sums of its entries")


def _fits(value: object, shape: dict[str, type]) -> bool:
    return (
        isinstance(value, dict)
        and set(value) == set(shape)
        and all(type(value[name]) is kind for name, kind in shape.items())
    )


def read_transcript(facts: Json) -> Transcript:
    """The transcript in an award's facts (sealed: ``details``)."""
    return Transcript(
        date.fromisoformat(facts["from"]),
        date.fromisoformat(facts["to"]),
        int(facts["tenths"]),
        tuple((total["category"], total["tenths"]) for total in facts["totals"]),
        tuple(
            Line(
                date.fromisoformat(entry["on"]),
                entry["category"],
                entry["tenths"],
                entry["source"],
                entry["organiser"],
            )
            for entry in facts["entries"]
        ),
    )
