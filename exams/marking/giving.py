"""A marker's word on an answer, and what follows once all needed words are there.

Callers commit.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from exams.bank.queries import keys_of
from exams.entries.models import ExamEvent
from exams.marking.agreement import STEP, Terms, agreed, with_third
from exams.marking.claiming import THIRD, claimed
from exams.marking.concluding import conclude
from exams.marking.errors import NoSuchMark
from exams.marking.models import Mark, Opinion, Script
from exams.marking.policy import MARK_ANSWERS
from exams.marking.rubrics import points_of
from exams.marking.terms import terms_of
from exams.sittings.models import Attempt
from lms.core import audit
from lms.core.access import Actor
from lms.core.db import session


def give(ref: str, tenths: Sequence[int], comment: str, actor: Actor, now: datetime) -> Script:
    """Write down what a marker gave each point of the rubric, and conclude where that was the
    last word needed.

    Raises:
        ClaimLost: somebody else has the answer now. NoSuchMark: out of range or of steps.
    """
    script, claim = claimed(ref, actor)
    event = session().get_one(ExamEvent, script.event_id)
    MARK_ANSWERS.ensure(actor, event)
    asked = (script.question_version_id, None if script.part < 0 else script.part)
    most = [point.most for point in points_of(keys_of([asked])[asked].key, script.most)]
    check(tenths, most)
    terms = terms_of(event, now)
    session().add(
        Opinion(
            script_id=script.id,
            place=claim.place,
            marker_id=actor.person_id,
            tenths=sum(tenths),
            points={"points": list(tenths)},
            comment=comment,
            stamp=terms.stamp,
            given_at=now,
        )
    )
    session().delete(claim)
    session().flush()
    audit.record(actor, "exams.marking.give", "marking_script", script.id, place=claim.place)
    _decide(script, event, terms, actor, now)
    return script


def check(tenths: Sequence[int], most: Sequence[int]) -> None:
    """Raises NoSuchMark unless every mark is in its range and in halves (or the most there is)."""
    if len(tenths) != len(most):
        raise NoSuchMark
    for given, cap in zip(tenths, most, strict=True):
        if not 0 <= given <= cap or (given % STEP and given != cap):
            raise NoSuchMark


def _decide(script: Script, event: ExamEvent, terms: Terms, actor: Actor, now: datetime) -> None:
    opinions = list(
        session().scalars(
            select(Opinion).where(Opinion.script_id == script.id).order_by(Opinion.place)
        )
    )
    first = [o.tenths for o in opinions if o.place != THIRD]
    third = next((o.tenths for o in opinions if o.place == THIRD), None)
    if len(first) < event.markers:
        return
    if third is not None:
        final: int | None = with_third(first, third, terms)
    else:
        final = agreed(first, script.most, terms)
    if final is None:
        script.state = "adjudicating"
        session().flush()
        return
    _finish(script, final, terms, actor, now)


def _finish(script: Script, final: int, terms: Terms, actor: Actor, now: datetime) -> None:
    """Turn the agreed figure into a mark; the sitting is concluded if it was the last one."""
    attempt = (
        session()
        .scalars(
            select(Attempt)
            .where(Attempt.id == script.attempt_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        .one()
    )
    asked = (script.question_version_id, None if script.part < 0 else script.part)
    script.state = "done"
    session().add(
        Mark(
            attempt_id=script.attempt_id,
            slot_id=script.slot_id,
            item=keys_of([asked])[asked].module,
            tenths=final,
            stamp=terms.stamp,
            marked_by=actor.person_id,
            marked_at=now,
            key=f"person:{script.attempt_id}:{script.slot_id}",
        )
    )
    session().flush()
    conclude(attempt, actor, now)
