"""What ``courses`` adds to the site."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from certificates.api import offer, renew_by
from courses import renewing
from courses.awarding import COURSE_AWARDS, SESSION_AWARDS
from courses.catalogue import policy as catalogue_policy
from courses.catalogue.views import author, pictures
from courses.enrolment import policy as enrolment_policy
from courses.enrolment.views import evidence, learner, staff
from courses.rooms_duty import register_duty
from lms.core.navigation import NavEntry, add_entry


def register(app: Flask) -> None:
    """Join the pages of this package to the app."""
    for views in (learner, evidence, pictures, author, staff):
        app.register_blueprint(views.bp)
    add_entry(
        NavEntry("training", _l("课程"), "book", "catalogue.versions", catalogue_policy.READ, 10)
    )
    add_entry(
        NavEntry(
            "training", _l("学习进度"), "chart", "training.page", enrolment_policy.PROGRESS, 20
        )
    )
    register_duty(app)
    offer(COURSE_AWARDS)
    offer(SESSION_AWARDS)
    renew_by("course", renewing.same_course)
    renew_by("central", renewing.next_session)
