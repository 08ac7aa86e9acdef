"""The logic of learning, on plain values: what evidence shows, what is owed, where to go on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class Seen:
    """One piece of evidence."""

    lesson_id: int
    kind: str
    at: datetime
    value: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LessonNeed:
    """What a lesson asks for: its minutes and how many questions answered right."""

    lesson_id: int
    position: int
    minutes: int
    checks: int


@dataclass(frozen=True, slots=True)
class ReadingRule:
    """The shortest reading time: a share of the lesson's minutes, at most a cap."""

    share_percent: int
    cap_seconds: int

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> "ReadingRule":
        """From the rule ``courses.completion``."""
        return cls(int(value["share_percent"]), int(value["cap_seconds"]))

    def seconds(self, minutes: int) -> int:
        """Seconds a lesson of ``minutes`` must stay open at least."""
        return min(minutes * 60 * self.share_percent // 100, self.cap_seconds)


@dataclass(frozen=True, slots=True)
class LessonState:
    """What the evidence shows of one lesson; the order in which it arrived does not matter."""

    opened_at: datetime | None = None
    percent: int = 0
    right: frozenset[int] = frozenset()
    answers: Mapping[int, str] = field(default_factory=dict)
    finished_at: datetime | None = None
    done: bool = False


def fold(
    needs: Iterable[LessonNeed], seen: Iterable[Seen], rule: ReadingRule
) -> dict[int, LessonState]:
    """The state of every lesson, from all evidence of one enrolment."""
    by_lesson: dict[int, list[Seen]] = {}
    for item in seen:
        by_lesson.setdefault(item.lesson_id, []).append(item)
    return {need.lesson_id: _state(need, by_lesson.get(need.lesson_id, []), rule) for need in needs}


def _state(need: LessonNeed, seen: Sequence[Seen], rule: ReadingRule) -> LessonState:
    opened = min((_opened_at(item) for item in seen), default=None)
    checks = sorted((item for item in seen if item.kind == "check"), key=_check_order)
    right = frozenset(int(number) for item in checks for number in item.value.get("right", ()))
    answers = {int(n): str(a) for item in checks for n, a in item.value.get("answers", {}).items()}
    finished = max((item.at for item in seen if item.kind == "finished"), default=None)
    done = (
        finished is not None
        and opened is not None
        and right >= set(range(1, need.checks + 1))
        and finished - opened >= timedelta(seconds=rule.seconds(need.minutes))
    )
    return LessonState(opened, _last_percent(seen), right, answers, finished, done)


def _opened_at(item: Seen) -> datetime:
    """When the page stood open: what the server signed on it, else when the evidence came in."""
    signed = item.value.get("opened")
    return datetime.fromisoformat(signed) if item.kind == "opened" and signed else item.at


def _check_order(item: Seen) -> tuple[datetime, str]:
    return item.at, str(sorted(item.value.get("answers", {}).items()))


def _last_percent(seen: Sequence[Seen]) -> int:
    places = [(item.at, int(item.value["percent"])) for item in seen if item.kind == "position"]
    return max(places, default=(None, 0))[1]


def is_complete(states: Mapping[int, LessonState]) -> bool:
    """True when every lesson is done (a course without lessons never is)."""
    return bool(states) and all(state.done for state in states.values())


def resume_at(needs: Sequence[LessonNeed], states: Mapping[int, LessonState]) -> LessonNeed | None:
    """The first lesson not done, or None when all are."""
    ordered = sorted(needs, key=lambda need: need.position)
    return next((need for need in ordered if not states[need.lesson_id].done), None)


def seconds_to_wait(
    need: LessonNeed, opened_at: datetime | None, now: datetime, rule: ReadingRule
) -> int:
    """How long the lesson must stay open still before it can be finished."""
    passed = int((now - opened_at).total_seconds()) if opened_at else 0
    return max(0, rule.seconds(need.minutes) - passed)


@dataclass(frozen=True, slots=True)
class Stay:
    """One stay at work: post and dates."""

    post: str
    started_on: date
    ended_on: date | None

    def covers(self, day: date) -> bool:
        """True if the stay includes ``day``."""
        return self.started_on <= day and (self.ended_on is None or self.ended_on >= day)


def due_on(
    kind: str,
    audience: Iterable[str],
    year: int | None,
    stays: Sequence[Stay],
    on: date,
    rule: Mapping[str, Any],
    in_force_from: date,
) -> date | None:
    """When a person owes a course, or None when she does not.

    Only somebody who works in a post of the audience on ``on`` owes anything. Onboarding: some
    days after she joined her present employer (or first worked in such a post: the rule says
    which). Refresher: by a day of its year; who joined late gets some days at least.
    """
    posts = set(audience)
    mine = [stay for stay in stays if stay.post in posts]
    present = [stay for stay in mine if stay.covers(on)]
    if not present:
        return None
    from_first = kind == "onboarding" and rule["onboarding"]["counts_from"] == "first"
    joined = min(stay.started_on for stay in (mine if from_first else present))
    if kind == "onboarding":
        if joined < in_force_from:
            return date.fromisoformat(rule["onboarding"]["existing_due"])
        return joined + timedelta(days=rule["onboarding"]["days"])
    if kind == "refresher" and year == on.year:
        month, day = map(int, rule["refresher"]["due"].split("-"))
        late = joined + timedelta(days=rule["refresher"]["new_staff_days"])
        return max(date(year, month, day), late)
    return None
