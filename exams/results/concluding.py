"""From marks to a result, its release, and the certificate. Callers commit."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from certificates import api as certificates
from exams.entries.errors import Embargoed
from exams.entries.models import Entry, ExamEvent, Release
from exams.entries.policy import RELEASE
from exams.results import grounds, rules
from exams.results.models import LevelAward, Result, ResultRelease
from exams.results.queries import standing, standings_of
from exams.sittings.models import Attempt
from lms.core import audit, clock
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import Conflict, DomainError
from lms.core.notify import tell
from lms.core.rules import RuleVersion, rule_on


def settle(attempt: Attempt, marks: list[rules.Marked], actor: Actor, now: datetime) -> Result:
    """Write the result of a fully marked attempt; release it at once where that is the mode."""
    entry = session().get_one(Entry, attempt.entry_id)
    event = session().get_one(ExamEvent, entry.event_id)
    rule = rule_on("exams.parts", clock.local_date(now))
    values = result_row(event, marks, rule, actor.person_id, now)
    result = Result(attempt_id=attempt.id, person_id=entry.person_id, **values)
    session().add(result)
    attempt.state = "concluded"
    session().flush()
    if event.release == Release.AT_ONCE:
        show(result, event, actor, now)
    return result


def result_row(
    event: Any, marks: Sequence[rules.Marked], rule: RuleVersion, decided_by: int, now: datetime
) -> dict[str, Any]:
    """What a first result of an event says, but for whose it is. ``event`` has the id, rung and
    part of one."""
    tenths = rules.total(marks)
    return {
        "event_id": event.id,
        "rung": event.rung,
        "part": event.part,
        "tenths": tenths,
        "passed": tenths >= rule.value["pass_tenths"],
        "by_module": rules.by_module(marks),
        "stamp": rule.stamp,
        "decided_by": decided_by,
        "decided_at": now,
    }


def supersede(old: Result, marks: list[rules.Marked], actor: Actor, now: datetime) -> Result:
    """Write a corrected result over an old one, which stays; the candidate hears of it if she had
    seen the old one. What counts is judged by the rule of the old one's day. Certificates that rest
    on it are suspended if it passes no more, and come back if it does again.

    Raises:
        Conflict: the old one was superseded already.
    """
    query = select(Result.id).where(Result.supersedes_id == old.id)
    if session().scalar(query) is not None:
        raise Conflict
    event = session().get_one(ExamEvent, old.event_id)
    rule = rule_on("exams.parts", clock.local_date(old.decided_at))
    tenths = rules.total(marks)
    resting = grounds.hold_resting_on(old.attempt_id)
    new = Result(
        attempt_id=old.attempt_id,
        event_id=old.event_id,
        person_id=old.person_id,
        rung=old.rung,
        part=old.part,
        tenths=tenths,
        passed=tenths >= rule.value["pass_tenths"],
        by_module=rules.by_module(marks),
        stamp=rule.stamp,
        decided_by=actor.person_id,
        decided_at=now,
        supersedes_id=old.id,
    )
    session().add(new)
    session().flush()
    audit.record(actor, "exams.result.supersede", "exam_result", new.id, old=old.id)
    if new.passed:
        grounds.stand_again(old.attempt_id, grounds.CORRECTED, actor, now)
    else:
        grounds.fall(old.attempt_id, grounds.CORRECTED, resting, actor, now)
    withdrawn = 0
    if old.passed:  # what is public rests on it; if the level is still reached it goes public anew
        reason = "exams.result.corrected"
        withdrawn = certificates.withdraw(old.person_id, old.rung, reason, actor, now)
    if session().get(ResultRelease, old.id) is not None:
        show(new, event, actor, now, "exams.result.corrected")
    if withdrawn:
        award_anew(old.person_id, old.rung, actor, now)
    return new


def unaward(person_id: int, rung: int, reason: str, actor: Actor, now: datetime) -> None:
    """A result counts no more: what is public because of it falls away, unless other results of
    hers reach the level too."""
    if certificates.withdraw(person_id, rung, reason, actor, now):
        award_anew(person_id, rung, actor, now)


def award_anew(person_id: int, rung: int, actor: Actor, now: datetime) -> None:
    """Award a level to a person by whichever of her results completes it."""
    query = (
        select(Result, ExamEvent)
        .join(ExamEvent, ExamEvent.id == Result.event_id)
        .join(ResultRelease, ResultRelease.result_id == Result.id)
        .join(Attempt, Attempt.id == Result.attempt_id)
        .where(
            Result.person_id == person_id,
            Result.rung == rung,
            Attempt.state != "expelled",
            Result.passed.is_(True),
            ExamEvent.issues_certificate.is_(True),
            standing(),
        )
        .order_by(Result.id.desc())
    )
    for one, event in session().execute(query).all():
        award(one, event, actor, now)


def release(result: Result, actor: Actor, now: datetime) -> bool:
    """Show a result to its candidate; False if it was shown before. Raises Embargoed before the
    time that was announced."""
    event = session().get_one(ExamEvent, result.event_id)
    RELEASE.ensure(actor, event)
    if event.release == Release.AT_TIME and event.results_at and now < event.results_at:
        raise Embargoed
    if session().get(ResultRelease, result.id) is not None:
        return False
    show(result, event, actor, now)
    audit.record(actor, "exams.result.release", "exam_result", result.id)
    return True


def release_all(event: ExamEvent, actor: Actor, now: datetime) -> int:
    """Release every result of an event that still waits; returns how many."""
    query = (
        select(Result)
        .outerjoin(ResultRelease, ResultRelease.result_id == Result.id)
        .join(Attempt, Attempt.id == Result.attempt_id)
        .where(
            Result.event_id == event.id,
            ResultRelease.result_id.is_(None),
            Attempt.state != "expelled",
            standing(),
        )
    )
    return sum(release(result, actor, now) for result in list(session().scalars(query)))


def show(
    result: Result, event: ExamEvent, actor: Actor, now: datetime, kind: str = "exams.result"
) -> None:
    """Let the candidate see a result that she has not seen, tell her, and award what follows."""
    session().add(ResultRelease(result_id=result.id, released_by=actor.person_id, released_at=now))
    session().flush()
    tell(result.person_id, kind, *place_of(result.id), title=event.title)
    if result.passed and event.issues_certificate:
        award(result, event, actor, now)


def place_of(result_id: int) -> tuple[str, str]:
    """The key of the notice about a result, and where the result is read."""
    return f"exams:result:{result_id}", f"/exams/results/{result_id}"


def award(
    result: Result, event: ExamEvent, actor: Actor, now: datetime
) -> certificates.Issued | None:
    """Award the level when this result completes it: the certificate is issued at once where no
    publicity is asked for, else after it. None while parts are missing, when the level is held
    or public already, when it was issued for the same sittings before, or when the evaluator may
    not issue (which is recorded)."""
    on = clock.local_date(now)
    grounds.queue_for([result.person_id])
    if session().get(LevelAward, result.id) is not None:
        return None
    if (certificates.rung_held(result.person_id, on) or 0) >= result.rung:
        return None
    if certificates.is_pending(result.person_id, result.rung):
        return None
    held = completing(result, on)
    if held is None:
        return None
    results = [standing.result_id for standing in held.values()]
    if grounds.awarded_before(result.person_id, result.rung, results):
        return None
    group = certificates.Group(f"exams:event:{event.id}", event.title)
    try:
        with session().begin_nested():
            made = certificates.award(request_for(result, event, held, on), group, actor, now)
    except DomainError as refusal:
        # The result stands whatever the register says; staff see that the certificate is missing.
        audit.record(
            actor, "exams.award.refused", "exam_result", result.id, code=type(refusal).code
        )
        return None
    if isinstance(made, certificates.Pending):
        return None
    note_award(result, held, made.certificate_id, now)
    return made


def completing(result: Result, on: date) -> dict[str, rules.Standing] | None:
    """The parts that make up the level of a result on a day; None while one is missing."""
    rule = rule_on("exams.parts", on)
    needed = rule.value["by_rung"].get(result.rung) or rule.value["by_rung"][str(result.rung)]
    standings = standings_of(result.person_id, result.rung)
    return rules.complete(needed, standings, int(rule.value["valid_days"]), on)


def source_of(result: Result) -> str:
    """What the register knows the award of a result by."""
    return f"{grounds.SOURCE}{result.id}"


def request_for(
    result: Result, event: ExamEvent, held: dict[str, rules.Standing], on: date
) -> certificates.IssueRequest:
    """What is to be sealed."""
    return certificates.IssueRequest(
        source=source_of(result),
        kind="skill",
        person_id=result.person_id,
        issuer_id=event.organisation_id,
        rung=result.rung,
        facts={f"{part}_tenths": standing.tenths for part, standing in held.items()},
        issued_on=on,
        valid_to=None,
    )


def note_award(
    result: Result, held: dict[str, rules.Standing], certificate_id: int, now: datetime
) -> None:
    """Write down which results made the level, and the certificate issued for them."""
    session().add(
        LevelAward(
            result_id=result.id,
            person_id=result.person_id,
            rung=result.rung,
            result_ids={part: standing.result_id for part, standing in held.items()},
            certificate_id=certificate_id,
            awarded_at=now,
        )
    )
    session().flush()
