"""Appealing, withdrawing, answering. Callers commit."""

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy import text as text_of

from courses.appeals.models import DutyAppeal, DutyAppealStep
from courses.compliance.loading import Question
from courses.compliance.verdicts import ATTENTION
from lms.core import audit, clock
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import Conflict, Invalid, NotFound
from lms.core.notify import tell

FIRST_YEAR = 2020
LEAST = 4  # letters that say anything


def appeal(year: int, text: str, actor: Actor, now: datetime) -> DutyAppeal:
    """Appeal against one's own verdict of a year; one at a time.

    Raises:
        Invalid: nothing to appeal against, or no words. Conflict: one waits for its answer.
    """
    if len(text.strip()) < LEAST:
        raise Invalid(_("请写明您为什么认为不对。"))
    if not FIRST_YEAR <= year <= clock.local_date(now).year:
        raise Invalid(_("现在没有需要申诉的结果。"))
    _queue_for(actor.person_id)
    if open_appeal(actor.person_id, year) is not None:
        raise Conflict(_("您的申诉还在处理中。"))
    (verdict,) = Question(year, clock.local_date(now)).verdicts([actor.person_id])
    if verdict.state not in ATTENTION or verdict.organisation_id is None:
        raise Invalid(_("现在没有需要申诉的结果。"))
    row = DutyAppeal(
        person_id=actor.person_id,
        organisation_id=verdict.organisation_id,
        region=verdict.region,
        year=year,
        state=verdict.state,
        rule=verdict.rule,
        text=text.strip()[:600],
        recorded_at=now,
        recorded_by=actor.person_id,
    )
    session().add(row)
    session().flush()
    audit.record(actor, "duty.appeal", "duty_appeal", row.id, year=year)
    return row


def _queue_for(person_id: int) -> None:
    """Let two appeals of one person follow each other, or both would find none open. SQLite's unit
    of work already holds the only write lock."""
    if session().get_bind().dialect.name == "postgresql":
        session().execute(text_of("SELECT pg_advisory_xact_lock(7201610, :p)"), {"p": person_id})


def answer(appeal_id: int, step: str, text: str, actor: Actor, now: datetime) -> DutyAppealStep:
    """Accept or reject an appeal, or withdraw one's own; the same step twice is one.

    Raises:
        Invalid: an answer without words. Conflict: answered otherwise meanwhile.
        NotFound: withdrawing somebody else's.
    """
    row = session().scalar(select(DutyAppeal).where(DutyAppeal.id == appeal_id).with_for_update())
    if row is None or (step == "withdrawn") != (row.person_id == actor.person_id):
        raise NotFound
    known = session().scalar(select(DutyAppealStep).where(DutyAppealStep.appeal_id == appeal_id))
    if known is not None:
        if known.step == step:
            return known
        raise Conflict(_("这份申诉已经答复过了。"))
    if step != "withdrawn" and len(text.strip()) < LEAST:
        raise Invalid(_("请写明答复：查到了什么，怎样处理。"))
    made = DutyAppealStep(
        appeal_id=appeal_id, step=step, answer=text.strip()[:600], recorded_at=now,
        recorded_by=actor.person_id,
    )  # fmt: skip
    session().add(made)
    session().flush()
    audit.record(actor, f"duty.appeal.{step}", "duty_appeal", appeal_id)
    if step != "withdrawn":
        tell(row.person_id, f"duty.appeal.{step}", f"appeal:{appeal_id}",
             f"/learn/duty?year={row.year}", year=row.year)  # fmt: skip
    return made


def open_appeal(person_id: int, year: int) -> DutyAppeal | None:
    """A person's appeal that waits for its answer."""
    return session().scalar(
        select(DutyAppeal)
        .outerjoin(DutyAppealStep, DutyAppealStep.appeal_id == DutyAppeal.id)
        .where(
            DutyAppeal.person_id == person_id, DutyAppeal.year == year, DutyAppealStep.id.is_(None)
        )
    )
