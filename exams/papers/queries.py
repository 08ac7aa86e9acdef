"""Reads of papers and blueprints."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from exams.papers.models import BlueprintVersion, Slot
from exams.papers.rules import Blueprint, parse
from lms.core import clock
from lms.core.db import session
from lms.core.ladder import Rung
from lms.core.rules import RuleMissing, RuleVersion, rule_on, rule_versions

#: How the stamps of organisations' own blueprints begin.
OWN = "blueprint:"
#: rung -> the rule that holds its theory blueprint and its skills checklist
CODES = {
    Rung.JUNIOR: "junior",
    Rung.INTERMEDIATE: "intermediate",
    Rung.SENIOR: "senior",
    Rung.TECHNICIAN: "technician",
    Rung.SENIOR_TECHNICIAN: "senior-technician",
}


@dataclass(frozen=True, slots=True)
class SlotRow:
    """A slot as the room and the marking need it."""

    id: int
    position: int
    version_id: int
    tenths: int
    order: tuple[int, ...]
    part: int | None = None

    @property
    def asked(self) -> tuple[int, int | None]:
        """The question that stands here: its version and, in a case, the part."""
        return self.version_id, self.part


def plan_for(rung: int, part: str, on: date) -> RuleVersion | None:
    """The blueprint (theory) or checklist (skills) in force for a rung, or None."""
    code = CODES.get(Rung(rung))
    family = {"theory": "blueprint", "skills": "skills", "review": "review"}.get(part)
    if code is None or family is None:
        return None
    try:
        return rule_on(f"exams.{family}.{code}", on)
    except RuleMissing:
        return None


def pinned_plan(stamp: str) -> RuleVersion:
    """The rule version behind a stamp. Raises LookupError when there is none."""
    code, _at, version = stamp.partition("@")
    if code.startswith(OWN):
        return _own_plan(code.removeprefix(OWN), int(version))
    for known in rule_versions(code):
        if str(known.version) == version:
            return known
    raise LookupError(stamp)


def _own_plan(code: str, version: int) -> RuleVersion:
    """An organisation's own blueprint, as if it were a rule."""
    query = select(BlueprintVersion).where(
        BlueprintVersion.code == code, BlueprintVersion.version == version
    )
    own = session().scalar(query)
    if own is None:
        raise LookupError(f"{OWN}{code}@{version}")
    since = clock.local_date(own.saved_at)
    return RuleVersion(OWN + code, version, since, own.value, own.title, False)


def pinned_blueprint(stamp: str) -> Blueprint:
    """The blueprint behind a stamp."""
    return parse(pinned_plan(stamp).value)


def slots_of(paper_id: int) -> list[SlotRow]:
    """The slots of a paper, in order."""
    rows = session().execute(
        select(Slot.id, Slot.position, Slot.question_version_id, Slot.tenths, Slot.order, Slot.part)
        .where(Slot.paper_id == paper_id)
        .order_by(Slot.position)
    )
    return [
        SlotRow(
            row.id, row.position, row.question_version_id, row.tenths, tuple(row.order), row.part
        )
        for row in rows
    ]
