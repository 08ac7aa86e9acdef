"""The figures of a report, in a fixed number of statements whatever the region."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from courses.classroom.models import SessionOutcome
from courses.compliance.models import DutyFlag
from courses.compliance.queries import Totals, computed_at
from courses.compliance.verdicts import CENTRAL, RULE, read_terms
from courses.reports.forecast import Forecast, by_month, forecast
from lms.core.db import session
from lms.core.rules import rule_on
from lms.people.api import organisation_cards, region_name, within

WORST = 20  # homes named in a report


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table: what it is about, its totals, and the region or home it leads to."""

    label: str
    totals: Totals
    region: str = ""
    organisation_id: int | None = None


@dataclass(frozen=True, slots=True)
class YearReport:
    """A region's year as the flags say it."""

    region: str
    year: int
    totals: Totals
    posts: list[Line]
    places: list[Line]
    homes: list[Line]
    months: list[tuple[int, int]]
    forecast: Forecast | None
    rule: str
    source: str
    computed_at: datetime | None


def year_report(region: str, year: int, today: date, posts: dict[str, str]) -> YearReport:
    """The report of a region (``14``, ``1401``, ``140105``); six statements.

    The totals of the posts, of the places below and of the whole come from one reading of the
    flags, so they reconcile.
    """
    rule = rule_on(RULE, min(today, date(year, 12, 31)))
    ends = read_terms(rule, year).ends
    whole, by_post, by_place, by_home = _counted(region, year)
    done_on = _done_on(region, year)
    totals = _totals(whole)
    homes = sorted(by_home.items(), key=lambda kv: (-_totals(kv[1]).not_done, kv[0]))[:WORST]
    cards = organisation_cards([key for key, _counts in homes])
    return YearReport(
        region=region,
        year=year,
        totals=totals,
        posts=[Line(str(posts.get(k, k)), _totals(v)) for k, v in sorted(by_post.items())],
        places=sorted(
            (Line(str(region_name(k)), _totals(v), region=k) for k, v in by_place.items()),
            key=lambda line: (line.totals.percent, line.region),
        ),
        homes=[
            Line(cards[k].name, _totals(v), organisation_id=k)
            for k, v in homes
            if _totals(v).not_done
        ],
        months=by_month(done_on, year),
        forecast=forecast(done_on, totals.not_done, totals.scheduled, today, ends),
        rule=rule.stamp,
        source=rule.source,
        computed_at=computed_at(year),
    )


Counts = dict[Any, Counter[str]]


def _counted(region: str, year: int) -> tuple[Counter[str], Counts, Counts, Counts]:
    """Counts of the whole, by post, by place one level below, by home: one statement."""
    digits = min(len(region) + 2, 6)
    query = (
        select(
            DutyFlag.region, DutyFlag.organisation_id, DutyFlag.post, DutyFlag.state,
            DutyFlag.owes, func.count(),
        )
        .where(
            DutyFlag.year == year,
            DutyFlag.requirement == CENTRAL,
            within(DutyFlag.region, [region]),
        )
        .group_by(
            DutyFlag.region, DutyFlag.organisation_id, DutyFlag.post, DutyFlag.state, DutyFlag.owes
        )
    )  # fmt: skip
    whole: Counter[str] = Counter()
    tables: tuple[Counts, Counts, Counts] = ({}, {}, {})
    for place, home, post, state, owes, count in session().execute(query):
        keys = (post, place[:digits], home)
        for table, key in zip(tables, keys, strict=True):
            _add(table.setdefault(key, Counter()), state, owes, count)
        _add(whole, state, owes, count)
    owing_posts = {k: v for k, v in tables[0].items() if v["owing"]}
    return whole, owing_posts, tables[1], tables[2]


def _add(counts: Counter[str], state: str, owes: bool, count: int) -> None:
    counts[state] += count
    counts["owing"] += count if owes else 0


def _totals(counts: Counter[str]) -> Totals:
    return Totals(
        counts["owing"], counts["done"], counts["scheduled"], counts["at_risk"],
        counts["missed"], counts["exempt"],
    )  # fmt: skip


def _done_on(region: str, year: int) -> dict[date, int]:
    """People by the day of their last session of the year, among those who are done."""
    last = (
        select(SessionOutcome.person_id, func.max(SessionOutcome.held_on).label("day"))
        .where(SessionOutcome.year == year, SessionOutcome.attended)
        .group_by(SessionOutcome.person_id)
        .subquery()
    )
    query = (
        select(last.c.day, func.count())
        .join(DutyFlag, DutyFlag.person_id == last.c.person_id)
        .where(
            DutyFlag.year == year,
            DutyFlag.requirement == CENTRAL,
            DutyFlag.state == "done",
            within(DutyFlag.region, [region]),
        )
        .group_by(last.c.day)
    )
    return dict(session().execute(query).tuples().all())
