"""Who may do what: actors, roles, scopes and actions. A permission is said once, here or in a
package's ``policy.py``, and serves routes, templates, lists and the API alike."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import g
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from lms.core.errors import Forbidden, NotFound

P = ParamSpec("P")
R = TypeVar("R")


class Role(StrEnum):
    """Roles a person can be granted; ``LEARNER`` needs no grant, everybody signed in has it."""

    LEARNER = "learner"
    HR = "hr"
    AUTHOR = "author"
    TEACHER = "teacher"
    EXAMINER = "examiner"
    INVIGILATOR = "invigilator"
    MARKER = "marker"
    OFFICER = "officer"
    ADMIN = "admin"

    @property
    def label(self) -> LazyString:
        """Name shown to people."""
        return _ROLE_LABELS[self]


_ROLE_LABELS = {
    Role.LEARNER: _l("学员"),
    Role.HR: _l("用人单位人事"),
    Role.AUTHOR: _l("课程编写"),
    Role.TEACHER: _l("授课教师"),
    Role.EXAMINER: _l("考务管理"),
    Role.INVIGILATOR: _l("监考员"),
    Role.MARKER: _l("评卷员"),
    Role.OFFICER: _l("民政监管"),
    Role.ADMIN: _l("平台管理"),
}
POWERFUL = frozenset(Role) - {Role.LEARNER}


@dataclass(frozen=True, slots=True)
class Grant:
    """One role within one scope: an organisation, a region prefix (``14``, ``1401``), or both
    None for the whole platform (administrators only)."""

    role: Role
    organisation_id: int | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """The signed-in person as every operation sees her."""

    person_id: int
    account_id: int
    name: str
    grants: tuple[Grant, ...] = ()
    session_id: int | None = None
    employer_ids: tuple[int, ...] = field(default=())

    def has(self, *roles: Role) -> bool:
        """True if any of ``roles`` is held in any scope; LEARNER is held by everybody."""
        return Role.LEARNER in roles or any(grant.role in roles for grant in self.grants)

    def organisations(self, *roles: Role) -> frozenset[int]:
        """Organisation ids over which any of ``roles`` is held."""
        return frozenset(
            g.organisation_id
            for g in self.grants
            if g.role in roles and g.organisation_id is not None
        )

    def regions(self, *roles: Role) -> tuple[str, ...]:
        """Region prefixes over which any of ``roles`` is held (platform-wide counts as ``""``)."""
        return tuple(
            sorted(
                {
                    g.region or ""
                    for g in self.grants
                    if g.role in roles and g.organisation_id is None
                }
            )
        )

    def covers(self, region: str, *roles: Role) -> bool:
        """True if ``region`` lies in a region over which any of ``roles`` is held."""
        return any(region.startswith(prefix) for prefix in self.regions(*roles))


SYSTEM = Actor(person_id=0, account_id=0, name="system", grants=(Grant(Role.ADMIN),))

Rule = Callable[[Actor, Any], bool]
Condition = Callable[[Actor], bool]


@dataclass(frozen=True, slots=True)
class Action:
    """Something a person may do: the roles that come into question, a condition on the actor
    (an officer, but of a province) and the rule for a target."""

    name: str
    roles: frozenset[Role]
    rule: Rule | None = None
    condition: Condition | None = None

    def admits(self, actor: Actor) -> bool:
        """True if ``actor`` may do this to anything at all."""
        return actor.has(*self.roles) and (self.condition is None or self.condition(actor))

    def may(self, actor: Actor | None, target: object = None) -> bool:
        """True if ``actor`` may do this (to ``target``, when the action has a rule)."""
        if actor is None or not self.admits(actor):
            return False
        return self.rule is None or target is None or self.rule(actor, target)

    def ensure(self, actor: Actor, target: object = None) -> None:
        """Raise NotFound for a target outside the actor's scope, Forbidden for a wrong role."""
        if not self.admits(actor):
            raise Forbidden(action=self.name)
        if not self.may(actor, target):
            raise NotFound(action=self.name)


ACTIONS: dict[str, Action] = {}


def action(
    name: str, *roles: Role, rule: Rule | None = None, condition: Condition | None = None
) -> Action:
    """Declare an action; call once, in a ``policy.py``."""
    if name in ACTIONS:
        raise ValueError(f"action {name} declared twice")
    ACTIONS[name] = Action(name, frozenset(roles), rule, condition)
    return ACTIONS[name]


def current_actor() -> Actor | None:
    """The actor of this request, or None for a visitor."""
    return getattr(g, "actor", None)


def acting() -> Actor:
    """The actor of this request; use in views behind ``@requires``."""
    actor = current_actor()
    if actor is None:
        raise Forbidden
    return actor


def requires(needed: Action) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declare the action of a view. ``lms.core.web`` checks it before the view runs."""

    def mark(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def inside(*args: P.args, **kwargs: P.kwargs) -> R:
            return view(*args, **kwargs)

        inside.needed_action = needed  # type: ignore[attr-defined]
        return inside

    return mark


def public(view: Callable[P, R]) -> Callable[P, R]:
    """Declare that a view needs no account."""
    view.is_public = True  # type: ignore[attr-defined]
    return view
