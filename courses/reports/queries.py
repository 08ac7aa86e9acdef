"""A report: figures put in the order and words in which people read them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from courses.compliance.totals import Totals
from courses.compliance.verdicts import RULE, read_terms
from courses.reports.figures import WORST, Figures, Scope
from courses.reports.forecast import Forecast, by_month, forecast
from lms.core.ladder import Rung
from lms.core.rules import rule_on
from lms.people.api import OrganisationCard, organisation_cards, region_name


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table: what it is about, its totals, and the region or home it leads to."""

    label: str
    totals: Totals
    region: str = ""
    organisation_id: int | None = None


@dataclass(frozen=True, slots=True)
class YearReport:
    """A region's or a home's year. ``asked`` is the day and moment of a report as known then,
    ``homes_all`` is True when every home is named, not only the worst."""

    scope: Scope
    year: int
    totals: Totals
    posts: list[Line]
    rungs: list[Line]
    places: list[Line]
    counties: list[Line]
    homes: list[Line]
    homes_all: bool
    months: list[tuple[int, int]]
    forecast: Forecast | None
    rule: str
    source: str
    moment: datetime | None
    asked: tuple[date, datetime] | None = None


def assemble(
    scope: Scope,
    year: int,
    figures: Figures,
    today: date,
    posts: Mapping[str, str],
    asked: tuple[date, datetime] | None = None,
) -> YearReport:
    """The report of figures; at most two statements more.

    The totals of the posts, rungs, places and of the whole are sums of the same cells, so they
    reconcile.
    """
    rule = rule_on(RULE, min(today, date(year, 12, 31)), asked[1] if asked else None)
    totals = figures.by().get((), Totals())
    cards = organisation_cards(list(figures.homes))
    return YearReport(
        scope=scope,
        year=year,
        totals=totals,
        posts=[
            Line(str(posts.get(post, post)), each)
            for (post,), each in sorted(figures.by(1).items())
            if each.owing
        ],
        rungs=[
            Line(str(Rung(rung).label) if rung else "", each)
            for (rung,), each in sorted(figures.by(2).items())
            if each.owing
        ],
        places=_places(scope, figures, min(len(scope.region) + 2, 6)),
        counties=sorted(_places(scope, figures, 6), key=lambda line: line.region),
        homes=[
            Line(_name(cards[key], asked is not None), each, organisation_id=key)
            for key, each in figures.homes.items()
            if each.not_done or len(scope.region) == 6
        ],
        homes_all=len(scope.region) == 6 or len(figures.homes) < WORST,
        months=by_month(figures.done_on, year),
        forecast=forecast(
            figures.done_on, totals.not_done, totals.scheduled, today, read_terms(rule, year).ends
        ),
        rule=rule.stamp,
        source=rule.source,
        moment=figures.moment,
        asked=asked,
    )


def _places(scope: Scope, figures: Figures, digits: int) -> list[Line]:
    """Places below the region by so many digits of their code, those with least done first."""
    if len(scope.region) == 6:
        return []
    found: dict[str, Totals] = {}
    for (county,), each in figures.by(0).items():
        found[county[:digits]] = found.get(county[:digits], Totals()) + each
    return sorted(
        (Line(str(region_name(place)), each, region=place) for place, each in found.items()),
        key=lambda line: (line.totals.percent, line.region),
    )


def _name(card: OrganisationCard, past: bool) -> str:
    """Names may change later; a report of a moment names a home by its credit code."""
    return card.credit_code if past else card.name
