"""The rulebook as pages read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from courses.claims.wording import KIND_LABELS, ORIGIN_LABELS
from courses.compliance.wording import EXEMPTION_LABELS
from courses.rulebook.models import RulePreview, RuleProposal, RuleProposalStep
from courses.rulebook.rules import SHAPES
from courses.rulebook.shapes import Shape, changes
from lms.core import clock, rules, tasks
from lms.core.db import session
from lms.core.rules import RuleRow, RuleVersion
from lms.people.api import PersonCard, person_cards, post_labels


@dataclass(frozen=True, slots=True)
class Line:
    """A rule in the list: what is in force, what comes, and whether a change waits."""

    shape: Shape
    current: RuleVersion
    coming: RuleVersion | None
    waiting: int | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal with its end, its differences and what it would change."""

    row: RuleProposal
    step: RuleProposalStep | None
    shape: Shape
    changes: list[tuple[str, str, str]]
    preview: RulePreview
    task: tasks.Task | None
    people: dict[int, PersonCard]


def keys(today: date) -> Mapping[str, Mapping[str, str]]:
    """The lines of the rules' tables with their names."""
    return {
        "posts": post_labels(today),
        "exemptions": {kind: str(label) for kind, label in EXEMPTION_LABELS.items()},
        "origins": {origin: str(label) for origin, label in ORIGIN_LABELS.items()},
        "conversions": {kind: str(label) for kind, label in KIND_LABELS.items()},
    }


def all_lines(today: date) -> list[Line]:
    """Every rule of the rulebook; two statements."""
    query = select(RuleRow).where(RuleRow.code.in_(SHAPES)).order_by(RuleRow.version)
    versions: dict[str, list[RuleVersion]] = {}
    for row in session().scalars(query):
        versions.setdefault(row.code, []).append(rules.version_of(row))
    waiting: dict[str, int] = {code: key for key, code in session().execute(_open()).tuples()}
    return [
        _line(shape, versions[code], waiting.get(code), today) for code, shape in SHAPES.items()
    ]


def _open() -> Any:
    return (
        select(RuleProposal.id, RuleProposal.code)
        .outerjoin(RuleProposalStep, RuleProposalStep.proposal_id == RuleProposal.id)
        .where(RuleProposalStep.id.is_(None))
    )


def _line(shape: Shape, known: list[RuleVersion], waiting: int | None, today: date) -> Line:
    begun = [v for v in known if v.effective_from <= today]
    current = max(begun or known, key=lambda v: (v.effective_from, v.version))
    coming = [v for v in known if v.effective_from > today]
    return Line(shape, current, coming[0] if coming else None, waiting)


def proposals_of(code: str) -> list[tuple[RuleProposal, RuleProposalStep | None]]:
    """Every proposal ever made for a rule, newest first."""
    query = (
        select(RuleProposal, RuleProposalStep)
        .outerjoin(RuleProposalStep, RuleProposalStep.proposal_id == RuleProposal.id)
        .where(RuleProposal.code == code)
        .order_by(RuleProposal.id.desc())
    )
    return [(row, step) for row, step in session().execute(query)]


def history(code: str) -> list[tuple[RuleVersion, datetime, int]]:
    """Every version of a rule, newest first, with when and by whom it was recorded."""
    query = select(RuleRow).where(RuleRow.code == code).order_by(RuleRow.version.desc())
    return [
        (rules.version_of(row), row.recorded_at, row.recorded_by)
        for row in session().scalars(query)
    ]


def proposal(proposal_id: int) -> Proposal | None:
    """One proposal, ready to be shown."""
    row = session().get(RuleProposal, proposal_id)
    if row is None:
        return None
    query = select(RuleProposalStep).where(RuleProposalStep.proposal_id == proposal_id)
    preview = session().get_one(RulePreview, proposal_id, populate_existing=True)
    shape = SHAPES[row.code]
    base = rules.rule_versions(row.code)[row.base_version - 1]
    step = session().scalar(query)
    named = {p["person"] for day in preview.result.get("days", []) for p in day["people"]}
    named |= {row.recorded_by} | ({step.recorded_by} if step else set())
    return Proposal(
        row,
        step,
        shape,
        changes(shape, keys(clock.today()), base.value, row.value),
        preview,
        tasks.with_ref(preview.ref),
        person_cards(named),
    )
