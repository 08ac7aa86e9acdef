"""Score reviews: asked by the candidate, checked by one person, decided by another. Callers
commit. A review adds up and finds omissions; it judges nothing anew."""

from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from exams.entries.models import Entry, ExamEvent
from exams.entries.policy import RECHECK
from exams.marking.concluding import append_marks, paper_of
from exams.results import rules
from exams.results.concluding import supersede
from exams.results.errors import (
    AlreadyAsked,
    NotChecked,
    ReviewClosed,
    SecondPerson,
    StillUnmarked,
)
from exams.results.models import Result, ResultRelease, ScoreCheck, ScoreDecision, ScoreReview
from exams.results.queries import standing
from exams.results.recounting import hands_of, recounted
from exams.sittings.models import Attempt
from lms.core import audit, clock
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import Conflict, NotFound
from lms.core.notify import tell
from lms.core.rules import rule_on

REVIEW_STAMP = "exams.review"


def ask(result_id: int, reason: str, actor: Actor, now: datetime) -> ScoreReview:
    """A candidate asks for her own released result to be reviewed.

    Raises:
        NotFound: not hers, not released, practice, or superseded. ReviewClosed, AlreadyAsked.
    """
    row = (
        session()
        .execute(
            select(Result, ResultRelease.released_at, ExamEvent.practice)
            .join(ResultRelease, ResultRelease.result_id == Result.id)
            .join(ExamEvent, ExamEvent.id == Result.event_id)
            .join(Attempt, Attempt.id == Result.attempt_id)
            .where(
                Result.id == result_id,
                Result.person_id == actor.person_id,
                Attempt.state != "expelled",
                standing(),
            )
        )
        .first()
    )
    if row is None or row.practice:
        raise NotFound(action="exams.score.ask")
    _queue(row.Result)
    rule = rule_on("exams.review", clock.local_date(now))
    released_on = clock.local_date(row.released_at)
    if not rules.may_ask(released_on, int(rule.value["days"]), clock.local_date(now)):
        raise ReviewClosed
    if session().scalar(select(ScoreReview.id).where(ScoreReview.result_id == result_id)):
        raise AlreadyAsked
    review = ScoreReview(
        result_id=result_id,
        person_id=actor.person_id,
        reason=reason,
        asked_at=now,
        rule_stamp=rule.stamp,
    )
    session().add(review)
    session().flush()
    audit.record(actor, "exams.score.ask", "score_review", review.id)
    return review


def check(review: ScoreReview, note: str, actor: Actor, now: datetime) -> ScoreCheck:
    """The first person writes down what adding up again gives.

    Raises:
        Conflict: decided already. SecondPerson: it is her own result. StillUnmarked.
    """
    result = _open(review, actor)
    if actor.person_id == review.person_id:
        raise SecondPerson
    total, found = _sum(result)
    row = ScoreCheck(
        review_id=review.id,
        tenths=total,
        findings=found,
        note=note,
        checked_by=actor.person_id,
        checked_at=now,
    )
    session().add(row)
    session().flush()
    audit.record(actor, "exams.score.check", "score_review", review.id)
    return row


def decide(review: ScoreReview, note: str, actor: Actor, now: datetime) -> ScoreDecision:
    """A second person ends the review: unchanged, or corrected by a superseding result.

    Raises:
        Conflict: decided already. SecondPerson: she checked, marked, or is concerned.
        NotChecked: nobody checked, or the marks have changed since. StillUnmarked.
    """
    result = _open(review, actor)
    checked = newest_check(review.id)
    if checked is None:
        raise NotChecked
    barred = {review.person_id, checked.checked_by} | hands_of(result.attempt_id)
    if actor.person_id in barred:
        raise SecondPerson
    total, found = _sum(result)
    if (total, found) != (checked.tenths, checked.findings):
        raise NotChecked
    new = _correct(result, actor, now) if total != result.tenths else None
    decision = ScoreDecision(
        review_id=review.id,
        check_id=checked.id,
        outcome="corrected" if new else "unchanged",
        note=note,
        decided_by=actor.person_id,
        decided_at=now,
        new_result_id=new.id if new else None,
    )
    session().add(decision)
    session().flush()
    audit.record(actor, "exams.score.decide", "score_review", review.id, outcome=decision.outcome)
    if new is None:
        _tell_unchanged(review, result)
    return decision


def _tell_unchanged(review: ScoreReview, result: Result) -> None:
    event = session().get_one(ExamEvent, result.event_id)
    tell(
        review.person_id,
        "exams.review.unchanged",
        f"exams:review:{review.id}",
        f"/exams/results/{result.id}",
        title=event.title,
    )


def newest_check(review_id: int) -> ScoreCheck | None:
    """What the first person found last."""
    query = select(ScoreCheck).where(ScoreCheck.review_id == review_id)
    return session().scalar(query.order_by(ScoreCheck.id.desc()).limit(1))


def _open(review: ScoreReview, actor: Actor) -> Result:
    result = session().get_one(Result, review.result_id)
    RECHECK.ensure(actor, session().get_one(ExamEvent, result.event_id))
    _queue(result)
    if session().get(ScoreDecision, review.id, populate_existing=True) is not None:
        raise Conflict
    if session().get_one(Attempt, result.attempt_id, populate_existing=True).state == "expelled":
        raise Conflict(_("这位考生已被取消资格，成绩不再算数。"))
    return result


def _queue(result: Result) -> None:
    """Let two hands on one sitting wait for each other."""
    session().execute(
        select(Entry.id)
        .join(Attempt, Attempt.entry_id == Entry.id)
        .where(Attempt.id == result.attempt_id)
        .with_for_update(of=Entry)
    )


def _sum(result: Result) -> tuple[int, dict[str, Any]]:
    """The sum as it should be, and what was wrong, slot by slot."""
    total, troubled = rules.recount(recounted(result))
    if any(row.trouble == "waiting" for row in troubled):
        raise StillUnmarked
    found = [[row.position, row.trouble, row.counted, row.tenths] for row in troubled]
    return min(total, rules.FULL), {"was": result.tenths, "slots": found}


def _correct(result: Result, actor: Actor, now: datetime) -> Result:
    rows = recounted(result)
    attempt = session().get_one(Attempt, result.attempt_id)
    if attempt.paper_id is not None:
        fresh = {row.slot_id: row.tenths for row in rows if row.trouble and row.slot_id}
        append_marks(paper_of(attempt), fresh, "review", REVIEW_STAMP, actor, now)
    marks = [rules.Marked(row.module, row.tenths, row.most) for row in rows]
    return supersede(result, marks, actor, now)
