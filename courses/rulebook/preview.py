"""Who would change under a proposal: both versions of the rule asked about everybody."""

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from courses.classroom.models import SessionStatement
from courses.compliance.flags import everybody
from courses.compliance.loading import CHUNK, Question, chunks
from courses.compliance.rules import verdict
from courses.compliance.verdicts import Verdict, read_terms
from courses.credits.models import CreditEntry
from courses.rulebook.models import RulePreview, RuleProposal
from courses.rulebook.operations import PREVIEW, proposal_of
from courses.rulebook.rules import CENTRAL, HOURS
from lms.core import clock
from lms.core.db import Json, session
from lms.core.rules import RuleVersion, rule_on
from lms.core.tasks import Report, Runner
from lms.core.uow import unit_of_work
from lms.people.api import SpellFact, spells_as_known

SHOWN = 200  # people named in a preview; all of them are counted


@dataclass
class Tally:
    """Who changes on one day: how many asked about, from what to what, where, and who."""

    on: date
    asked: int = 0
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)
    cities: Counter[str] = field(default_factory=Counter)
    people: list[Json] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)

    def add(
        self, person_id: int, region: str, before: tuple[str, int], after: tuple[str, int]
    ) -> None:
        """Count one person by (state, tenths missing) before and after, once."""
        if person_id in self.seen:
            return
        self.seen.add(person_id)
        self.asked += 1
        if before == after:
            return
        self.moves[(before[0], after[0])] += 1
        self.cities[region[:4]] += 1
        if len(self.people) < SHOWN:
            self.people.append(
                {"person": person_id, "region": region, "before": before[0], "after": after[0],
                 "missing_before": before[1], "missing_after": after[1]}
            )  # fmt: skip

    def as_json(self) -> Json:
        """What is kept of it."""
        return {
            "on": self.on.isoformat(),
            "asked": self.asked,
            "changed": self.moves.total(),
            "moves": [[*key, count] for key, count in sorted(self.moves.items())],
            "cities": dict(sorted(self.cities.items())),
            "people": self.people,
        }


def run_preview(params: Json, report: Report) -> Json:
    """The task: compute and keep the preview of a proposal."""
    proposal = proposal_of(params["proposal"])
    compute = _COMPUTERS.get(proposal.code, _reach)
    result = compute(proposal, report)
    with unit_of_work():
        row = session().get_one(RulePreview, proposal.id, populate_existing=True)
        row.result, row.computed_at = result, clock.now()
    return {"proposal": proposal.id}


def proposed_version(proposal: RuleProposal) -> RuleVersion:
    """The proposal as the version that it would become."""
    return RuleVersion(
        proposal.code, proposal.base_version + 1, proposal.effective_from, proposal.value,
        proposal.source, proposal.confirmed,
    )  # fmt: skip


def _central(proposal: RuleProposal, report: Report) -> Json:
    """The yearly duty on the first day of the new version, and at the end of that year if nothing
    else happens."""
    year = proposal.effective_from.year
    days = sorted({proposal.effective_from, date(year, 12, 31)})
    terms = read_terms(proposed_version(proposal), year)
    asked = [(Question(year, day), Tally(day)) for day in days]
    for done, total, people in everybody():
        for facts in asked[0][0].facts(people):
            for question, tally in asked:
                before = verdict(question.terms, facts, question.on)
                after = verdict(terms, facts, question.on)
                region = after.region or before.region
                tally.add(facts.person_id, region, _standing(before), _standing(after))
        report(done, total)
    return {"days": [tally.as_json() for _question, tally in asked]}


def _standing(found: Verdict) -> tuple[str, int]:
    return found.state, found.missing if found.owes else 0


def _hours(proposal: RuleProposal, report: Report) -> Json:
    """Class hours of the cycle on the first day of the new version."""
    day = proposal.effective_from
    before = rule_on(proposal.code, day).value["posts"]
    tally = Tally(day)
    for done, total, people in everybody():
        spells = _at_work(people, day)
        held = _hours_held(sorted(spells), day.year - 4)
        for person_id, stays in spells.items():
            tally.add(
                person_id, stays[0].region,
                _balance(before, stays, held.get(person_id, {}), day.year),
                _balance(proposal.value["posts"], stays, held.get(person_id, {}), day.year),
            )  # fmt: skip
        report(done, total)
    return {"days": [tally.as_json()]}


def _at_work(people: Collection[int], day: date) -> dict[int, list[SpellFact]]:
    found: dict[int, list[SpellFact]] = {}
    for spell in spells_as_known(people):
        if spell.started_on <= day and (spell.ended_on is None or spell.ended_on >= day):
            found.setdefault(spell.person_id, []).append(spell)
    return found


def _hours_held(people: list[int], since: int) -> dict[int, dict[int, int]]:
    """Tenths by person and year."""
    found: dict[int, dict[int, int]] = {}
    e = CreditEntry
    for chunk in chunks(people, CHUNK):
        query = (
            select(e.person_id, e.year, func.sum(e.tenths))
            .where(e.person_id.in_(chunk), e.year >= since)
            .group_by(e.person_id, e.year)
        )
        for person_id, year, tenths in session().execute(query):
            found.setdefault(person_id, {})[year] = int(tenths)
    return found


def _balance(
    posts: dict[str, Any], stays: list[SpellFact], held: dict[int, int], year: int
) -> tuple[str, int]:
    """("none", 0) where no post asks for hours; else met or short, and tenths missing."""
    asked = [posts[s.post] for s in stays if s.post in posts]
    if not asked:
        return "none", 0
    most = max(asked, key=lambda line: int(line["tenths"]))
    done = sum(held.get(year - back, 0) for back in range(most["years"]))
    missing = max(most["tenths"] - done, 0)
    return ("short" if missing else "met"), missing


def _reach(proposal: RuleProposal, report: Report) -> Json:
    """How much a rule without a verdict of its own reaches: sessions still to be held, people at
    work."""
    s = SessionStatement
    sessions = session().scalar(
        select(func.count(func.distinct(s.session_id))).where(
            s.starts_on >= proposal.effective_from
        )
    )
    people: set[int] = set()
    for done, total, ids in everybody():
        people.update(_at_work(ids, proposal.effective_from - timedelta(days=1)))
        report(done, total)
    return {"sessions": sessions or 0, "people": len(people)}


_COMPUTERS: dict[str, Callable[[RuleProposal, Report], Json]] = {
    CENTRAL.code: _central, HOURS.code: _hours,
}  # fmt: skip
TASK_RUNNERS: dict[str, Runner] = {PREVIEW: run_preview}
