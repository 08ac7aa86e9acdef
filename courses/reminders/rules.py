"""Which stages are due on a day, and when a message may arrive; plain values only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from lms.core.quiet import Quiet

RULE = "duty.reminders"


@dataclass(frozen=True, slots=True)
class Stage:
    """A step of the ladder: from a day of ``year`` on, for people in one of ``states``.

    ``tell`` names who hears: the person, her employer's HR, the county's officers.
    """

    code: str
    year: int
    begins: date
    states: frozenset[str]
    tell: frozenset[str]


def due_stages(value: Mapping[str, Any], today: date) -> list[Stage]:
    """The stages that are due on a day, in order. A stage is due for ``late_days`` days, so that
    an installation that was switched off catches up, and a new one does not send them all."""
    found = []
    for year in (today.year - 1, today.year):
        for stage in value["stages"]:
            begins = _begins(year, stage["begins"])
            if begins <= today < begins + timedelta(days=value["late_days"]):
                found.append(
                    Stage(
                        stage["code"], year, begins, frozenset(stage["states"]),
                        frozenset(stage["tell"]),
                    )
                )  # fmt: skip
    return sorted(found, key=lambda stage: stage.begins)


def _begins(year: int, text: str) -> date:
    """``07-01`` of the year, or ``+01-05`` of the year after."""
    month, day = text.removeprefix("+").split("-")
    return date(year + text.startswith("+"), int(month), int(day))


def quiet_of(value: Mapping[str, Any]) -> Quiet:
    """The hours in which the rule lets nobody be disturbed."""
    return Quiet.of(value["quiet"]["from"], value["quiet"]["to"])


def awake(value: Mapping[str, Any], moment: datetime) -> datetime:
    """``moment``, or the end of the quiet hours it falls in."""
    return quiet_of(value).awake(moment)
