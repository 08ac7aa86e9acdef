"""Certificates of completion and proofs of central training: what is due, and what a completion
brings by itself. Callers commit."""

from collections.abc import Sequence
from datetime import date, datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, func, select

from certificates import api as certificates
from courses.catalogue.models import Course, CourseVersion
from courses.classroom.models import CentralSession, SessionOutcome
from courses.enrolment.models import Completion, Enrolment
from lms.core import audit, clock
from lms.core.access import SYSTEM, Actor, Role
from lms.core.db import Json, session
from lms.core.errors import DomainError
from lms.core.rules import RuleMissing, rule_on

RULE = "courses.certificate"
_MOST = 60


def award_completion(completion: Completion, now: datetime) -> certificates.Issued | None:
    """Issue the certificate of a completion where the rule says so and the course has a
    responsible body. The completion stands whatever the register says."""
    on = clock.local_date(now)
    try:
        rule = rule_on(RULE, on).value
    except RuleMissing:
        return None
    row = session().execute(_completions().where(Completion.id == completion.id)).one()
    course: Course = row.Course
    if course.owner_id is None or course.kind not in rule["automatic"]:
        return None
    due = _eligible_completion(row.Completion, row.Enrolment, row.CourseVersion, course, on)
    request = certificates.IssueRequest(
        source=due.source,
        kind=due.kind,
        person_id=due.person_id,
        issuer_id=course.owner_id,
        rung=None,
        facts=due.facts,
        issued_on=on,
        valid_to=due.valid_to,
    )
    group = certificates.Group(f"courses:course:{course.id}", row.CourseVersion.title)
    try:
        with session().begin_nested():
            made = certificates.award(request, group, SYSTEM, now)
    except DomainError as refusal:
        audit.record(
            SYSTEM, "courses.award.refused", "completion", completion.id, code=type(refusal).code
        )
        return None
    return made if isinstance(made, certificates.Issued) else None


def _completions() -> Select[tuple[Completion, Enrolment, CourseVersion, Course]]:
    return (
        select(Completion, Enrolment, CourseVersion, Course)
        .join(Enrolment, Enrolment.id == Completion.enrolment_id)
        .join(CourseVersion, CourseVersion.id == Enrolment.version_id)
        .join(Course, Course.id == Enrolment.course_id)
        .order_by(Completion.id)
    )


def _eligible_completion(
    completion: Completion, enrolment: Enrolment, version: CourseVersion, course: Course, on: date
) -> certificates.Eligible:
    finished = clock.local_date(completion.at)
    facts: Json = {
        "subject": version.title,
        "tenths": completion.tenths,
        "from": clock.local_date(enrolment.started_at).isoformat(),
        "to": finished.isoformat(),
    }
    return certificates.Eligible(
        f"courses:completion:{completion.id}",
        enrolment.person_id,
        "course",
        None,
        facts,
        _valid_to(course.kind, finished, on),
    )


def _valid_to(kind: str, finished: date, on: date) -> date | None:
    """The last day of a kind that expires, by the rule of the day of issue."""
    try:
        months = rule_on(RULE, on).value["valid_months"].get(kind)
    except RuleMissing:
        return None
    if not months:
        return None
    years, month = divmod(finished.month - 1 + int(months), 12)
    day = min(finished.day, 28)
    return date(finished.year + years, month + 1, day)


def _issuing(actor: Actor) -> list[int]:
    return sorted(actor.organisations(Role.EXAMINER))


def _courses(actor: Actor) -> list[certificates.Choice]:
    newest = select(func.max(CourseVersion.id)).where(CourseVersion.published_at.is_not(None))
    query = (
        select(Course, CourseVersion)
        .join(CourseVersion, CourseVersion.course_id == Course.id)
        .where(
            Course.owner_id.in_(_issuing(actor)),
            CourseVersion.id.in_(newest.group_by(CourseVersion.course_id)),
        )
        .order_by(Course.id.desc())
        .limit(_MOST)
    )
    return [_course(row[0], row[1]) for row in session().execute(query)]


def _course(course: Course, version: CourseVersion) -> certificates.Choice:
    begun = clock.local_date(course.created_at)
    return certificates.Choice(course.id, version.title, begun, course.owner_id or 0)


def _one_course(actor: Actor, course_id: int) -> certificates.Choice | None:
    return next((one for one in _courses(actor) if one.id == course_id), None)


def _course_awards(choice: certificates.Choice, on: date) -> list[certificates.Eligible]:
    rows = session().execute(_completions().where(Course.id == choice.id)).all()
    return [_eligible_completion(row[0], row[1], row[2], row[3], on) for row in rows]


def _sessions(actor: Actor) -> list[certificates.Choice]:
    query = (
        select(CentralSession)
        .where(CentralSession.organiser_id.in_(_issuing(actor)), CentralSession.status == "closed")
        .order_by(CentralSession.starts_at.desc())
        .limit(_MOST)
    )
    return [
        certificates.Choice(row.id, row.title, clock.local_date(row.starts_at), row.organiser_id)
        for row in session().scalars(query)
    ]


def _one_session(actor: Actor, session_id: int) -> certificates.Choice | None:
    return next((one for one in _sessions(actor) if one.id == session_id), None)


def _session_awards(choice: certificates.Choice, on: date) -> list[certificates.Eligible]:
    """Everybody whose newest outcome says that she attended."""
    row = session().get_one(CentralSession, choice.id)
    outcomes = session().scalars(
        select(SessionOutcome)
        .where(SessionOutcome.session_id == row.id)
        .order_by(SessionOutcome.person_id, SessionOutcome.round)
    )
    newest = {outcome.person_id: outcome for outcome in outcomes}
    facts: Json = {
        "subject": row.title,
        "from": clock.local_date(row.starts_at).isoformat(),
        "to": clock.local_date(row.ends_at).isoformat(),
        "place": row.venue,
    }
    return [
        certificates.Eligible(
            f"courses:session:{row.id}:{person_id}",
            person_id,
            "central",
            None,
            facts | {"tenths": outcome.tenths},
        )
        for person_id, outcome in newest.items()
        if outcome.attended
    ]


def _standing_attendance(sources: Sequence[str]) -> set[str]:
    """Those whose newest outcome still says that they attended."""
    parts = {source: source.split(":") for source in sources}
    pairs = {source: (int(part[2]), int(part[3])) for source, part in parts.items()}
    outcomes = session().scalars(
        select(SessionOutcome)
        .where(
            SessionOutcome.session_id.in_({pair[0] for pair in pairs.values()}),
            SessionOutcome.person_id.in_({pair[1] for pair in pairs.values()}),
        )
        .order_by(SessionOutcome.round)
    )
    attended = {(one.session_id, one.person_id): one.attended for one in outcomes}
    return {source for source, pair in pairs.items() if attended.get(pair)}


COURSE_AWARDS = certificates.AwardSource(
    "courses", _l("课程结业"), _courses, _one_course, _course_awards
)
SESSION_AWARDS = certificates.AwardSource(
    "sessions",
    _l("集中培训出勤"),
    _sessions,
    _one_session,
    _session_awards,
    standing=_standing_attendance,
)
