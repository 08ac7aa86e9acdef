"""Where lines and labels of the charts lie, in units of their viewBox; plain values in and out."""

from collections.abc import Sequence
from dataclasses import dataclass

from exams.analysis.curves import Answer, Group

LEFT, RIGHT, TOP, BOTTOM = 42.0, 330.0, 12.0, 180.0
LABEL_GAP = 15.0


@dataclass(frozen=True, slots=True)
class Point:
    """A group on a curve: where it lies and where its interval ends."""

    x: float
    y: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Line:
    """One answer's curve: its points as SVG wants them, and where its name stands."""

    label: str
    points: str
    end: float
    name_at: float


def across(share: float) -> float:
    """x of a share of the width, 0 to 1."""
    return round(LEFT + (RIGHT - LEFT) * share, 1)


def up(share: float) -> float:
    """y of a share of the height, 0 to 1."""
    return round(BOTTOM - (BOTTOM - TOP) * min(max(share, 0.0), 1.0), 1)


def middle(group: Group) -> float:
    """Where a group stands among the marks, 0 to 1."""
    return (group.low + group.high) / 200


def curve(groups: Sequence[Group]) -> list[Point]:
    """The item's characteristic curve."""
    return [
        Point(across(middle(g)), up(g.share.value), up(g.share.low), up(g.share.high))
        for g in groups
    ]


def path(points: Sequence[Point]) -> str:
    """Points as SVG writes them."""
    return " ".join(f"{p.x},{p.y}" for p in points)


def answer_lines(
    answers: Sequence[Answer], groups: Sequence[Group], labels: Sequence[str]
) -> list[Line]:
    """The curve of every answer that has groups, with names that do not lie on each other."""
    drawn = [a for a in answers if a.label in labels and len(a.by_group) == len(groups) and groups]
    ends = [up(a.by_group[-1] / groups[-1].n) for a in drawn]
    names = apart(ends)
    return [
        Line(a.label, _line(a, groups), end, name)
        for a, end, name in zip(drawn, ends, names, strict=True)
    ]


def _line(answer: Answer, groups: Sequence[Group]) -> str:
    shares = [n / group.n for n, group in zip(answer.by_group, groups, strict=True)]
    return " ".join(f"{across(middle(g))},{up(s)}" for g, s in zip(groups, shares, strict=True))


def apart(heights: Sequence[float]) -> list[float]:
    """Move labels so that any two are ``LABEL_GAP`` apart, in the order they lie."""
    order = sorted(range(len(heights)), key=lambda n: heights[n])
    placed, last = [0.0] * len(heights), -1e9
    for n in order:
        placed[n] = last = max(heights[n], last + LABEL_GAP)
    over = max(placed, default=0.0) - BOTTOM
    if over > 0:
        last = 1e9
        for n in reversed(order):
            placed[n] = last = min(placed[n], BOTTOM if last == 1e9 else last - LABEL_GAP)
    return [round(y, 1) for y in placed]
