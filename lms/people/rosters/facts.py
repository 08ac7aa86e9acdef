"""What is known of the people and homes a roster names; a few statements per thousand rows."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

from sqlalchemy import select

from lms.core.db import session
from lms.people.models import EmploymentSpell, LevelClaim, Organisation, Person
from lms.people.queries import in_chunks
from lms.people.rosters.plan import KnownSpell

CHUNK = 1000


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A person found by id number."""

    id: int
    name: str
    phone_hash: str | None


@dataclass(frozen=True, slots=True)
class KnownHome:
    """An organisation found by credit code."""

    id: int
    region: str
    kind: str
    closed: bool


@dataclass
class Facts:
    """People by id hash, their current stays and levels."""

    people: dict[str, KnownPerson] = field(default_factory=dict)
    spells: dict[int, list[KnownSpell]] = field(default_factory=lambda: defaultdict(list))
    rungs: dict[int, int] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """Changes when anything here does."""
        parts = (
            sorted((h, p.id, p.name, p.phone_hash or "") for h, p in self.people.items()),
            sorted((s.id, s.spell) for stays in self.spells.values() for s in stays),
            sorted(self.rungs.items()),
        )
        return sha256(repr(parts).encode()).hexdigest()


def homes_by_code(codes: Iterable[str]) -> dict[str, KnownHome]:
    """Organisations by credit code."""
    homes: dict[str, KnownHome] = {}
    for chunk in in_chunks(sorted(set(codes)), CHUNK):
        query = select(
            Organisation.credit_code,
            Organisation.id,
            Organisation.region,
            Organisation.kind,
            Organisation.closed_on,
        ).where(Organisation.credit_code.in_(chunk))
        for code, organisation_id, region, kind, closed_on in session().execute(query):
            homes[code] = KnownHome(organisation_id, region, kind, closed_on is not None)
    return homes


def add_facts(facts: Facts, id_hashes: list[str]) -> None:
    """Look up one chunk: three statements whatever its size."""
    people = select(Person.id_hash, Person.id, Person.name, Person.phone_hash)
    found: list[int] = []
    for known_hash, person_id, name, phone in session().execute(
        people.where(Person.id_hash.in_(id_hashes))
    ):
        facts.people[known_hash] = KnownPerson(person_id, name, phone)
        found.append(person_id)
    _add_spells(facts, found)
    claims = select(LevelClaim.person_id, LevelClaim.rung).where(LevelClaim.person_id.in_(found))
    for person_id, rung in session().execute(claims.order_by(LevelClaim.id)):
        facts.rungs[person_id] = rung


def _add_spells(facts: Facts, person_ids: list[int]) -> None:
    stays = (
        select(
            EmploymentSpell.id,
            EmploymentSpell.spell,
            EmploymentSpell.person_id,
            EmploymentSpell.organisation_id,
            EmploymentSpell.post,
            EmploymentSpell.started_on,
            EmploymentSpell.ended_on,
        )
        .where(EmploymentSpell.person_id.in_(person_ids), EmploymentSpell.superseded_at.is_(None))
        .order_by(EmploymentSpell.started_on, EmploymentSpell.id)
    )
    for row in session().execute(stays):
        facts.spells[row.person_id].append(KnownSpell(*row))
