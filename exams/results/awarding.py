"""Awards after publicity or by a batch: which are due, and noting what was issued."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, String, cast, literal, or_, select

from certificates import api as certificates
from exams.entries.models import ExamEvent, Part
from exams.entries.policy import MANAGE
from exams.results.concluding import completing, note_award, request_for, source_of
from exams.results.grounds import SOURCE, queue_for
from exams.results.models import LevelAward, Result, ResultRelease
from exams.results.queries import standing
from exams.sittings.models import Attempt
from lms.core import clock
from lms.core.access import Actor, Role
from lms.core.db import session
from lms.core.uow import unit_of_work

_MOST_EVENTS = 60
_MOST_HELD = 200
_TOGETHER = 200


def note_awards() -> int:
    """Note the certificates that were issued for results since; how many there were."""
    noted, last = 0, 0
    while True:
        query = _passed().where(LevelAward.result_id.is_(None), Result.id > last)
        results = [row[0] for row in session().execute(query.limit(_TOGETHER))]
        if not results:
            return noted
        last = results[-1].id
        issued = certificates.issued_for([source_of(result) for result in results])
        for result in results:
            certificate_id = issued.get(source_of(result))
            if certificate_id is not None:
                with unit_of_work():
                    noted += _note(result.id, certificate_id, clock.now())


def awarding_of(result_id: int) -> certificates.Awarding | None:
    """Where the award of a result stands in publicity; None if it never went public."""
    source = f"{SOURCE}{result_id}"
    return certificates.awardings_of([source]).get(source)


def _note(result_id: int, certificate_id: int, now: datetime) -> int:
    query = select(Result).where(Result.id == result_id)
    result = session().scalars(query.execution_options(populate_existing=True)).one()
    if session().get(LevelAward, result.id) is not None:
        return 0
    note_award(result, completing(result, clock.local_date(now)) or {}, certificate_id, now)
    return 1


def _passed() -> Select[tuple[Result, ExamEvent]]:
    """Results that may lead to a certificate: passed, published, standing, not of a practice."""
    return (
        select(Result, ExamEvent)
        .join(ExamEvent, ExamEvent.id == Result.event_id)
        .join(ResultRelease, ResultRelease.result_id == Result.id)
        .join(Attempt, Attempt.id == Result.attempt_id)
        .outerjoin(LevelAward, LevelAward.result_id == Result.id)
        .where(
            Result.passed.is_(True),
            ExamEvent.practice.is_(False),
            ExamEvent.issues_certificate.is_(True),
            Attempt.state != "expelled",
            standing(),
        )
        .order_by(Result.id)
    )


def _choices(actor: Actor) -> list[certificates.Choice]:
    query = (
        select(ExamEvent)
        .where(
            ExamEvent.organisation_id.in_(sorted(actor.organisations(Role.EXAMINER))),
            ExamEvent.issues_certificate.is_(True),
            ExamEvent.practice.is_(False),
            ExamEvent.status != "draft",
        )
        .order_by(ExamEvent.opens_at.desc())
        .limit(_MOST_EVENTS)
    )
    return [_choice(event) for event in session().scalars(query)]


def _choice(event: ExamEvent) -> certificates.Choice:
    opened = clock.local_date(event.opens_at)
    return certificates.Choice(event.id, event.title, opened, event.organisation_id)


def _one(actor: Actor, event_id: int) -> certificates.Choice | None:
    event = session().get(ExamEvent, event_id)
    return _choice(event) if event is not None and MANAGE.may(actor, event) else None


def _eligible(choice: certificates.Choice, on: date) -> list[certificates.Eligible]:
    rows = session().execute(_passed().where(ExamEvent.id == choice.id)).all()
    return list(_complete([(row[0], row[1]) for row in rows], on))


def _complete(rows: list[tuple[Result, ExamEvent]], on: date) -> Iterator[certificates.Eligible]:
    for result, event in rows:
        held = completing(result, on)
        if held is not None:
            asked = request_for(result, event, held, on)
            yield certificates.Eligible(
                asked.source, asked.person_id, asked.kind, asked.rung, asked.facts
            )


def _issued(event_id: int) -> Select[tuple[str]]:
    """Of every level that a result of the event went into, whatever became of it since."""
    ids = select(Result.id).where(Result.event_id == event_id)
    people = select(Result.person_id).where(Result.event_id == event_id)
    parts = (LevelAward.result_ids[str(part)].as_integer().in_(ids) for part in Part)
    levels = select(LevelAward.result_id).where(LevelAward.person_id.in_(people), or_(*parts))
    source = literal(SOURCE).concat(cast(Result.id, String))
    return select(source).where(or_(Result.event_id == event_id, Result.id.in_(levels)))


def _held(issuer_ids: Sequence[int]) -> list[certificates.Choice]:
    query = select(ExamEvent).where(
        ExamEvent.organisation_id.in_(issuer_ids), ExamEvent.issues_certificate.is_(True)
    )
    newest = query.order_by(ExamEvent.opens_at.desc()).limit(_MOST_HELD)
    return [_choice(event) for event in session().scalars(newest)]


def _standing(sources: Sequence[str]) -> set[str]:
    """Those whose result still stands and completes its level; it does until this unit of work
    ends, for who would take it back waits."""
    wanted = [int(source.rpartition(":")[2]) for source in sources]
    queue_for(session().scalars(select(Result.person_id).where(Result.id.in_(wanted))))
    rows = session().execute(_passed().where(Result.id.in_(wanted))).all()
    today = clock.today()
    return {source_of(row[0]) for row in rows if completing(row[0], today) is not None}


EXAM_AWARDS = certificates.AwardSource(
    "exams", _l("考试成绩"), _choices, _one, _eligible, _issued, _held, standing=_standing
)
