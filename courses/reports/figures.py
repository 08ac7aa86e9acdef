"""The figures a report rests on, from three sources that must agree: the counts kept with the
flags, the flags themselves, or verdicts worked out for a day as known at a moment."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from certificates.api import rungs_held
from courses.compliance.counting import COUNTED, RUNG, counted_since
from courses.compliance.loading import Question, chunks
from courses.compliance.models import DutyCount, DutyDayCount, DutyFlag, DutyHomeCount
from courses.compliance.totals import FIELDS, Part, Totals, condition, sums_of, totalled
from courses.compliance.verdicts import Verdict
from lms.core import clock
from lms.core.db import session

WORST = 20  # homes named in a report of a city or the province


@dataclass(frozen=True, slots=True)
class Scope:
    """What a report is about: a region (``14``, ``1401``, ``140105``), or one home in its
    county."""

    region: str
    organisation_id: int | None = None


Cell = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Figures:
    """Totals of each (county, post, rung), of homes, worst first, and people by the day on which
    they were done. ``moment`` is since when these hold, or as known at when."""

    cells: Mapping[Cell, Totals]
    homes: Mapping[int, Totals]
    done_on: Mapping[date, int]
    moment: datetime | None

    def by(self, *fields: int) -> dict[Any, Totals]:
        """Totals by some fields of a cell: 0 county, 1 post, 2 rung; by none: of the whole."""
        found: dict[Any, Totals] = {}
        for cell, totals in self.cells.items():
            key = tuple(cell[f] for f in fields)
            found[key] = found.get(key, Totals()) + totals
        return found


def counted(scope: Scope, year: int) -> Figures:
    """From the counts; four statements."""
    if scope.organisation_id is not None:
        return live(scope, year)
    c, part = DutyCount, Part(year, scope.region)
    cells = select(c.region, c.post, c.rung, *(getattr(c, name) for name in FIELDS))
    h = DutyHomeCount
    homes = select(h.organisation_id, *(getattr(h, name) for name in FIELDS))
    homes = homes.where(*condition(part, h)).order_by(h.left_over.desc(), h.organisation_id)
    d = DutyDayCount
    days = select(d.day, func.sum(d.people)).where(*condition(part, d)).group_by(d.day)
    return Figures(
        _cells(cells.where(*condition(part, c))),
        totalled(homes if len(scope.region) == 6 else homes.limit(WORST)),
        {day: int(people) for day, people in session().execute(days)},
        counted_since(year),
    )


def live(scope: Scope, year: int) -> Figures:
    """Counted from the flags themselves, now; three statements."""
    f, part = DutyFlag, Part(year, scope.region, organisation_id=scope.organisation_id)
    among = [*condition(part, f), COUNTED]
    cells = select(f.region, f.post, RUNG, *sums_of(f)).where(*among)
    left = sums_of(f)[0] - sums_of(f)[1]
    homes = select(f.organisation_id, *sums_of(f)).where(*among).group_by(f.organisation_id)
    if len(scope.region) < 6:
        # In the order of the index, and with two sums only, a third of the time.
        worst = select(f.organisation_id).where(*among).group_by(f.region, f.organisation_id)
        worst = worst.order_by(left.desc(), f.organisation_id).limit(WORST)
        homes = homes.where(f.organisation_id.in_(worst))
    days = select(f.done_on, func.count()).where(*among, f.done_on.is_not(None))
    return Figures(
        _cells(cells.group_by(f.region, f.post, RUNG)),
        totalled(homes.order_by(left.desc(), f.organisation_id)),
        {day: people for day, people in session().execute(days.group_by(f.done_on)) if day},
        clock.now(),
    )


def as_known(scope: Scope, year: int, on: date, moment: datetime) -> Figures:
    """Worked out from the facts for a day as known at a moment."""
    question = Question(year, on, moment)
    found = _Tally()
    for chunk in chunks(question.charged_in(scope.region)):
        charged = [v for v in question.verdicts(chunk) if _inside(v, scope)]
        rungs = rungs_held([v.person_id for v in charged], question.tested_on, moment)
        for v in charged:
            found.add(v, rungs.get(v.person_id, 0))
    homes = sorted(found.homes.items(), key=lambda kv: (-kv[1].not_done, kv[0]))
    shown = homes if len(scope.region) == 6 else homes[:WORST]
    return Figures(found.cells, dict(shown), found.done_on, moment)


@dataclass
class _Tally:
    cells: dict[Cell, Totals] = field(default_factory=dict)
    homes: dict[int, Totals] = field(default_factory=dict)
    done_on: Counter[date] = field(default_factory=Counter)

    def add(self, v: Verdict, rung: int) -> None:
        """Count one verdict, as a flag is counted."""
        one = Totals(
            int(v.owes),
            *(int(v.state == s) for s in ("done", "scheduled", "at_risk", "missed", "exempt")),
        )
        if one == Totals() or v.organisation_id is None:
            return
        key = v.region, v.post, rung
        self.cells[key] = self.cells.get(key, Totals()) + one
        self.homes[v.organisation_id] = self.homes.get(v.organisation_id, Totals()) + one
        if v.done_on is not None:
            self.done_on[v.done_on] += 1


def _inside(v: Verdict, scope: Scope) -> bool:
    if scope.organisation_id is not None:
        return v.organisation_id == scope.organisation_id
    return v.organisation_id is not None and v.region.startswith(scope.region)


def _cells(query: Any) -> dict[Cell, Totals]:
    return {
        (place, post, int(rung)): Totals(*map(int, sums))
        for place, post, rung, *sums in session().execute(query)
    }
