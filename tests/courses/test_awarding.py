"""A completion brings its certificate, once, where somebody answers for the course."""

from datetime import timedelta

from sqlalchemy import select, update

from certificates import api as certificates
from certificates.batches.planning import plan_eligible
from certificates.batches.sources import source_of
from courses.awarding import award_completion
from courses.catalogue.models import Course
from courses.classroom.models import CentralSession
from courses.enrolment.models import Completion, Enrolment
from lms.core import clock
from lms.core.db import session
from lms.core.uow import unit_of_work
from tests.factories.courses import course_files, published
from tests.factories.issuing import examiner_of


def completed(cast, owner: int | None) -> Completion:
    version = published(course_files("open"))
    with unit_of_work():
        session().execute(update(Course).where(Course.code == "open").values(owner_id=owner))
        now = clock.now()
        enrolment = Enrolment(
            person_id=cast.wang, course_id=version.course_id, version_id=version.version_id,
            cycle="once", started_at=now - timedelta(days=3),
        )  # fmt: skip
        session().add(enrolment)
        session().flush()
        row = Completion(enrolment_id=enrolment.id, at=now, tenths=80, rule="test")
        session().add(row)
        session().flush()
    return row


def test_a_completion_is_certified_by_the_body_that_answers_for_the_course(app, cast):
    row = completed(cast, cast.base)
    for _ in range(2):
        with unit_of_work():
            award_completion(row, clock.now())
    (card,) = certificates.certificates_of(cast.wang)
    assert card.kind == "course"


def test_a_course_nobody_answers_for_brings_none(app, cast):
    row = completed(cast, None)
    with unit_of_work():
        assert award_completion(row, clock.now()) is None
    assert certificates.certificates_of(cast.wang) == []


def test_a_batch_finds_completions_and_attendance(app, cast):
    completed(cast, cast.base)
    source = source_of("courses")
    (choice,) = source.choices(examiner_of(cast))
    awards = source.eligible(source.one(examiner_of(cast), choice.id), clock.today())
    assert plan_eligible(choice.issuer_id, awards, clock.today()).counts == {"ready": 1}
    assert source_of("sessions").choices(examiner_of(cast)) == []
    assert session().scalars(select(CentralSession)).all() == []
