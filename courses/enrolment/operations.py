"""Writes of learning: enrol, append evidence, complete once, post the hours once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from courses.awarding import award_completion
from courses.catalogue.queries import LessonLine, VersionCard, answers_of, version_cards
from courses.credits.operations import post_hours
from courses.enrolment import rules
from courses.enrolment.models import EVIDENCE_KINDS, Completion, Enrolment, Evidence
from courses.enrolment.queries import evidence_of, need_of, reading_rule
from lms.core import clock
from lms.core.access import Actor
from lms.core.db import Json, session
from lms.core.errors import Conflict, Invalid, NotFound

#: One person cannot fill the disk: beyond this a course takes no more evidence.
MOST_EVIDENCE = 4000


class NotYet(Conflict):
    """The lesson cannot be finished yet; the text says what is missing."""

    code = "not-yet"
    title = _l("这一课还没学完")


@dataclass(frozen=True, slots=True)
class Deed:
    """Something the learner did, with the id under which it counts once.

    ``value`` per kind: opened ``{"opened": instant signed by the server}``, position
    ``{"percent": n}``, check ``{"answers": {"1": "B"}}``, finished ``{}``.
    """

    op_id: str
    lesson_id: int
    kind: str
    value: Json


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a batch: ids now on record, ids refused, and whether the course is done."""

    stored: tuple[str, ...]
    refused: tuple[str, ...]
    complete: bool


def enrol(person_id: int, version: VersionCard, now: datetime) -> Enrolment:
    """Begin a course on this version; a second call returns the first enrolment of its cycle."""
    known = _enrolment(person_id, version)
    if known is not None:
        return known
    fresh = Enrolment(
        person_id=person_id,
        course_id=version.course_id,
        version_id=version.version_id,
        cycle=version.cycle,
        started_at=now,
    )
    try:
        with session().begin_nested():
            session().add(fresh)
    except IntegrityError:  # another device was faster
        known = _enrolment(person_id, version)
        if known is None:
            raise
        return known
    return fresh


def _enrolment(person_id: int, version: VersionCard) -> Enrolment | None:
    return session().scalar(
        select(Enrolment).where(
            Enrolment.person_id == person_id,
            Enrolment.course_id == version.course_id,
            Enrolment.cycle == version.cycle,
        )
    )


def record(enrolment_id: int, deeds: Sequence[Deed], actor: Actor, now: datetime) -> Outcome:
    """Append what the actor did in her own enrolment; complete the course when all is done.

    A deed known by its id is not stored twice; one that makes no sense is refused by itself.

    Raises:
        NotFound: no such enrolment, or somebody else's.
    """
    enrolment = session().scalar(
        select(Enrolment).where(Enrolment.id == enrolment_id).with_for_update()
    )
    if enrolment is None or enrolment.person_id != actor.person_id:
        raise NotFound
    version = version_cards([enrolment.version_id])[enrolment.version_id]
    past = evidence_of([enrolment_id])
    fresh, refused = _append(enrolment, version, past, deeds, now)
    complete = _complete(enrolment, version, [*past, *fresh], actor, now)
    stored = tuple(deed.op_id for deed in deeds if deed.op_id not in refused)
    return Outcome(stored, tuple(refused), complete)


def _append(
    enrolment: Enrolment,
    version: VersionCard,
    past: Sequence[Evidence],
    deeds: Sequence[Deed],
    now: datetime,
) -> tuple[list[Evidence], list[str]]:
    known = {row.op_id for row in past}
    lessons = {line.id: line for line in version.lessons}
    answers = answers_of({deed.lesson_id for deed in deeds if deed.kind == "check"})
    fresh: list[Evidence] = []
    refused: list[str] = []
    for deed in deeds:
        if deed.op_id in known:
            continue
        line = lessons.get(deed.lesson_id)
        value = _value(deed, answers.get(deed.lesson_id, {}), now) if line else None
        if value is None or len(known) >= MOST_EVIDENCE:
            refused.append(deed.op_id)
            continue
        known.add(deed.op_id)
        fresh.append(
            Evidence(
                enrolment_id=enrolment.id,
                lesson_id=deed.lesson_id,
                kind=deed.kind,
                value=value,
                at=now,
                op_id=deed.op_id,
            )
        )
    session().add_all(fresh)
    session().flush()
    return fresh, refused


