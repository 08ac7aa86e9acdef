"""Two years of central training in the demo province, and the flags that follow from it."""

import random
from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta

from courses.classroom.rules import Stretch
from courses.compliance.counting import recount
from courses.compliance.flags import everybody, write_flags
from courses.compliance.loading import Question
from courses.compliance.models import Exemption, ExemptionStep
from courses.compliance.verdicts import CENTRAL, RULE
from courses.demo_central import Ledger, arrive, half_days, hold, plan, seat
from lms.core.db import session
from lms.core.rules import rule_on
from lms.people.api import DemoStaff, DemoWorld, region_name

Report = Callable[[int, int], None]
CAPACITY = 180
CITY, COUNTY = "1401", "140105"
THIS_YEAR, LAST_YEAR = 0.75, 0.95
LEAVE_EARLY = 0.03


def seed_demo_duty(
    world: DemoWorld, rng: random.Random, now: datetime, report: Report
) -> dict[str, object]:
    """Sessions, attendance, hours and exemptions; in the present unit of work."""
    posts = set(rule_on(RULE, world.today).value["posts"])
    owing = [member for member in world.staff if member.post in posts]
    ledger = Ledger(rng)
    steps = 3
    _hold_year(ledger, world, owing, world.year - 1, LAST_YEAR, now)
    report(1, steps)
    absent = _hold_year(ledger, world, owing, world.year, THIS_YEAR, now)
    report(2, steps)
    future, running = _sessions_ahead(ledger, world, absent, now)
    ledger.flush()
    exempt = _exemptions(world, rng, absent, now)
    report(3, steps)
    report(steps, steps)
    return {
        "attendances": ledger.counts.get("attendance_fact", 0),
        "credit_entries": ledger.counts.get("credit_entry", 0),
        "exemptions": exempt,
        "open_session": str(future),
        "running_session": str(running),
    }


def seed_demo_flags(
    world: DemoWorld, rng: random.Random, now: datetime, report: Report
) -> dict[str, object]:
    """The flags that follow from what the demo holds by now, and their counts."""
    flags = 0
    for year in (world.year - 1, world.year):
        question = Question(year, world.today)
        for done, total, people in everybody(question.terms.posts):
            flags += len(write_flags(question, people, now))
            report(done, total)
        recount(year, now)
    return {"flags": flags}


def _hold_year(
    ledger: Ledger, world: DemoWorld, owing: list[DemoStaff], year: int, share: float,
    now: datetime,
) -> list[DemoStaff]:  # fmt: skip
    """Hold a year's sessions city by city; returns those who did not come."""
    days = _teaching_days(year, world.today)
    cities: defaultdict[str, list[DemoStaff]] = defaultdict(list)
    for member in owing:
        cities[member.region[:4]].append(member)
    caregiver = world.logins.get("caregiver")
    absent: list[DemoStaff] = []
    for city, members in sorted(cities.items()):
        coming: list[DemoStaff] = []
        for member in members:
            at_home = year == world.year and member.person_id == caregiver
            comes = bool(days) and not at_home and ledger.rng.random() < share
            (coming if comes else absent).append(member)
        groups = [coming[i : i + CAPACITY] for i in range(0, len(coming), CAPACITY)]
        for number, group in enumerate(groups):
            day = days[(number * 7 + int(city)) % len(days)]
            there = [m for m in group if m.started_on <= day or m.person_id == caregiver]
            absent += [m for m in group if m not in there]
            if not there:
                continue
            venue = f"{region_name(city)}养老护理培训基地报告厅"
            row = plan(world.bases[city], city, year, half_days(day), CAPACITY, number, venue, now)
            hold(ledger, row, [m.person_id for m in there], LEAVE_EARLY)
    return absent


def _teaching_days(year: int, today: date) -> list[date]:
    """Weekdays from March to November that are over for a week (early in a year: any)."""
    last = min(date(year, 11, 30), today - timedelta(days=7))
    first = date(year, 3, 1) if last > date(year, 3, 15) else date(year, 1, 4)
    span = max((last - first).days + 1, 0)
    days = [first + timedelta(days=n) for n in range(span)]
    return [day for day in days if day.weekday() < 5]


def _sessions_ahead(
    ledger: Ledger, world: DemoWorld, absent: list[DemoStaff], now: datetime
) -> tuple[int, int]:
    """One open session with free seats in ten days, and one that runs just now."""
    caregiver = world.logins.get("caregiver")
    local = [m.person_id for m in absent if m.region == COUNTY and m.person_id != caregiver]
    around = [m.person_id for m in absent if m.region[:4] == CITY and m.region != COUNTY]
    base = world.bases.get(CITY, world.base_id)
    soon = world.today + timedelta(days=10)
    # Late in December a session in ten days would belong to the next year.
    soon = min(soon, max(date(world.year, 12, 30), world.today + timedelta(days=1)))
    future = plan(base, COUNTY, soon.year, half_days(soon), 60, 0, "小店区养老护理培训基地", now)
    for person_id in local[: len(local) // 3]:
        seat(ledger, future, person_id, now - timedelta(days=2))
    begin = now.replace(minute=now.minute - now.minute % 5, second=0, microsecond=0)
    begin -= timedelta(minutes=5)
    today = (Stretch(begin, begin + timedelta(hours=6)),)
    running = plan(base, CITY, world.year, today, 40, 1, "小店区养老护理培训基地一楼", now)
    for number, person_id in enumerate(around[:15]):
        seat(ledger, running, person_id, now - timedelta(days=5))
        if number % 2:
            shared = "one phone for two" if number in (1, 3) else ""
            arrive(ledger, running, person_id, begin - timedelta(minutes=number), shared)
    session().flush()
    return future.id, running.id


def _exemptions(
    world: DemoWorld, rng: random.Random, absent: list[DemoStaff], now: datetime
) -> int:
    """Some who did not come were ill or abroad; a few requests still wait for the officer."""
    asked_by = world.logins.get("hr", 0)
    decided_by = world.logins.get("province", 0)
    caregiver = world.logins.get("caregiver")
    people = [m for m in absent if m.person_id != caregiver]
    # The first one waits for the county's officer; she works where the demo's HR clerk does.
    first_home = world.homes[0].organisation_id
    local = [m for m in people if m.organisation_id == first_home][-1:]
    chosen = local + [m for m in people if m not in local and rng.random() < 0.06]
    year = world.year
    first = date(year, 1, 1)
    for number, member in enumerate(chosen):
        at = now - timedelta(days=20 + number % 40)
        row = Exemption(
            person_id=member.person_id,
            organisation_id=member.organisation_id,
            requirement=CENTRAL,
            year=year,
            kind="illness" if number % 3 else "secondment",
            starts_on=first,
            ends_on=first + timedelta(days=200),
            evidence=f"证明材料已由单位核对存档，编号 {year}-{number + 1:04d}",
            recorded_at=at,
            recorded_by=asked_by,
        )
        session().add(row)
        session().flush()
        if number % 4 == 0:
            continue
        step = "refused" if number % 11 == 5 else "approved"
        session().add(
            ExemptionStep(
                exemption_id=row.id,
                stage=1,
                step=step,
                reason="材料不齐，请补充后重新申请" if step == "refused" else "",
                recorded_at=at + timedelta(days=1),
                recorded_by=decided_by,
            )
        )
    session().flush()
    return len(chosen)
