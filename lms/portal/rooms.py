"""What the portal adds to the site."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from lms.core.access import POWERFUL, action
from lms.core.navigation import NavEntry, add_entry
from lms.core.notify import speak_with
from lms.portal.employer import views as employer
from lms.portal.employer.policy import EMPLOYER_SEE
from lms.portal.notices import notice_text
from lms.portal.saved import views as saved
from lms.portal.saved.policy import VIEWS_USE
from lms.portal.shell import init_shell
from lms.portal.views import health, home, install, preferences

STAFF_HOME = action("home.staff", *POWERFUL)


def register(app: Flask) -> None:
    """Join the pages of this package to the app."""
    init_shell(app)
    app.add_template_filter(notice_text, "notice_text")
    speak_with(app, notice_text)
    app.register_blueprint(health.bp)
    app.register_blueprint(home.bp)
    app.register_blueprint(install.bp)
    add_entry(NavEntry("today", _l("首页"), "home", "home.page", STAFF_HOME, 10))
    app.register_blueprint(preferences.bp)
    app.register_blueprint(employer.bp)
    app.register_blueprint(saved.bp)
    add_entry(NavEntry("people", _l("单位一览"), "building", "employer.mine", EMPLOYER_SEE, 5))
    add_entry(NavEntry("today", _l("保存的视图"), "filter", "saved.page", VIEWS_USE, 20))
