"""The pages of credits, central sessions and the yearly duty."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from courses.appeals import views as appeals
from courses.appeals.policy import APPEALS_ANSWER
from courses.claims import views as claims
from courses.claims.policy import CLAIMS_DECIDE
from courses.classroom.policy import SESSIONS_SEE
from courses.classroom.views import (
    booking,
    check_in,
    door,
    kept,
    learner,
    paper,
    planning,
    review,
)
from courses.compliance.policy import EXEMPTION_DECIDE, FLAGS_SEE
from courses.compliance.views import learner as my_duty
from courses.compliance.views import officer, person
from courses.credits.views import learner as my_hours
from courses.reports import views as reports
from courses.reports.policy import REPORT_SEE
from courses.rulebook import views as rulebook
from courses.rulebook.policy import RULES_SEE
from courses.rulebook.wording import rule_words
from lms.core.navigation import NavEntry, add_entry


def register_duty(app: Flask) -> None:
    """Join these pages to the app and add their places in the side bar."""
    app.add_template_filter(rule_words, "rule_words")
    for view in (
        planning,
        door,
        booking,
        check_in,
        kept,
        review,
        paper,
        learner,
        officer,
        person,
        my_duty,
        my_hours,
        rulebook,
        claims,
        appeals,
        reports,
    ):
        app.register_blueprint(view.bp)
    add_entry(NavEntry("training", _l("集中培训"), "calendar", "central.page", SESSIONS_SEE, 40))
    add_entry(NavEntry("supervision", _l("年度集中培训"), "chart", "flags.page", FLAGS_SEE, 20))
    add_entry(
        NavEntry("supervision", _l("免修审批"), "check", "duty.requests", EXEMPTION_DECIDE, 30)
    )
    add_entry(NavEntry("supervision", _l("规则"), "scale", "rulebook.page", RULES_SEE, 80))
    add_entry(
        NavEntry("supervision", _l("外部学时审核"), "check", "hours.waiting", CLAIMS_DECIDE, 35)
    )
    add_entry(NavEntry("supervision", _l("申诉"), "flag", "appeals.waiting", APPEALS_ANSWER, 32))
    add_entry(NavEntry("supervision", _l("年度报告"), "trend", "reports.mine", REPORT_SEE, 25))
