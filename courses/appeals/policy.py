"""Who appeals, and who answers."""

from typing import Protocol

from sqlalchemy import ColumnElement

from courses.appeals.models import DutyAppeal
from lms.core.access import Actor, Role, action
from lms.people.api import within


class Appealed(Protocol):
    """What a rule needs to know of an appeal."""

    @property
    def person_id(self) -> int:
        """Who appeals."""

    @property
    def region(self) -> str:
        """The county that answers."""


def _answers(actor: Actor, target: Appealed) -> bool:
    return actor.covers(target.region, Role.OFFICER) and actor.person_id != target.person_id


APPEAL = action("duty.appeal", Role.LEARNER)
APPEALS_ANSWER = action("duty.appeal.answer", Role.OFFICER, rule=_answers)


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The appeals an officer may answer."""
    return within(DutyAppeal.region, actor.regions(Role.OFFICER))
