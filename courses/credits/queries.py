"""Reads of the ledger."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from courses.credits.models import CATEGORIES, CreditEntry
from lms.core.db import session


@dataclass(frozen=True, slots=True)
class TranscriptLine:
    """One movement as a person sees it; ``reversed`` marks an entry that was taken back."""

    entry_id: int
    year: int
    category: str
    tenths: int
    source: str
    source_key: str
    recorded_at: datetime
    reversed: bool
    is_reversal: bool


def hours_in_year(person_id: int, year: int, as_known_at: datetime | None = None) -> dict[str, int]:
    """Tenths of a class hour by category for one year; every category is there."""
    query = (
        select(CreditEntry.category, func.sum(CreditEntry.tenths))
        .where(CreditEntry.person_id == person_id, CreditEntry.year == year)
        .group_by(CreditEntry.category)
    )
    if as_known_at is not None:
        query = query.where(CreditEntry.recorded_at <= as_known_at)
    found = {category: int(total) for category, total in session().execute(query)}
    return {category: found.get(category, 0) for category in CATEGORIES}


def transcript(
    person_id: int, year: int | None = None, as_known_at: datetime | None = None
) -> list[TranscriptLine]:
    """Every movement of a person's hours, newest year first, as known at a moment."""
    query = select(CreditEntry).where(CreditEntry.person_id == person_id)
    if year is not None:
        query = query.where(CreditEntry.year == year)
    if as_known_at is not None:
        query = query.where(CreditEntry.recorded_at <= as_known_at)
    entries = session().scalars(query.order_by(CreditEntry.year.desc(), CreditEntry.id)).all()
    undone = {entry.reverses_id for entry in entries}
    return [
        TranscriptLine(
            entry.id,
            entry.year,
            entry.category,
            entry.tenths,
            entry.source,
            entry.source_key,
            entry.recorded_at,
            entry.id in undone,
            entry.reverses_id is not None,
        )
        for entry in entries
    ]
