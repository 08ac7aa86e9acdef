"""Who may see, draft and approve designs: the body's own people, and those above it."""

from typing import Protocol

from sqlalchemy import ColumnElement, false, or_, true

from certificates.designs.models import Design
from lms.core.access import Actor, Role, action


class OfIssuer(Protocol):
    """What a rule needs to know: a design, or the body it would be for."""

    @property
    def issuer_id(self) -> int:
        """The body."""

    @property
    def issuer_region(self) -> str:
        """Its county."""


def drafts_for(actor: Actor, target: OfIssuer) -> bool:
    """True for the body's exam office, and for an administrator of its region."""
    own = target.issuer_id in actor.organisations(Role.EXAMINER)
    return own or actor.covers(target.issuer_region, Role.ADMIN)


def answers_for(actor: Actor, target: OfIssuer) -> bool:
    """True for those, and for officers of its region."""
    return drafts_for(actor, target) or actor.covers(target.issuer_region, Role.OFFICER)


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The designs an actor may see in lists."""
    parts: list[ColumnElement[bool]] = [
        Design.issuer_region.startswith(prefix, autoescape=True) if prefix else true()
        for prefix in actor.regions(Role.OFFICER, Role.ADMIN)
    ]
    mine = actor.organisations(Role.EXAMINER)
    if mine:
        parts.append(Design.issuer_id.in_(sorted(mine)))
    return or_(*parts) if parts else false()


SEE = action("designs.see", Role.EXAMINER, Role.OFFICER, Role.ADMIN, rule=answers_for)
DRAFT = action("designs.draft", Role.EXAMINER, Role.ADMIN, rule=drafts_for)
APPROVE = action("designs.approve", Role.EXAMINER, Role.OFFICER, Role.ADMIN, rule=answers_for)
