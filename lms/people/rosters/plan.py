"""What a roster would change: pure classification of parsed rows against known facts."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256

from lms.people.rosters.columns import Fault

KINDS = ("new", "changed", "moved", "left", "unchanged")


@dataclass(frozen=True, slots=True)
class ParsedRow:
    """A row whose cells could all be read."""

    number: int
    name: str
    id_number: str
    id_hash: str
    phone: str | None
    phone_hash: str | None
    organisation_id: int
    post: str
    started_on: date | None
    ended_on: date | None
    rung: int | None


@dataclass(frozen=True, slots=True)
class KnownSpell:
    """The current statement about a stay."""

    id: int
    spell: str
    person_id: int
    organisation_id: int
    post: str
    started_on: date
    ended_on: date | None


@dataclass(frozen=True, slots=True)
class Step:
    """One row's consequence.

    ``person_id`` None: somebody we do not know yet. ``closes`` are stays elsewhere that end;
    ``restates`` the stay here that is said anew; ``changes`` the headings whose value differs.
    """

    kind: str
    row: ParsedRow
    person_id: int | None = None
    restates: KnownSpell | None = None
    closes: tuple[KnownSpell, ...] = ()
    changes: tuple[str, ...] = ()


@dataclass(frozen=True)
class RosterPlan:
    """Everything an import would do, or why it cannot be done; writes nothing.

    ``facts`` is the digest of what was known when the plan was made: if it has changed, the plan
    is stale.
    """

    steps: list[Step] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    facts: str = ""

    def of(self, kind: str) -> list[Step]:
        """The steps of one kind, in the sheet's order."""
        return [step for step in self.steps if step.kind == kind]

    @property
    def counts(self) -> dict[str, int]:
        """How many rows of each kind."""
        tally = Counter(step.kind for step in self.steps)
        return {kind: tally[kind] for kind in KINDS}

    @property
    def writes(self) -> int:
        """How many rows change something."""
        return len(self.steps) - self.counts["unchanged"]

    @property
    def digest(self) -> str:
        """Of everything the plan says and relies on: equal digests do the same."""
        told = repr((self.facts, self.steps, self.faults))
        return sha256(told.encode()).hexdigest()
