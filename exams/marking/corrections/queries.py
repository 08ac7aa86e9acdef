"""Reads of corrected keys: those in force, and what each one changes or has changed."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select

from certificates import api as certificates
from exams.bank.queries import Asked, Key
from exams.marking.corrections.models import KeyCorrection, KeyDecision, Remarking
from exams.marking.corrections.rules import Corrected
from exams.papers.models import Paper, Slot
from exams.results.models import LevelAward, Result
from exams.sittings.models import Attempt
from lms.core.db import session
from lms.people.api import person_cards


def asked_of(correction: KeyCorrection) -> Asked:
    """The question it is about."""
    part = None if correction.part < 0 else correction.part
    return correction.question_version_id, part


def in_force(event_id: int) -> dict[Asked, Corrected]:
    """Question → its newest approved correction in an event; one statement."""
    rows = session().execute(
        select(
            KeyCorrection.question_version_id,
            KeyCorrection.part,
            KeyCorrection.way,
            KeyCorrection.key,
        )
        .join(KeyDecision, KeyDecision.correction_id == KeyCorrection.id)
        .where(KeyCorrection.event_id == event_id, KeyDecision.approved)
        .order_by(KeyDecision.decided_at, KeyCorrection.id)
    )
    return {
        (row.question_version_id, None if row.part < 0 else row.part): Corrected(row.way, row.key)
        for row in rows
    }


def corrected_keys(event_id: int, keys: dict[Asked, Key]) -> dict[Asked, Key]:
    """The keys as they count in an event: what a candidate is shown after release."""
    corrections = in_force(event_id)
    return {
        asked: replace(key, key=dict(corrections[asked].key))
        if asked in corrections and corrections[asked].way == "key"
        else key
        for asked, key in keys.items()
    }


def _asks(asked: Asked) -> Any:
    part = Slot.part.is_(None) if asked[1] is None else Slot.part == asked[1]
    return (Slot.question_version_id == asked[0]) & part


def is_used(event_id: int, asked: Asked) -> bool:
    """True if a paper of the event asks this question."""
    query = select(Slot.id).join(Paper, Paper.id == Slot.paper_id)
    found = query.where(Paper.event_id == event_id, _asks(asked)).limit(1)
    return session().scalar(found) is not None


def sittings_of(correction: KeyCorrection, undone: bool = False) -> list[int]:
    """Closed sittings whose paper asks the question; ``undone`` leaves out those marked again."""
    query = (
        select(Attempt.id)
        .join(Paper, Paper.id == Attempt.paper_id)
        .join(Slot, Slot.paper_id == Paper.id)
        .where(Paper.event_id == correction.event_id, _asks(asked_of(correction)))
        .where(Attempt.state.in_(("handed_in", "timed_out", "concluded")))
        .order_by(Attempt.id)
    )
    if undone:
        done = select(Remarking.attempt_id).where(Remarking.correction_id == correction.id)
        query = query.where(Attempt.id.not_in(done))
    return list(session().scalars(query))


def unfinished() -> list[int]:
    """Approved corrections that have not reached every sitting yet."""
    query = (
        select(KeyCorrection)
        .join(KeyDecision, KeyDecision.correction_id == KeyCorrection.id)
        .where(KeyDecision.approved)
    )
    return [row.id for row in session().scalars(query) if sittings_of(row, undone=True)]


@dataclass(frozen=True, slots=True)
class Change:
    """A result that changes (or changed): before and after in tenths, passed or not."""

    attempt_id: int
    name: str
    before: int
    after: int
    passed_before: bool
    passed_after: bool
    certificate: str

    @property
    def turns(self) -> bool:
        """True when pass becomes fail or fail becomes pass."""
        return self.passed_before != self.passed_after


def changes_of(correction: KeyCorrection) -> list[Change]:
    """Results that an approved correction has changed; those that turn first."""
    old, new = Result.__table__.alias("old"), Result.__table__.alias("new")
    rows = (
        session()
        .execute(
            select(
                Remarking.attempt_id,
                old.c.person_id,
                old.c.id.label("old_id"),
                old.c.tenths.label("before"),
                old.c.passed.label("passed_before"),
                new.c.tenths.label("after"),
                new.c.passed.label("passed_after"),
            )
            .join(old, old.c.id == Remarking.old_result_id)
            .join(new, new.c.id == Remarking.new_result_id)
            .where(Remarking.correction_id == correction.id)
        )
        .all()
    )
    return listed(
        (r.attempt_id, r.person_id, r.old_id, r.before, r.after, r.passed_before, r.passed_after)
        for r in rows
    )


def listed(rows: Iterable[tuple[int, int, int, int, int, bool, bool]]) -> list[Change]:
    """Changes with names and the certificates that rest on the results before."""
    found = list(rows)
    cards = person_cards({row[1] for row in found})
    codes = certificates_on({row[2] for row in found}, {row[1] for row in found})
    made = [
        Change(r[0], cards[r[1]].name, r[3], r[4], r[5], r[6], codes.get(r[2], "")) for r in found
    ]
    return sorted(made, key=lambda change: (not change.turns, change.name))


def certificates_on(result_ids: set[int], person_ids: set[int]) -> dict[int, str]:
    """Result → code of the certificate that rests on it."""
    if not result_ids:
        return {}
    awards = session().scalars(select(LevelAward).where(LevelAward.person_id.in_(person_ids)))
    found: dict[int, str] = {}
    for award in awards:
        resting = result_ids & {award.result_id, *map(int, award.result_ids.values())}
        if not resting:
            continue
        cards = certificates.certificates_of(award.person_id)
        code = next((card.code for card in cards if card.id == award.certificate_id), "")
        found |= dict.fromkeys(resting, code)
    return found


def progress_of(correction: KeyCorrection) -> tuple[int, int]:
    """(marked again, all sittings)."""
    done = select(func.count()).where(Remarking.correction_id == correction.id)
    return session().scalar(done) or 0, len(sittings_of(correction))
