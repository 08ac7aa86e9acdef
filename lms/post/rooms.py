"""What the post room adds to the site."""

from flask import Flask
from flask_babel import lazy_gettext as _l

from lms.core.navigation import NavEntry, add_entry
from lms.post.policy import CHANNELS_SEE, DELIVERIES_SEE, ENDPOINTS_SEE
from lms.post.setup import init_post
from lms.post.views import channels, endpoints, mine, staff


def register(app: Flask) -> None:
    """Join the pages of this package to the app."""
    init_post(app)
    for views in (mine, staff, endpoints, channels):
        app.register_blueprint(views.bp)
    add_entry(
        NavEntry("supervision", _l("提醒发送"), "bell", "deliveries.page", DELIVERIES_SEE, 36)
    )
    add_entry(NavEntry("supervision", _l("系统对接"), "link", "endpoints.page", ENDPOINTS_SEE, 85))
    add_entry(NavEntry("system", _l("发送渠道"), "send", "channels.page", CHANNELS_SEE, 40))
