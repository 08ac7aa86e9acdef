"""The demo's learning: who finished onboarding and this year's refresher, and who is under way.

Completions go in by bulk; their evidence is not invented line by line (their rule says ``demo``).
The caregiver's own course is real: two lessons finished, the third begun.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import insert

from courses.catalogue.queries import VersionCard, answers_of, current_versions
from courses.credits.models import CreditEntry
from courses.enrolment.models import Completion, Enrolment, Evidence
from courses.enrolment.operations import enrol
from lms.core import clock
from lms.core.access import SYSTEM
from lms.core.db import Json, session
from lms.people.api import DemoStaff, DemoWorld

CHUNK = 2000
ONBOARDED, REFRESHED, UNDER_WAY = 0.85, 0.60, 0.4
STAMP = "demo"
#: When people read, as a share of the day.
MORNING, EVENING = 8 * 3600, 21 * 3600


@dataclass(frozen=True, slots=True)
class _Fate:
    """One enrolment about to be written; ``completed_at`` None means under way."""

    person_id: int
    version: VersionCard
    started_at: datetime
    completed_at: datetime | None


def seed_demo_courses(
    world: DemoWorld, rng: random.Random, now: datetime, report: Callable[[int, int], None]
) -> dict[str, object]:
    """Seed enrolments, completions and their hours; returns counts."""
    versions = current_versions()
    named = world.logins.get("caregiver")
    total, done, counts = len(world.staff), 0, {"enrolments": 0, "completions": 0}
    for chunk in _chunks(world.staff):
        fates = [
            fate
            for member in chunk
            if member.person_id != named
            for version in versions
            if member.post in version.audience
            and (fate := _fate(member, version, rng, now)) is not None
        ]
        _write(fates, now)
        counts["enrolments"] += len(fates)
        counts["completions"] += sum(fate.completed_at is not None for fate in fates)
        done += len(chunk)
        report(done, total)
    if named is not None:
        _caregiver(named, versions, now)
        counts["enrolments"] += 1
    return dict(counts)


def _chunks(staff: Sequence[DemoStaff]) -> Iterator[Sequence[DemoStaff]]:
    for start in range(0, len(staff), CHUNK):
        yield staff[start : start + CHUNK]


def _fate(
    member: DemoStaff, version: VersionCard, rng: random.Random, now: datetime
) -> _Fate | None:
    today = clock.local_date(now)
    onboarding = version.kind == "onboarding"
    if not onboarding and version.year != today.year:
        return None
    finished = rng.random() < (ONBOARDED if onboarding else REFRESHED)
    if not finished and rng.random() > UNDER_WAY:
        return None
    earliest = member.started_on if onboarding else date(today.year, 1, 8)
    latest = min(today - timedelta(days=1), earliest + timedelta(days=45 if onboarding else 330))
    span = (latest - max(earliest, member.started_on)).days
    if span < 2:
        return None
    began = _moment(latest - timedelta(days=rng.randrange(1, span + 1)), rng)
    if not finished:
        return _Fate(member.person_id, version, began, None)
    ended = began + timedelta(days=rng.randrange(1, 20), minutes=rng.randrange(20, 90))
    return _Fate(member.person_id, version, began, min(ended, now - timedelta(minutes=5)))


def _moment(day: date, rng: random.Random) -> datetime:
    return clock.start_of(day) + timedelta(seconds=rng.randrange(MORNING, EVENING))


def _write(fates: Sequence[_Fate], now: datetime) -> None:
    if not fates:
        return
    rows = [
        {
            "person_id": fate.person_id,
            "course_id": fate.version.course_id,
            "version_id": fate.version.version_id,
            "cycle": fate.version.cycle,
            "started_at": fate.started_at,
        }
        for fate in fates
    ]
    statement = insert(Enrolment).returning(Enrolment.id, sort_by_parameter_order=True)
    ids = session().scalars(statement, rows).all()
    ended = [
        (enrolment_id, fate, fate.completed_at)
        for enrolment_id, fate in zip(ids, fates, strict=True)
        if fate.completed_at is not None
    ]
    if not ended:
        return
    session().execute(
        insert(Completion),
        [
            {"enrolment_id": key, "at": at, "tenths": fate.version.tenths, "rule": STAMP}
            for key, fate, at in ended
        ],
    )
    session().execute(insert(CreditEntry), [_credit(key, fate, at) for key, fate, at in ended])


def _credit(enrolment_id: int, fate: _Fate, at: datetime) -> dict[str, object]:
    return {
        "person_id": fate.person_id,
        "category": fate.version.category,
        "tenths": fate.version.tenths,
        "year": fate.version.year or clock.local_date(at).year,
        "source_key": f"course:{enrolment_id}",
        "source": fate.version.title,
        "reverses_id": None,
        "recorded_at": at,
        "recorded_by": SYSTEM.person_id,
    }


def _caregiver(person_id: int, versions: Sequence[VersionCard], now: datetime) -> None:
    """王桂兰 is at the third lesson of her onboarding."""
    version = next(version for version in versions if version.kind == "onboarding")
    enrolment = enrol(person_id, version, now - timedelta(days=6))
    first, second, third = version.lessons[:3]
    for line, days in ((first, 6), (second, 4)):
        opened = now - timedelta(days=days)
        answers = {str(n): letter for n, letter in answers_of([line.id])[line.id].items()}
        right = sorted(int(number) for number in answers)
        deeds: tuple[tuple[str, Json, int], ...] = (
            ("opened", {"opened": opened.isoformat()}, 0),
            ("position", {"percent": 100}, 14),
            ("check", {"answers": answers, "right": right}, 16),
            ("finished", {}, 17),
        )
        for kind, value, minutes in deeds:
            _deed(enrolment.id, line.id, kind, value, opened + timedelta(minutes=minutes))
    opened = now - timedelta(days=1, hours=2)
    _deed(enrolment.id, third.id, "opened", {"opened": opened.isoformat()}, opened)
    _deed(enrolment.id, third.id, "position", {"percent": 40}, opened + timedelta(minutes=6))
    session().flush()


def _deed(enrolment_id: int, lesson_id: int, kind: str, value: Json, at: datetime) -> None:
    session().add(
        Evidence(
            enrolment_id=enrolment_id,
            lesson_id=lesson_id,
            kind=kind,
            value=value,
            at=at,
            op_id=f"demo-{kind}-{lesson_id}",
        )
    )
