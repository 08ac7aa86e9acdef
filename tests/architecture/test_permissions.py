"""Role × route: every route declares who may enter, and nobody else gets in.

The expectation comes from the declared action; a route that declares nothing fails the build.
Objects of others are covered by ``test_objects.py``.
"""

import re

import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from lms.core import clock
from lms.core.access import ACTIONS, Action, Actor, Role
from lms.people.api import actor_of

ACTORS = ("visitor", "wang", "li", "chen", "zhou", "county", "province", "admin")
HTML = {"Accept": "text/html"}


def routes(app: Flask) -> list[Rule]:
    return [r for r in app.url_map.iter_rules() if r.endpoint.rsplit(".", 1)[-1] != "static"]


def filled(rule: Rule) -> str:
    """The rule's path with values that name nothing real."""

    def value(found: re.Match[str]) -> str:
        kind = found["kind"] or ""
        if kind.startswith("any"):
            return kind[4:-1].split(",")[0].strip()
        return "999999999" if kind.startswith("int") else "nothing"

    return re.sub(r"<(?:(?P<kind>[a-z]+(?:\([^)]*\))?):)?\w+>", value, rule.rule)


def test_every_route_declares_its_action_or_that_it_is_public(site):
    undeclared = [
        rule.endpoint
        for rule in routes(site.app)
        if not getattr(site.app.view_functions[rule.endpoint], "is_public", False)
        and getattr(site.app.view_functions[rule.endpoint], "needed_action", None) is None
    ]
    assert undeclared == []


def test_every_declared_action_is_used_somewhere(site):
    used = {
        view.needed_action.name
        for view in site.app.view_functions.values()
        if getattr(view, "needed_action", None)
    }
    assert used <= set(ACTIONS)


@pytest.mark.parametrize("who", ACTORS)
def test_nobody_enters_where_her_role_has_no_business(site, cast, sign_in, visitor, who):
    client = visitor if who == "visitor" else sign_in(getattr(cast, who))
    with site.app.app_context():
        actor = None if who == "visitor" else actor_of(getattr(cast, who), clock.now())
    wrong = []
    for rule in routes(site.app):
        view = site.app.view_functions[rule.endpoint]
        if getattr(view, "is_public", False):
            continue
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            with client.open(filled(rule), method=method, headers=HTML) as answer:
                if not as_declared(answer, actor, view.needed_action):
                    wrong.append(f"{who} {method} {rule.rule} -> {answer.status_code}")
    assert wrong == []


def as_declared(answer: TestResponse, actor: Actor | None, needed: Action) -> bool:
    """Visitors are led to sign-in, the wrong role is refused, the right one is let through to
    find nothing (or to be told that the form's token is missing)."""
    if actor is None:
        return answer.status_code == 302 and "/sign-in" in answer.headers["Location"]
    if not needed.may(actor):
        return answer.status_code == 403
    return answer.status_code < 500 and answer.status_code not in {401, 403}


def test_the_cast_has_somebody_for_every_role(site, cast):
    with site.app.app_context():
        held = {
            grant.role
            for who in ACTORS
            if who != "visitor"
            for grant in actor_of(getattr(cast, who), clock.now()).grants
        }
    assert held == set(Role) - {Role.LEARNER}
