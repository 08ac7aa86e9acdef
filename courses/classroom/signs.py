"""What makes a check-in doubtful: signs for people to look at, never a reason to refuse. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

KINDS = ("device", "places", "clock", "burst", "late")


@dataclass(frozen=True, slots=True)
class Limits:
    """The rule's numbers."""

    device_people: int
    late: timedelta
    clock: timedelta
    travel: timedelta
    burst_people: int
    burst: timedelta

    @classmethod
    def read(cls, attendance: dict[str, Any], check_in: dict[str, Any]) -> "Limits":
        """Take them from the values of both rules."""
        return cls(
            attendance["device_people_limit"],
            timedelta(minutes=check_in["late_minutes"]),
            timedelta(minutes=check_in["clock_minutes"]),
            timedelta(minutes=check_in["travel_minutes"]),
            check_in["burst_people"],
            timedelta(seconds=check_in["burst_seconds"]),
        )


@dataclass(frozen=True, slots=True)
class CheckIn:
    """A coming or going by phone. ``phone_at`` and ``arrived_at`` only where the phone kept it
    without a signal and brought it later."""

    fact_id: int
    person_id: int
    method: str
    at: datetime
    device: str
    phone_at: datetime | None = None
    arrived_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The same person's check-in at another session, held at another venue."""

    person_id: int
    at: datetime
    title: str
    venue: str


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign; which of the rest is filled depends on ``kind``."""

    kind: str
    people: tuple[int, ...] = ()
    apart: timedelta = timedelta(0)
    at: datetime | None = None
    elsewhere: Elsewhere | None = None


def signs_of(
    checks: Iterable[CheckIn], elsewhere: Iterable[Elsewhere], limits: Limits
) -> dict[int, tuple[Sign, ...]]:
    """The signs of each check-in that has any, by fact id."""
    checks = sorted(checks, key=lambda check: (check.at, check.fact_id))
    devices: defaultdict[str, set[int]] = defaultdict(set)
    others: defaultdict[int, list[Elsewhere]] = defaultdict(list)
    for check in checks:
        if check.device:
            devices[check.device].add(check.person_id)
    for place in elsewhere:
        others[place.person_id].append(place)
    bursts = _bursts(checks, limits)
    found = {}
    for check in checks:
        signs = (
            *_device(check, devices, limits),
            *_places(check, others[check.person_id], limits),
            *_kept(check, limits),
            *bursts.get(check.fact_id, ()),
        )
        if signs:
            found[check.fact_id] = signs
    return found


def _device(check: CheckIn, devices: dict[str, set[int]], limits: Limits) -> Iterator[Sign]:
    people = devices.get(check.device, set()) if check.device else set()
    if len(people) > limits.device_people:
        yield Sign("device", people=tuple(sorted(people)))


def _places(check: CheckIn, others: list[Elsewhere], limits: Limits) -> Iterator[Sign]:
    near = [place for place in others if abs(place.at - check.at) <= limits.travel]
    if near:
        nearest = min(near, key=lambda place: (abs(place.at - check.at), place.title))
        yield Sign("places", apart=abs(nearest.at - check.at), at=nearest.at, elsewhere=nearest)


def _kept(check: CheckIn, limits: Limits) -> Iterator[Sign]:
    """A phone's clock is not believed, but one that contradicts the code is worth a look."""
    if check.phone_at is not None and abs(check.phone_at - check.at) > limits.clock:
        yield Sign("clock", apart=abs(check.phone_at - check.at), at=check.phone_at)
    if check.arrived_at is not None and check.arrived_at - check.at > limits.late:
        yield Sign("late", apart=check.arrived_at - check.at, at=check.arrived_at)


def _bursts(checks: list[CheckIn], limits: Limits) -> dict[int, tuple[Sign, ...]]:
    """Typed codes of many people within a few seconds; by fact id."""
    typed = [check for check in checks if check.method == "code"]
    found: dict[int, tuple[Sign, ...]] = {}
    last = 0
    for first, check in enumerate(typed):
        while last < len(typed) and typed[last].at <= check.at + limits.burst:
            last += 1
        people = tuple(sorted({other.person_id for other in typed[first:last]}))
        if len(people) >= limits.burst_people:
            sign = Sign("burst", people=people, apart=limits.burst)
            for other in typed[first:last]:
                found.setdefault(other.fact_id, (sign,))
    return found
