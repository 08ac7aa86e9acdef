"""Claims, balances and study leave as pages read them."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from courses.claims.models import CreditClaim, CreditClaimStep, StudyLeave
from courses.claims.operations import RULE
from courses.claims.policy import visible_to
from courses.credits.balance import Balance, Movement, balance, read_credit_terms
from courses.credits.models import CreditEntry
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import NotFound
from lms.core.paging import Page, offset_of
from lms.core.rules import rule_on
from lms.people.api import PersonCard, person_cards, spells_as_known

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
    hours = rule_on(HOURS, on, as_known_at)
    ledger = rule_on(RULE, on, as_known_at)
    stays = spells_as_known([person_id], as_known_at=as_known_at)
    moved = _movements(person_id, on, as_known_at)
    found = []
    for post in sorted(
        {s.post for s in stays if s.started_on <= on and (s.ended_on is None or s.ended_on >= on)}
    ):
        terms = read_credit_terms(post, (hours.stamp, hours.value), (ledger.stamp, ledger.value))
        if terms is not None:
            began = min(s.started_on for s in stays if s.post == post).year
            found.append(balance(terms, moved, on.year, began))
    return found


def _movements(person_id: int, on: date, as_known_at: datetime | None) -> list[Movement]:
    e = CreditEntry
    query = select(e).where(e.person_id == person_id, e.year <= on.year).order_by(e.id)
    if as_known_at is not None:
        query = query.where(e.recorded_at <= as_known_at)
    entries = {entry.id: entry for entry in session().scalars(query)}
    origins = {key: entry.source_key.partition(":")[0] for key, entry in entries.items()}
    return [
        Movement(
            entry.year,
            entry.category,
            entry.tenths,
            origins.get(entry.reverses_id, origins[key]) if entry.reverses_id else origins[key],
        )
        for key, entry in entries.items()
    ]


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
