"""Reads of corrected keys in force."""

from dataclasses import replace

from sqlalchemy import select

from exams.bank.queries import Asked, Key
from exams.marking.corrections.models import KeyCorrection, KeyDecision
from exams.marking.corrections.rules import Corrected
from lms.core.db import session


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
