"""What a correction would change, worked out without writing anything."""

from datetime import datetime

from sqlalchemy import select

from exams.marking.corrections.models import KeyCorrection
from exams.marking.corrections.operations import remarked
from exams.marking.corrections.queries import Change, asked_of, listed, sittings_of
from exams.marking.corrections.rules import Corrected
from exams.results.models import Result
from exams.results.queries import standing
from exams.sittings.models import Attempt
from lms.core import clock
from lms.core.db import session
from lms.core.rules import rule_on


def preview(correction: KeyCorrection, now: datetime) -> tuple[int, list[Change]]:
    """(sittings affected, results that would change)."""
    pass_tenths = int(rule_on("exams.parts", clock.local_date(now)).value["pass_tenths"])
    asked = asked_of(correction)
    overlay = {asked: Corrected(correction.way, correction.key)}
    sittings = sittings_of(correction)
    query = (
        select(Attempt, Result)
        .join(Result, Result.attempt_id == Attempt.id)
        .where(Attempt.id.in_(sittings), standing())
    )
    rows = []
    for attempt, result in session().execute(query).all():
        _fresh, marks = remarked(attempt, asked, now, overlay)
        after = sum(marks.values())
        if after != result.tenths:
            passed = after >= pass_tenths
            rows.append(
                (attempt.id, result.person_id, result.id, result.tenths, after, result.passed,
                 passed)
            )  # fmt: skip
    return len(sittings), listed(rows)
