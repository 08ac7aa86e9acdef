"""The staff of an employer with everything that matters, in a fixed number of statements."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import certificates.api as certificates_api
import courses.api as courses_api
from lms.core.access import Actor
from lms.core.rules import rule_on
from lms.people.api import OrganisationCard, claimed_rungs
from lms.portal.employer.indicators import RULE, Indicator, Staffing, indicators

SOON = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class StaffLine:
    """One member of staff. ``hours_missing`` is in tenths of a class hour, None where the post
    asks for none; ``rung`` is proved by a certificate, ``claimed`` only stated."""

    person_id: int
    name: str
    post: str
    started_on: date
    onboarding: str
    refresher: str
    central: str
    rung: int | None
    claimed: int | None
    hours_missing: int | None
    expiring: tuple[tuple[str, date], ...]

    @property
    def lacks(self) -> int:
        """How many things want attention."""
        return sum(
            (
                self.onboarding in {"none", "going"},
                self.refresher in {"none", "going"},
                self.central in {"missed", "at_risk"},
                bool(self.hours_missing),
                bool(self.expiring),
                self.post == "caregiver" and self.rung is None,
            )
        )


@dataclass(frozen=True, slots=True)
class Overview:
    """An employer on a day."""

    card: OrganisationCard
    staff: list[StaffLine]
    indicators: list[Indicator]
    rule: str

    def count(self, what: str) -> int:
        """How many of the staff lack something: what a tile says."""
        return sum(_LACKS[what](line) for line in self.staff)


_LACKS: dict[str, Callable[[StaffLine], bool]] = {
    "uncertified": lambda s: s.post == "caregiver" and s.rung is None,
    "onboarding": lambda s: s.onboarding in {"none", "going"},
    "refresher": lambda s: s.refresher in {"none", "going"},
    "central": lambda s: s.central in {"missed", "at_risk"},
    "hours": lambda s: bool(s.hours_missing),
    "expiring": lambda s: bool(s.expiring),
}


def overview(actor: Actor, card: OrganisationCard, today: date) -> Overview:
    """Everybody at work on ``today``, those who lack most first."""
    lines = courses_api.staff_progress(actor, card.id, today)
    people = [line.person_id for line in lines]
    central = courses_api.central_states(people, today.year)
    rungs = certificates_api.rungs_held(people, today)
    claimed = claimed_rungs(people)
    missing = courses_api.hours_missing(people, today)
    expiring = certificates_api.expiring(people, today, today + SOON)
    staff = [
        StaffLine(
            line.person_id, line.name, line.post, line.started_on, line.onboarding,
            line.refresher, central.get(line.person_id, "not_due"), rungs.get(line.person_id),
            claimed.get(line.person_id), missing.get(line.person_id),
            tuple(expiring.get(line.person_id, ())),
        )
        for line in lines
    ]  # fmt: skip
    rule = rule_on(RULE, today)
    posts = Counter(line.post for line in staff)
    certified = sum(line.post == "caregiver" and line.rung is not None for line in staff)
    known = Staffing(card.beds, card.residents, card.for_destitute, posts, certified)
    return Overview(
        card, sorted(staff, key=lambda s: (-s.lacks, s.name)), indicators(rule.value, known),
        rule.stamp,
    )  # fmt: skip
