"""Claims, balances and study leave as pages read them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from courses.claims.models import CreditClaim, CreditClaimStep, StudyLeave
from courses.claims.operations import RULE
from courses.claims.policy import visible_to
from courses.compliance.loading import chunks
from courses.credits.balance import Balance, Movement, balance, read_credit_terms
from courses.credits.models import CreditEntry
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import NotFound
from lms.core.paging import Page, offset_of
from lms.core.rules import rule_on
from lms.people.api import PersonCard, SpellFact, person_cards, spells_as_known

HOURS = "credits.hours"
PAGE = 50


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """A claim with where it stands: waiting, or its last step."""

    claim: CreditClaim
    status: str
    person: PersonCard | None = None


def balances(person_id: int, on: date, as_known_at: datetime | None = None) -> list[Balance]:
    """Where a person stands in the cycle of ``on``, one balance for each post that asks for
    hours; four statements. ``as_known_at`` leaves out what was learnt later."""
    return balances_of([person_id], on, as_known_at).get(person_id, [])


def hours_missing(person_ids: Collection[int], on: date) -> dict[int, int]:
    """Person → tenths of a class hour she still needs in her cycle, the most of her posts; who
    owes no hours is left out."""
    return {
        person_id: max(max(b.missing, b.professional_missing) for b in found)
        for person_id, found in balances_of(person_ids, on).items()
        if found
    }


def balances_of(
    person_ids: Collection[int], on: date, as_known_at: datetime | None = None
) -> dict[int, list[Balance]]:
    """The balances of many people; four statements per two thousand."""
    hours = rule_on(HOURS, on, as_known_at)
    ledger = rule_on(RULE, on, as_known_at)
    rules = (hours.stamp, hours.value), (ledger.stamp, ledger.value)
    found: dict[int, list[Balance]] = {}
    for chunk in chunks(sorted(set(person_ids))):
        moved = _movements(chunk, on, as_known_at)
        stays: dict[int, list[SpellFact]] = {}
        for spell in spells_as_known(chunk, as_known_at=as_known_at):
            stays.setdefault(spell.person_id, []).append(spell)
        for person_id, spells in stays.items():
            found[person_id] = _balances(spells, moved.get(person_id, []), on, rules)
    return found


Stamped = tuple[str, Mapping[str, Any]]


def _balances(
    stays: list[SpellFact], moved: list[Movement], on: date, rules: tuple[Stamped, Stamped]
) -> list[Balance]:
    found = []
    for post in sorted({s.post for s in stays if s.covers(on)}):
        terms = read_credit_terms(post, *rules)
        if terms is not None:
            began = min(s.started_on for s in stays if s.post == post).year
            found.append(balance(terms, moved, on.year, began))
    return found


def _movements(
    person_ids: list[int], on: date, as_known_at: datetime | None
) -> dict[int, list[Movement]]:
    e = CreditEntry
    query = select(e).where(e.person_id.in_(person_ids), e.year <= on.year).order_by(e.id)
    if as_known_at is not None:
        query = query.where(e.recorded_at <= as_known_at)
    origins: dict[int, str] = {}
    found: dict[int, list[Movement]] = {}
    for entry in session().scalars(query):
        origin = entry.source_key.partition(":")[0]
        if entry.reverses_id:
            origin = origins.get(entry.reverses_id, origin)
        origins[entry.id] = origin
        found.setdefault(entry.person_id, []).append(
            Movement(entry.year, entry.category, entry.tenths, origin)
        )
    return found


def leave_in_year(person_id: int, year: int) -> int:
    """Tenths of study leave in a year."""
    query = select(func.coalesce(func.sum(StudyLeave.tenths), 0)).where(
        StudyLeave.person_id == person_id, StudyLeave.year == year
    )
    return int(session().scalar(query) or 0)


def claims_of(person_id: int) -> list[ClaimRow]:
    """A person's claims, newest first."""
    query = select(CreditClaim).where(CreditClaim.person_id == person_id)
    return _rows(list(session().scalars(query.order_by(CreditClaim.id.desc()))))


def waiting_claims(actor: Actor, number: int = 1) -> Page[ClaimRow]:
    """Claims that an actor may decide on, oldest first."""
    query = (
        select(CreditClaim)
        .outerjoin(CreditClaimStep, CreditClaimStep.claim_id == CreditClaim.id)
        .where(CreditClaimStep.id.is_(None), visible_to(actor))
    )
    total = session().scalar(query.with_only_columns(func.count())) or 0
    shown = query.order_by(CreditClaim.id).limit(PAGE).offset(offset_of(number, PAGE))
    return Page(_rows(list(session().scalars(shown)), named=True), number, total, PAGE)


def one_claim(claim_id: int) -> tuple[CreditClaim, list[CreditClaimStep]]:
    """A claim and its decisions. Raises NotFound."""
    row = session().get(CreditClaim, claim_id)
    if row is None:
        raise NotFound
    query = select(CreditClaimStep).where(CreditClaimStep.claim_id == claim_id)
    return row, list(session().scalars(query.order_by(CreditClaimStep.stage)))


def _rows(claims: list[CreditClaim], *, named: bool = False) -> list[ClaimRow]:
    steps: dict[int, str] = {}
    query = select(CreditClaimStep).where(CreditClaimStep.claim_id.in_([c.id for c in claims]))
    for step in session().scalars(query.order_by(CreditClaimStep.stage)):
        steps[step.claim_id] = step.step
    people = person_cards({c.person_id for c in claims}) if named else {}
    return [ClaimRow(c, steps.get(c.id, "waiting"), people.get(c.person_id)) for c in claims]
