"""Reads for looking at doubtful check-ins: the signs, the facts behind them, what was decided."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import select

from courses.classroom import rules, signs
from courses.classroom.models import AttendanceFact, CentralSession
from courses.classroom.scan_models import CheckInReview, KeptScan
from courses.classroom.signs import CheckIn, Elsewhere, Limits, Sign
from lms.core import clock
from lms.core.db import session
from lms.core.rules import rule_on
from lms.people.api import PersonCard, person_cards

BY_PHONE = ("qr", "code")


@dataclass(frozen=True, slots=True)
class Doubt:
    """A check-in with signs, and the decisions about it, oldest first.

    ``state`` is ``open``, ``accepted``, ``struck`` (by such a decision) or ``gone`` (taken back
    otherwise)."""

    fact: AttendanceFact
    signs: tuple[Sign, ...]
    kept: KeptScan | None
    decisions: tuple[CheckInReview, ...]
    state: str

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of its signs."""
        return frozenset(sign.kind for sign in self.signs)


@dataclass(frozen=True, slots=True)
class ReviewList:
    """The doubtful check-ins of a session, those not decided first, and everybody named there."""

    doubts: list[Doubt]
    people: dict[int, PersonCard]

    @property
    def open(self) -> int:
        """How many wait for a decision."""
        return sum(1 for doubt in self.doubts if doubt.state == "open")


def doubts_of(row: CentralSession) -> list[Doubt]:
    """The doubtful check-ins of a session, open ones first; six statements whatever the size."""
    facts = list(
        session().scalars(
            select(AttendanceFact)
            .where(AttendanceFact.session_id == row.id)
            .order_by(AttendanceFact.at, AttendanceFact.id)
        )
    )
    kept = _kept(row.id)
    limits = _limits(row)
    checks = [_check(f, kept.get(f.id)) for f in facts if f.method in BY_PHONE]
    found = signs.signs_of(checks, _elsewhere(row, limits), limits)
    voided = {fact.voids_id for fact in facts if fact.kind == "void"}
    decisions = _decisions(row.id)
    doubts = [
        _doubt(f, found.get(f.id, ()), kept.get(f.id), decisions[f.id], f.id in voided)
        for f in facts
        if f.id in found or f.id in decisions
    ]
    return sorted(doubts, key=lambda doubt: (doubt.state != "open", doubt.fact.at, doubt.fact.id))


def review_list(row: CentralSession) -> ReviewList:
    """The same with the names: one statement more."""
    doubts = doubts_of(row)
    named: set[int] = set()
    for doubt in doubts:
        named |= {doubt.fact.person_id, *(d.recorded_by for d in doubt.decisions)}
        named |= {person for sign in doubt.signs for person in sign.people}
    return ReviewList(doubts, person_cards(named))


def _kept(session_id: int) -> dict[int, KeptScan]:
    query = select(KeptScan).where(KeptScan.session_id == session_id)
    return {scan.fact_id: scan for scan in session().scalars(query.order_by(KeptScan.id.desc()))}


def _limits(row: CentralSession) -> Limits:
    day = clock.local_date(row.starts_at)
    return Limits.read(rule_on(rules.RULE, day).value, rule_on(rules.SCANS_RULE, day).value)


def _check(fact: AttendanceFact, kept: KeptScan | None) -> CheckIn:
    at, phone_at, arrived_at = fact.at, None, None
    if kept is not None:
        at, phone_at, arrived_at = kept.code_at, kept.phone_at, kept.recorded_at
    return CheckIn(fact.id, fact.person_id, fact.method, at, fact.device, phone_at, arrived_at)


def _elsewhere(row: CentralSession, limits: Limits) -> list[Elsewhere]:
    """Check-ins of the same people in sessions at other venues around the same time."""
    here = select(AttendanceFact.person_id).where(AttendanceFact.session_id == row.id)
    query = (
        select(
            AttendanceFact.person_id, AttendanceFact.at,
            CentralSession.title, CentralSession.venue,
        )
        .join(CentralSession, CentralSession.id == AttendanceFact.session_id)
        .where(
            AttendanceFact.session_id != row.id,
            AttendanceFact.person_id.in_(here),
            AttendanceFact.method.in_(BY_PHONE),
            CentralSession.venue != row.venue,
            CentralSession.starts_at <= row.ends_at + 2 * limits.travel,
            CentralSession.ends_at >= row.starts_at - 2 * limits.travel,
        )
    )  # fmt: skip
    return [Elsewhere(*found) for found in session().execute(query)]


def _decisions(session_id: int) -> defaultdict[int, tuple[CheckInReview, ...]]:
    found: defaultdict[int, tuple[CheckInReview, ...]] = defaultdict(tuple)
    query = (
        select(CheckInReview)
        .where(CheckInReview.session_id == session_id)
        .order_by(CheckInReview.fact_id, CheckInReview.number)
    )
    for review in session().scalars(query):
        found[review.fact_id] += (review,)
    return found


def _doubt(
    fact: AttendanceFact, found: tuple[Sign, ...], kept: KeptScan | None,
    decisions: tuple[CheckInReview, ...], is_voided: bool,
) -> Doubt:  # fmt: skip
    accepted = {kind for d in decisions if d.decision == "accepted" for kind in d.signs.split()}
    if is_voided:
        state = "struck" if any(d.decision == "struck" for d in decisions) else "gone"
    else:
        state = "accepted" if {sign.kind for sign in found} <= accepted else "open"
    return Doubt(fact, found, kept, decisions, state)
