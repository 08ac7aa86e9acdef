"""What ``certificates`` adds to the site."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from certificates import rest
from certificates.badges import views as badge_views
from certificates.badges.kept import init_shelf
from certificates.batches import views as batch_views
from certificates.batches.policy import SEE_BATCHES
from certificates.checks import init_checks
from certificates.designs import views as designs
from certificates.designs.policy import SEE as SEE_DESIGNS
from certificates.express.door import init_door
from certificates.keeping import views as key_views
from certificates.log import views as log_views
from certificates.offline import views as offline
from certificates.offline.statuses import init_statuses
from certificates.photo import views as photo_views
from certificates.policy import CHECK_SHEET, SEE_REGISTER
from certificates.pools import views as pool_views
from certificates.pools.policy import SEE_POOLS
from certificates.publicity import views as publicity_views
from certificates.publicity.policy import SEE_OBJECTIONS
from certificates.revoking import views as revoking_views
from certificates.sharing import views as share_views
from certificates.sheet import views as sheet
from certificates.views import check, wallet
from certificates.views import register as register_views
from lms.core.navigation import NavEntry, add_entry


def register(app: Flask) -> None:
    """Join the pages of this package to the app."""
    init_checks(app)
    init_shelf(app)
    init_statuses(app)
    for blueprint in (
        wallet.bp,
        check.bp,
        register_views.bp,
        rest.bp,
        log_views.bp,
        offline.bp,
        badge_views.bp,
        key_views.bp,
        batch_views.bp,
        pool_views.bp,
        publicity_views.bp,
        publicity_views.objections_bp,
        sheet.bp,
        share_views.bp,
        photo_views.bp,
        revoking_views.bp,
        designs.bp,
    ):
        app.register_blueprint(blueprint)
    init_door(app, check.MISSES)
    add_entry(
        NavEntry("certificates", _l("证书登记册"), "certificate", "register.page", SEE_REGISTER)
    )
    add_entry(NavEntry("certificates", _l("批量发证"), "stamp", "batches.page", SEE_BATCHES, 60))
    add_entry(NavEntry("certificates", _l("编号与号段"), "tag", "pools.page", SEE_POOLS, 70))
    add_entry(
        NavEntry("certificates", _l("公示异议"), "inbox", "objections.home", SEE_OBJECTIONS, 80)
    )
    add_entry(
        NavEntry("certificates", _l("批量查验证书"), "scan", "check_sheet.page", CHECK_SHEET, 90)
    )
    add_entry(
        NavEntry("certificates", _l("证书版式"), "certificate", "designs.page", SEE_DESIGNS, 65)
    )
