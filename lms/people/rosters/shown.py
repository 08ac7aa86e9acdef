"""A plan as the page shows it: counts, the first rows of each kind, every fault up to a limit."""

from dataclasses import astuple

from lms.core.access import Actor
from lms.core.db import Json
from lms.core.ladder import Rung
from lms.people import identifiers as ids
from lms.people.queries import OrganisationCard, organisation_cards
from lms.people.rosters.plan import KINDS, RosterPlan, Step
from lms.people.rosters.policy import covers_place

MOST_STEPS = 300
MOST_FAULTS = 5000


def shown_plan(plan: RosterPlan, actor: Actor) -> Json:
    """Plain values for the plan page, identities masked."""
    listed = {kind: plan.of(kind)[:MOST_STEPS] for kind in KINDS if kind != "unchanged"}
    places = {step.row.organisation_id for steps in listed.values() for step in steps}
    places |= {s.organisation_id for step in listed["moved"] for s in step.closes}
    cards = organisation_cards(sorted(places))
    return {
        "counts": plan.counts,
        "writes": plan.writes,
        "digest": plan.digest,
        "steps": {
            kind: [_line(step, cards, actor) for step in steps] for kind, steps in listed.items()
        },
        "faults": [list(astuple(fault)) for fault in plan.faults[:MOST_FAULTS]],
        "fault_count": len(plan.faults),
    }


def _line(step: Step, cards: dict[int, OrganisationCard], actor: Actor) -> Json:
    row = step.row
    before = step.restates
    return {
        "row": row.number,
        "name": row.name,
        "id": ids.mask_id(row.id_number),
        "home": cards[row.organisation_id].name,
        "post": row.post,
        "old_post": step.restates.post if step.restates else None,
        "started": str(row.started_on or (before.started_on if before else "")),
        "ended": str(row.ended_on or ""),
        "level": Rung(row.rung).name_zh if row.rung else "",
        "changes": list(step.changes),
        "from": [
            cards[stay.organisation_id].name
            if covers_place(actor, cards[stay.organisation_id])
            else ""
            for stay in step.closes
        ],
    }
