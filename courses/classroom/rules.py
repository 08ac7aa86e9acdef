"""From "in" and "out" to minutes, class hours and attended yes or no; plain values only."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from lms.core import clock

RULE = "compliance.attendance"
#: How late a kept scan may come, when a check-in is pointed out, what closing early means.
SCANS_RULE = "compliance.check_in"


@dataclass(frozen=True, slots=True)
class Stretch:
    """One stretch of teaching."""

    starts_at: datetime
    ends_at: datetime

    @property
    def minutes(self) -> int:
        """Whole minutes of the stretch."""
        return minutes_between(self.starts_at, self.ends_at)


@dataclass(frozen=True, slots=True)
class Mark:
    """An attendance fact: ``in``, ``out``, or ``void`` of another one."""

    id: int
    kind: str
    at: datetime
    voids_id: int | None = None


@dataclass(frozen=True, slots=True)
class Counting:
    """The rule by which attendance counts."""

    stamp: str
    minutes_per_hour: int
    absence_limit_percent: int
    counting: str

    @classmethod
    def read(cls, stamp: str, value: dict[str, Any]) -> "Counting":
        """Take what counts from the rule's value."""
        return cls(
            stamp,
            value["minutes_per_hour"],
            value["absence_limit_percent"],
            value["counting"],
        )


@dataclass(frozen=True, slots=True)
class Result:
    """What attendance came to."""

    minutes: int
    tenths: int
    attended: bool


def minutes_between(start: datetime, end: datetime) -> int:
    """Whole minutes, never negative."""
    return max(int((end - start).total_seconds() // 60), 0)


def class_tenths(minutes: int, minutes_per_hour: int) -> int:
    """Tenths of a class hour in so many minutes, rounded down."""
    return minutes * 10 // minutes_per_hour


def standing(marks: Iterable[Mark]) -> list[Mark]:
    """The marks that were not taken back, in the order of their own time."""
    marks = list(marks)
    voided = {mark.voids_id for mark in marks if mark.kind == "void"}
    kept = [mark for mark in marks if mark.kind != "void" and mark.id not in voided]
    return sorted(kept, key=lambda mark: (mark.at, mark.kind == "out", mark.id))


def presence(marks: Iterable[Mark], parts: Iterable[Stretch]) -> list[tuple[datetime, datetime]]:
    """Stretches of presence. Coming in lasts until going out, else to the end of that day."""
    ordered = sorted(parts, key=lambda part: part.starts_at)
    spans: list[tuple[datetime, datetime]] = []
    came: datetime | None = None
    for mark in standing(marks):
        if came is not None:
            end = _day_end(came, ordered)
            if mark.kind == "out" or end < mark.at:
                spans.append((came, min(mark.at, end)))
                came = None
        if mark.kind == "in":
            came = came or mark.at
    if came is not None:
        spans.append((came, _day_end(came, ordered)))
    return [span for span in spans if span[1] > span[0]]


def _day_end(moment: datetime, ordered: list[Stretch]) -> datetime:
    """The end of the teaching day to which somebody came; a day may run past midnight."""
    part = next((p for p in ordered if p.ends_at > moment), None)
    if part is None:
        return moment
    day = clock.local_date(part.starts_at)
    if part.starts_at > moment and day != clock.local_date(moment):
        return moment
    return max(p.ends_at for p in ordered if clock.local_date(p.starts_at) == day)


def on_day(marks: Iterable[Mark], day: date) -> list[Mark]:
    """The marks of one day; what was taken back stays taken back."""
    return [m for m in marks if m.kind == "void" or clock.local_date(m.at) == day]


def is_in(marks: Iterable[Mark]) -> bool:
    """True if the last standing mark is a coming in."""
    kept = standing(marks)
    return bool(kept) and kept[-1].kind == "in"


def count(marks: Iterable[Mark], parts: list[Stretch], rule: Counting) -> Result:
    """Minutes of presence within the parts, and whether absence stays within the limit."""
    planned = sum(part.minutes for part in parts)
    spans = presence(marks, parts)
    present = sum(
        minutes_between(max(came, part.starts_at), min(left, part.ends_at))
        for part in parts
        for came, left in spans
    )
    present = min(present, planned)
    absent = planned - present
    attended = present > 0 and absent * 100 <= planned * rule.absence_limit_percent
    counted = planned if rule.counting == "planned" else present
    tenths = class_tenths(counted, rule.minutes_per_hour) if attended else 0
    return Result(present, tenths, attended)


def checkin_open(parts: Iterable[Stretch], at: datetime, before: int, after: int) -> bool:
    """True if a check-in at ``at`` belongs to some part: ``before`` and ``after`` in minutes."""
    return any(
        part.starts_at - timedelta(minutes=before) <= at <= part.ends_at + timedelta(minutes=after)
        for part in parts
    )


def steps_in(parts: Iterable[Stretch], before: int, after: int, seconds: int) -> set[int]:
    """The steps of the hall's code in which check-in is open; margins in minutes."""
    return {
        step
        for part in parts
        for step in range(
            int((part.starts_at - timedelta(minutes=before)).timestamp()) // seconds,
            int((part.ends_at + timedelta(minutes=after)).timestamp()) // seconds + 1,
        )
    }


def taught(parts: Iterable[Stretch], closed_at: datetime) -> list[Stretch]:
    """What was taught of the parts when the session was closed at a moment: nothing after it."""
    return [
        Stretch(part.starts_at, min(part.ends_at, closed_at))
        for part in parts
        if part.starts_at < closed_at
    ]


def overlapping(parts: Iterable[Stretch]) -> bool:
    """True if two parts share time."""
    ordered = sorted(parts, key=lambda part: part.starts_at)
    return any(a.ends_at > b.starts_at for a, b in pairwise(ordered))
