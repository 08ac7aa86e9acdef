"""Who may read, write and publish courses."""

from typing import Any

from sqlalchemy import ColumnElement, or_, true

from courses.catalogue.models import Course, CourseVersion
from lms.core.access import SYSTEM, Actor, Role, action

#: Stands for "the province" where a course's owner is asked for.
PROVINCE = "province"
_REGION = "14"


def _is_author(actor: Actor, owner: Any) -> bool:
    if actor is SYSTEM or actor.has(Role.ADMIN):
        return True
    if owner == PROVINCE:
        return actor.covers(_REGION, Role.AUTHOR)
    return owner in actor.organisations(Role.AUTHOR)


READ = action("courses.catalogue.read", Role.AUTHOR, Role.TEACHER, Role.OFFICER, Role.ADMIN)
WRITE = action("courses.catalogue.write", Role.AUTHOR, Role.ADMIN, rule=_is_author)


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Published versions for every reader; drafts for the authors of their owner."""
    if actor.has(Role.ADMIN):
        return true()
    own = [Course.owner_id.in_(actor.organisations(Role.AUTHOR))]
    if actor.covers(_REGION, Role.AUTHOR):
        own.append(Course.owner_id.is_(None))
    return or_(CourseVersion.published_at.is_not(None), *own)


def owner_for(actor: Actor) -> int | None:
    """The owner of a new course by this author: her organisation, or the province (None)."""
    return min(actor.organisations(Role.AUTHOR), default=None)
