"""What ``lms.people`` adds to the site: pages and sessions."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from lms.core.navigation import NavEntry, add_entry
from lms.people import sessions
from lms.people.accounts.policy import SEE_ACCOUNTS
from lms.people.accounts.views import accounts, activate, me, roles, second_factor, sign_in
from lms.people.rosters import views as rosters
from lms.people.rosters.policy import IMPORT_ROSTER
from lms.people.staff.policy import SEE_ORGANISATIONS, SEE_STAFF
from lms.people.staff.views import lists, organisations, own_photo, person


def register(app: Flask) -> None:
    """Join the pages of this package to the app."""
    sessions.init_sessions(app)
    app.extensions["second_factor_in_demo"] = app.extensions["settings"].demo_second_factor
    for views in (sign_in, activate, second_factor, me, accounts, roles):
        app.register_blueprint(views.bp)
    for views in (lists, person, organisations, own_photo, rosters):
        app.register_blueprint(views.bp)
    add_entry(NavEntry("people", _l("人员"), "people", "staff.page", SEE_STAFF, 10))
    add_entry(NavEntry("people", _l("导入花名册"), "upload", "roster.page", IMPORT_ROSTER, 20))
    add_entry(
        NavEntry("people", _l("机构"), "building", "organisations.page", SEE_ORGANISATIONS, 30)
    )
    add_entry(NavEntry("system", _l("账户"), "key", "accounts.page", SEE_ACCOUNTS, 10))
    add_entry(NavEntry("system", _l("角色"), "shield", "roles.page", SEE_ACCOUNTS, 20))
