"""What every page of the shell needs: navigation, preferences, banner."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, g, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from lms.core.access import POWERFUL, Actor, current_actor
from lms.core.i18n import chosen_locale
from lms.core.navigation import NavItem, staff_items
from lms.people.api import second_factor_enforced

GROUP_LABELS = {
    "today": _l("今天"),
    "people": _l("人员"),
    "training": _l("培训"),
    "exams": _l("考试"),
    "certificates": _l("证书"),
    "supervision": _l("监管"),
    "system": _l("系统"),
}
#: The five places of a learner: label, icon, endpoint, and the path that lights it up.
LEARNER_PLACES = (
    (_l("首页"), "home", "home.page", "/"),
    (_l("学习"), "book", "learning.courses", "/learn"),
    (_l("考试"), "pencil", "exam_learner.exams", "/exams"),
    (_l("证书"), "medal", "wallet.page", "/certificates"),
    (_l("我的"), "person", "me.page", "/me"),
)
TEXT_SIZES = (18, 20, 22, 24, 26, 28, 30)


@dataclass(frozen=True, slots=True)
class Preferences:
    """How a person wants to see the site; ``text_size`` in CSS pixels."""

    elder: bool
    text_size: int
    locale: str


def preferences() -> Preferences:
    """From the account when signed in, else from cookies."""
    account = g.get("account")
    size = request.cookies.get("text", "")
    if account is not None:
        return Preferences(account.elder, account.text_size, chosen_locale())
    text_size = int(size) if size.isdecimal() and int(size) in TEXT_SIZES else 22
    return Preferences(request.cookies.get("elder") == "1", text_size, chosen_locale())


def current_shell(actor: Actor | None) -> str:
    """``public`` for visitors; staff see the staff shell outside the learner's five places."""
    if actor is None:
        return "public"
    if not actor.has(*POWERFUL):
        return "learner"
    path = request.path
    learner_paths = ("/learn", "/exams", "/certificates", "/me")
    if path == "/" and request.args.get("as") == "learner":
        return "learner"
    return "learner" if any(_within(path, place) for place in learner_paths) else "staff"


def _within(path: str, place: str) -> bool:
    return path == place or path.startswith(place + "/")


def learner_items() -> list[NavItem]:
    """The bottom bar."""
    path = request.path
    return [
        NavItem(
            label, icon, url_for(endpoint), path == "/" if place == "/" else _within(path, place)
        )
        for label, icon, endpoint, place in LEARNER_PLACES
        if endpoint in _known_endpoints()
    ]


def _known_endpoints() -> dict[str, Any]:
    return g.app_views  # type: ignore[no-any-return]


def init_shell(app: Flask) -> None:
    """Give every template the shell's context."""

    @app.context_processor
    def shell_context() -> dict[str, Any]:
        actor = current_actor()
        shell = current_shell(actor)
        g.app_views = app.view_functions
        switch = None
        if actor and actor.has(*POWERFUL):
            switch = "/" if shell == "learner" else "/?as=learner"
        return {
            "actor": actor,
            "shell": shell,
            "prefs": preferences(),
            "learner_nav": learner_items() if shell == "learner" else [],
            "staff_nav": _staff_nav(actor) if shell == "staff" and actor else [],
            "switch_shell_url": switch,
            "banner": _banner(app),
            "may": lambda action, target=None: action.may(actor, target),
        }


def _banner(app: Flask) -> str | None:
    if not app.extensions.get("is_demo"):
        return None
    if second_factor_enforced():
        return _("演示数据，均为虚构")
    return _("演示数据，均为虚构；演示中不要求两步验证")


def _staff_nav(actor: Actor) -> list[tuple[object, list[NavItem]]]:
    return [(GROUP_LABELS[group], items) for group, items in staff_items(actor)]
