"""What a home page shows: a learner's next step, an officer's attention, a base's day."""

from dataclasses import dataclass
from datetime import date, datetime

from flask import url_for
from flask_babel import gettext as _

import certificates.api as certificates_api
import courses.api as courses_api
import exams.api as exams_api
from courses.api import Totals
from lms.core import clock, notify
from lms.core.access import Actor, Role
from lms.core.ladder import Rung
from lms.core.notify import Notice
from lms.people.api import children_of, claimed_rungs, organisation_cards, region_name
from lms.portal.steps import Step, steps_for

#: Lower bounds in per cent of the five shades of a tile, worst first.
SHADES = (0, 50, 70, 85, 95)
WORST = 8
BASE_ROLES = (Role.AUTHOR, Role.TEACHER, Role.EXAMINER, Role.INVIGILATOR, Role.MARKER)


@dataclass(frozen=True, slots=True)
class LearnerHome:
    """``done`` and ``required`` are class hours of this year's central training in tenths."""

    name: str
    step: Step | None
    later: list[Step]
    done: int
    required: int
    rung: int | None
    certificates: int
    notices: list[Notice]


@dataclass(frozen=True, slots=True)
class Place:
    """A region or home with its yearly duty; ``level`` is the shade of its tile."""

    label: str
    totals: Totals
    url: str

    @property
    def value(self) -> str:
        """What its tile says."""
        return f"{self.totals.percent}%" if self.totals.owing else "—"

    @property
    def level(self) -> int:
        """0 (fewest done) to 4."""
        return max(i for i, bound in enumerate(SHADES) if self.totals.percent >= bound)


@dataclass(frozen=True, slots=True)
class Supervision:
    """A region's or employer's view of this year's central training."""

    title: str
    totals: Totals
    places: list[Place]
    worst: list[Place]
    certified: int
    report_url: str


@dataclass(frozen=True, slots=True)
class StaffHome:
    """What a staff member sees first; parts she has no role for are None or empty."""

    name: str
    year: int
    supervision: list[Supervision]
    counted_at: datetime | None
    sessions: list[courses_api.SessionRow]
    events: list[exams_api.EventRow]
    is_base: bool
    is_admin: bool
    is_hr: bool
    notices: list[Notice]


def rungs() -> list[dict[str, object]]:
    """The eight rungs as the ladder drawing wants them."""
    return [{"rank": int(rung), "name": rung.label, "note": None} for rung in Rung]


def legend() -> list[tuple[int, str]]:
    """What the shades of the tiles mean."""
    bounds = [*SHADES[1:], 100]
    return [
        (level, f"{low}–{high}%")
        for level, (low, high) in enumerate(zip(SHADES, bounds, strict=True))
    ]


def learner_home(actor: Actor, now: datetime) -> LearnerHome:
    """The learner's home; a fixed number of statements."""
    today = clock.local_date(now)
    steps = steps_for(actor.person_id, now)
    duties = courses_api.duties_of(actor.person_id, today.year, today)
    largest = max(duties, key=lambda duty: duty.required, default=None)
    cards = certificates_api.certificates_of(actor.person_id)
    return LearnerHome(
        name=actor.name,
        step=steps[0] if steps else None,
        later=steps[1:6],
        done=largest.done if largest else 0,
        required=largest.required if largest else 0,
        rung=_rung(actor.person_id, today),
        certificates=sum(card.status == "valid" for card in cards),
        notices=notify.unread(actor.person_id),
    )


def _rung(person_id: int, on: date) -> int | None:
    """The rung a certificate proves, or the one her employer says she holds, if higher."""
    known = (
        certificates_api.rung_held(person_id, on),
        claimed_rungs([person_id]).get(person_id),
    )
    return max((rung for rung in known if rung), default=None)


def staff_home(actor: Actor, now: datetime) -> StaffHome:
    """The staff member's home; statements grow with her scopes, never with the number of people."""
    today = clock.local_date(now)
    is_base = actor.has(*BASE_ROLES)
    return StaffHome(
        name=actor.name,
        year=today.year,
        supervision=[
            *(_region(prefix, today.year) for prefix in actor.regions(Role.OFFICER)),
            *([_homes(actor, today.year)] if actor.organisations(Role.HR) else []),
        ],
        counted_at=courses_api.counted_since(today.year),
        sessions=courses_api.sessions_on(actor, today) if is_base else [],
        events=exams_api.events_on(actor, now) if is_base else [],
        is_base=is_base,
        is_admin=actor.has(Role.ADMIN),
        is_hr=actor.has(Role.HR),
        notices=notify.unread(actor.person_id),
    )


def _region(prefix: str, year: int) -> Supervision:
    digits = min(len(prefix) + 2, 6)
    if len(prefix) == 6:
        by_home = courses_api.flag_totals_by_home(year, prefix)
        cards = organisation_cards(by_home)
        places = [
            Place(cards[home].name, totals, url_for("reports.home", organisation_id=home))
            for home, totals in by_home.items()
        ]
    else:
        found = courses_api.flag_totals_by_region(prefix, year, digits)
        places = [
            Place(
                region_name(code), found.get(code, Totals()), url_for("reports.page", region=code)
            )
            for code in children_of(prefix)
        ]
    return Supervision(
        region_name(prefix),
        courses_api.flag_totals(prefix, year),
        places,
        _worst(places),
        courses_api.certified_among(prefix, year),
        url_for("reports.page", region=prefix or "14"),
    )


def _homes(actor: Actor, year: int) -> Supervision:
    mine = actor.organisations(Role.HR)
    totals = courses_api.flag_totals_by_home(year, organisation_ids=mine, limit=len(mine))
    cards = organisation_cards(totals)
    places = [
        Place(cards[home].name, each, url_for("reports.home", organisation_id=home))
        for home, each in totals.items()
    ]
    whole = sum((place.totals for place in places), Totals())
    title = places[0].label if len(places) == 1 else _("我管理的机构")
    url = places[0].url if len(places) == 1 else url_for("flags.page", year=year)
    return Supervision(title, whole, places, [], 0, url)


def _worst(places: list[Place]) -> list[Place]:
    owing = [place for place in places if place.totals.not_done]
    return sorted(owing, key=lambda place: (place.totals.percent, -place.totals.not_done))[:WORST]