def _value(deed: Deed, answers: Mapping[int, str], now: datetime) -> Json | None:
    """What is kept of a deed, decided here and not by the browser; None for nonsense."""
    if deed.kind not in EVIDENCE_KINDS or not 8 <= len(deed.op_id) <= 40:
        return None
    if deed.kind == "opened":
        opened: datetime | None = deed.value.get("opened")
        return {"opened": min(opened, now).isoformat()} if opened else {}
    if deed.kind == "position":
        percent = deed.value.get("percent")
        return {"percent": percent} if _is_percent(percent) else None
    if deed.kind == "check":
        return _graded(deed.value.get("answers"), answers)
    return {}


def _is_percent(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 100


def _graded(given: Any, answers: Mapping[int, str]) -> Json | None:
    if not isinstance(given, dict):
        return None
    kept = {str(n): str(given[str(n)])[:1] for n in answers if given.get(str(n))}
    right = [n for n, letter in answers.items() if kept.get(str(n)) == letter]
    return {"answers": kept, "right": right} if kept else None


def _complete(
    enrolment: Enrolment,
    version: VersionCard,
    evidence: Sequence[Evidence],
    actor: Actor,
    now: datetime,
) -> bool:
    """Write the completion and its hours when the evidence shows the course done; once."""
    if session().scalar(select(Completion.id).where(Completion.enrolment_id == enrolment.id)):
        return True
    stamp, rule = reading_rule(clock.local_date(now))
    seen = [rules.Seen(row.lesson_id, row.kind, row.at, row.value) for row in evidence]
    if not rules.is_complete(rules.fold(map(need_of, version.lessons), seen, rule)):
        return False
    done = Completion(enrolment_id=enrolment.id, at=now, tenths=version.tenths, rule=stamp)
    session().add(done)
    session().flush()
    post_hours(
        enrolment.person_id,
        version.category,
        version.tenths,
        version.year or clock.local_date(now).year,
        f"course:{enrolment.id}",
        actor,
        now,
        source=version.title,
    )
    award_completion(done, now)
    return True


def finish_lesson(
    enrolment_id: int, line: LessonLine, opened: Deed, finish: Deed, actor: Actor, now: datetime
) -> Outcome:
    """Finish a lesson by its button: says what is missing instead of storing an early finish.

    Raises:
        NotYet: questions are open, or the page was open too short. NotFound: not her enrolment.
    """
    enrolment = session().get(Enrolment, enrolment_id)
    if enrolment is None or enrolment.person_id != actor.person_id:
        raise NotFound
    if opened.value.get("opened") is None:
        raise Invalid(_("页面停留太久，请返回刷新后再提交。"))
    seen = [
        rules.Seen(row.lesson_id, row.kind, row.at, row.value)
        for row in evidence_of([enrolment_id])
    ]
    signed = {"opened": opened.value["opened"].isoformat()}
    seen.append(rules.Seen(line.id, "opened", now, signed))
    _stamp, rule = reading_rule(clock.local_date(now))
    need = need_of(line)
    state = rules.fold([need], seen, rule)[line.id]
    missing = line.checks - len(state.right)
    if missing > 0:
        raise NotYet(_("还有 %(n)s 道自测题没有答对，答对后就能完成本课。", n=missing))
    wait = rules.seconds_to_wait(need, state.opened_at, now, rule)
    if wait > 0:
        raise NotYet(_("看得有点快，请再看 %(n)s 分钟，然后再点完成。", n=-(-wait // 60)))
    return record(enrolment_id, [opened, finish], actor, now)
