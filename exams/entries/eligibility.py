"""Gathering the facts that the eligibility rules judge, for many people at once."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import Any

from certificates.api import certificates_of, rungs_held
from exams.entries.rules import CandidateFacts, Decision, decide, years_worked
from lms.core.rules import RuleVersion, rule_on
from lms.people.api import person_cards, spells_as_known


def rules_in_force(on: date) -> RuleVersion:
    """The set of conditions that the province has chosen."""
    chosen = rule_on("exams.eligibility.choice", on).value["set"]
    return rule_on(chosen, on)


def decide_all(person_ids: Collection[int], rung: int, on: date) -> tuple[dict[int, Decision], str]:
    """The decision for every person, and the stamp of the rule that made it."""
    rule = rules_in_force(on)
    routes = rule.value["by_rung"].get(rung) or rule.value["by_rung"].get(str(rung)) or []
    facts = _facts(person_ids, rule.value["occupations"], routes, on)
    return {pid: decide(routes, known, on) for pid, known in facts.items()}, rule.stamp


def _facts(
    person_ids: Collection[int], occupations: Collection[str], routes: list[Any], on: date
) -> dict[int, CandidateFacts]:
    spells = defaultdict(list)
    for spell in spells_as_known(person_ids):
        if spell.post in occupations:
            spells[spell.person_id].append((spell.started_on, spell.ended_on))
    held = rungs_held(person_ids, on)
    dated = any(route.get("years_since") for route in routes)
    return {
        card.id: CandidateFacts(
            card.born_on,
            years_worked(spells[card.id], on),
            held.get(card.id),
            _since(card.id, held.get(card.id)) if dated else None,
        )
        for card in person_cards(person_ids).values()
    }


def _since(person_id: int, rung: int | None) -> date | None:
    """The day of the certificate behind the rung held."""
    if rung is None:
        return None
    days = [card.issued_on for card in certificates_of(person_id) if card.rung == rung]
    return min(days, default=None)
