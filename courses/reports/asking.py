"""What an address asks of a report: the year, live or as kept, or a day as known at a moment."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import request
from flask_babel import gettext as _

from courses.compliance.loading import Question
from courses.reports.figures import Figures, Scope, as_known, counted, live
from courses.reports.queries import YearReport, assemble
from lms.core import clock
from lms.core.errors import Invalid
from lms.core.rules import RuleMissing
from lms.people.api import post_labels

#: As many people as a page can work out anew while somebody waits; more by command or by city.
MOST = 60_000
PAST_YEARS = 5


@dataclass(frozen=True, slots=True)
class Wanted:
    """``on`` and ``known`` are both given or both None."""

    year: int
    live: bool = False
    on: date | None = None
    known: datetime | None = None

    @property
    def past(self) -> tuple[date, datetime] | None:
        """The day and moment of a question about the past."""
        return (self.on, self.known) if self.on and self.known else None

    def args(self) -> dict[str, Any]:
        """As the arguments of an address."""
        return {
            "year": self.year,
            "live": 1 if self.live else None,
            "on": self.on.isoformat() if self.on else None,
            "known": f"{self.known.astimezone(clock.SHANGHAI):%Y-%m-%dT%H:%M}"
            if self.known
            else None,
        }


def wanted() -> Wanted:
    """What the address asks. Raises Invalid for a day or moment that is none."""
    today = clock.today()
    year = request.args.get("year", today.year, type=int)
    year = year if today.year - PAST_YEARS <= year <= today.year else today.year
    on, known = request.args.get("on", ""), request.args.get("known", "")
    if not on and not known:
        return Wanted(year, request.args.get("live") == "1")
    try:
        day, moment = date.fromisoformat(on), datetime.fromisoformat(known)
    except ValueError:
        raise Invalid(_("请同时填写日期（如 2026-12-31）和时刻（如 2027-01-05T00:00）。")) from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=clock.SHANGHAI)
    if moment > clock.now():
        raise Invalid(_("“当时已知”的时刻不能晚于现在，否则以后再问，答案可能不同。"))
    return Wanted(year, False, day, moment)


def year_report(scope: Scope, asked: Wanted) -> YearReport:
    """The report; a fixed number of statements unless the past is asked for.

    Raises:
        Invalid: the past of too many people, or of a time before the rule.
    """
    if asked.past is None:
        today = clock.today()
        found: Figures = (live if asked.live else counted)(scope, asked.year)
        return assemble(scope, asked.year, found, today, post_labels(today))
    day, moment = asked.past
    refuse_too_much(scope.region, asked.year, day, moment)
    found = as_known(scope, asked.year, day, moment)
    tested = min(day, date(asked.year, 12, 31))
    labels = post_labels(tested, moment)
    return assemble(scope, asked.year, found, tested, labels, asked.past)


def refuse_too_much(region: str, year: int, on: date, known: datetime) -> None:
    """Raise Invalid when the past cannot be asked: too many people, or no rule known then."""
    try:
        people = Question(year, on, known).charged_in(region)
    except RuleMissing:
        raise Invalid(_("那时还没有这条规则，请选晚一些的日期和时刻。")) from None
    if len(people) > MOST:
        raise Invalid(_("人数太多，请按市或县查询；全省的名单用命令 lms flags 导出。"))
