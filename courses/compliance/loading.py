"""Gathering the facts of many people in a fixed number of statements."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from courses.classroom.models import SeatStep, SessionOutcome, SessionStatement
from courses.compliance import rules
from courses.compliance.facts import (
    DecisionFact,
    Employment,
    ExemptionFact,
    Facts,
    Outcome,
    SeatFact,
    SessionFact,
)
from courses.compliance.models import Exemption, ExemptionStep
from courses.compliance.verdicts import RULE, Terms, Verdict, read_terms
from lms.core.db import session
from lms.core.rules import RuleRow, rule_on
from lms.people.api import employed_in, spells_as_known

#: People whose facts are loaded at a time: one IN clause.
CHUNK = 2000
T = TypeVar("T")


@dataclass(frozen=True)
class Question:
    """A year asked on a day, as known at a moment (None: now). Holds what is the same for
    everybody: the rule's terms and the sessions announced for the year."""

    year: int
    on: date
    as_known_at: datetime | None = None
    terms: Terms = field(init=False)
    sessions: dict[int, list[SessionFact]] = field(init=False)

    def __post_init__(self) -> None:
        """Read the rule in force on the test day, and the sessions."""
        tested_on = max(min(self.on, date(self.year, 12, 31)), date(self.year, 1, 1))
        rule = rule_on(RULE, tested_on, self.as_known_at)
        object.__setattr__(self, "terms", read_terms(rule, self.year))
        object.__setattr__(self, "sessions", _sessions(self.year, self.as_known_at))

    @property
    def tested_on(self) -> date:
        """The day asked about, at most the end of the window."""
        return min(self.on, self.terms.ends)

    def verdicts(self, person_ids: Collection[int]) -> list[Verdict]:
        """Decide for people, by id."""
        return [
            rules.verdict(self.terms, facts, self.on, self.as_known_at)
            for chunk in chunks(sorted(person_ids))
            for facts in self._facts(chunk)
        ]

    def charged_in(self, region: str) -> list[int]:
        """Ids of everybody who may be charged to a region: employed there in a post that owes."""
        return employed_in(
            region, self.terms.posts, self.terms.begins, self.tested_on, self.as_known_at
        )

    def surely_done(self, person_ids: list[int]) -> set[int]:
        """Those of up to 2,000 people whose hours suffice for every post: whatever else is known
        of them, they are done or have no duty, so nobody who is missing is among them."""
        o, newer = SessionOutcome, aliased(SessionOutcome)
        replaced = select(newer.id).where(
            newer.session_id == o.session_id,
            newer.person_id == o.person_id,
            newer.year == self.year,
            newer.round > o.round,
        )
        query = select(o.person_id).where(
            o.person_id.in_(person_ids),
            o.year == self.year,
            o.held_on <= self.on,
            o.attended,
            ~self._known(replaced, newer.recorded_at).exists(),
        )
        query = query.group_by(o.person_id)
        most = max(self.terms.posts.values(), default=0)
        return set(
            session().scalars(self._known(query, o.recorded_at).having(func.sum(o.tenths) >= most))
        )

    def facts(self, person_ids: Collection[int]) -> list[Facts]:
        """What is known of people, by id."""
        return [f for chunk in chunks(sorted(person_ids)) for f in self._facts(chunk)]

    def _facts(self, ids: list[int]) -> list[Facts]:
        employments = _employments(ids, self.as_known_at)
        outcomes = self._outcomes(ids)
        seats = self._seats(ids)
        exemptions = self._exemptions(ids)
        decisions = self._decisions(ids)
        return [
            Facts(
                person_id,
                tuple(employments.get(person_id, ())),
                tuple(outcomes.get(person_id, ())),
                tuple(seats.get(person_id, ())),
                tuple(
                    told
                    for key in {seat.session_id for seat in seats.get(person_id, ())}
                    for told in self.sessions[key]
                ),
                tuple(exemptions.get(person_id, ())),
                tuple(decisions.get(person_id, ())),
            )
            for person_id in ids
        ]

    def _outcomes(self, ids: list[int]) -> dict[int, list[Outcome]]:
        o = SessionOutcome
        query = select(
            o.person_id, o.session_id, o.round, o.year, o.held_on, o.tenths, o.attended,
            o.recorded_at,
        ).where(o.person_id.in_(ids), o.year == self.year)  # fmt: skip
        return _grouped(self._known(query, o.recorded_at), Outcome)

    def _seats(self, ids: list[int]) -> dict[int, list[SeatFact]]:
        s = SeatStep
        query = select(s.person_id, s.session_id, s.id, s.status, s.recorded_at).where(
            s.person_id.in_(ids)
        )
        found = _grouped(self._known(query, s.recorded_at), SeatFact)
        return {
            person_id: [seat for seat in seats if seat.session_id in self.sessions]
            for person_id, seats in found.items()
        }

    def _exemptions(self, ids: list[int]) -> dict[int, list[ExemptionFact]]:
        e = Exemption
        query = select(
            e.person_id, e.id, e.year, e.kind, e.starts_on, e.ends_on, e.recorded_at
        ).where(e.person_id.in_(ids), e.year == self.year)
        return _grouped(self._known(query, e.recorded_at), ExemptionFact)

    def _decisions(self, ids: list[int]) -> dict[int, list[DecisionFact]]:
        d = ExemptionStep
        query = (
            select(Exemption.person_id, d.exemption_id, d.stage, d.step, d.recorded_at)
            .join(Exemption, Exemption.id == d.exemption_id)
            .where(Exemption.person_id.in_(ids), Exemption.year == self.year)
        )
        return _grouped(self._known(query, d.recorded_at), DecisionFact)

    def _known(self, query: Select[Any], column: Any) -> Select[Any]:
        return query if self.as_known_at is None else query.where(column <= self.as_known_at)


def chunks(values: Collection[T], size: int = CHUNK) -> Iterator[list[T]]:
    """Cut into lists of at most ``size``."""
    source = iter(values)
    while chunk := list(islice(source, size)):
        yield chunk


def _employments(ids: list[int], as_known_at: datetime | None) -> dict[int, list[Employment]]:
    found: defaultdict[int, list[Employment]] = defaultdict(list)
    for s in spells_as_known(ids, as_known_at=as_known_at):
        found[s.person_id].append(
            Employment(
                s.spell, s.organisation_id, s.region, s.post, s.started_on, s.ended_on,
                s.recorded_at,
            )
        )  # fmt: skip
    return found


def announced() -> tuple[int, int]:
    """How many rule versions and statements about sessions there are; both only grow, so a
    question read when they were the same is still right."""
    counts = select(
        select(func.count(RuleRow.id)).scalar_subquery(),
        select(func.count(SessionStatement.id)).scalar_subquery(),
    )
    rules_known, told = session().execute(counts).one()
    return rules_known, told


def _sessions(year: int, as_known_at: datetime | None) -> dict[int, list[SessionFact]]:
    """Every statement about the sessions that were ever announced for the year."""
    s = SessionStatement
    ever = select(s.session_id).where(s.year == year)
    query = select(
        s.session_id, s.revision, s.status, s.year, s.starts_on, s.ends_on, s.tenths,
        s.recorded_at,
    ).where(s.session_id.in_(ever))  # fmt: skip
    if as_known_at is not None:
        query = query.where(s.recorded_at <= as_known_at)
    found: defaultdict[int, list[SessionFact]] = defaultdict(list)
    for row in session().execute(query):
        found[row.session_id].append(SessionFact(*row))
    return found


def _grouped(query: Select[Any], make: type[T]) -> dict[int, list[T]]:
    found: defaultdict[int, list[T]] = defaultdict(list)
    for person_id, *values in session().execute(query):
        found[person_id].append(make(*values))
    return found
