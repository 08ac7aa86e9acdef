"""The demo province's people: regions, homes, bases, authorities, staff with their histories.

Everything is synthetic and follows from (staff, seed) and the day. Rows go in by chunks, so
memory grows only with the short list of ``DemoStaff`` handed to the other packages.
"""

import random
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select

from lms.core import clock
from lms.core.access import SYSTEM, Role
from lms.core.db import session
from lms.core.errors import Conflict
from lms.core.setup import Installation
from lms.people.accounts.passwords import hash_password
from lms.people.demo_lives import Fates, Life, Scribe, Stay, at_work
from lms.people.demo_places import make_authorities, make_bases, make_homes
from lms.people.demo_world import DemoAccount, DemoHome, DemoStaff, DemoWorld
from lms.people.models import Organisation, RoleGrant
from lms.people.regions import load_regions

__all__ = ["DemoAccount", "DemoHome", "DemoStaff", "DemoWorld", "build_world"]

CHUNK = 1500
SMALLEST = 24
FORMER_SHARE = 0.04
CAREGIVER, HR = "caregiver", "hr"
#: login, name, sex, birth year, roles, scope: a region's code or "base"
_OFFICIALS: tuple[tuple[str, str, str, int, tuple[Role, ...], str], ...] = (
    ("author", "陈建国", "m", 1979, (Role.AUTHOR, Role.TEACHER), "base"),
    ("teacher", "郝秀梅", "f", 1984, (Role.TEACHER,), "base"),
    ("examiner", "周文静", "f", 1981, (Role.EXAMINER, Role.INVIGILATOR), "base"),
    ("marker", "武晋生", "m", 1975, (Role.MARKER, Role.INVIGILATOR), "base"),
    ("county", "郑晓东", "m", 1986, (Role.OFFICER,), "140105"),
    ("city", "韩志强", "m", 1978, (Role.OFFICER,), "1401"),
    ("province", "沈玉梅", "f", 1973, (Role.OFFICER,), "14"),
    ("admin", "段慧敏", "f", 1988, (Role.ADMIN,), ""),
    ("marker2", "任建国", "m", 1977, (Role.MARKER, Role.INVIGILATOR), "base"),
    ("marker3", "贺晓燕", "f", 1980, (Role.MARKER, Role.INVIGILATOR), "base"),
)
Report = Callable[[int, int], None]


def build_world(staff: int, seed: int, now: datetime, password: str, report: Report) -> DemoWorld:
    """Fill an empty database with ``staff`` people at work, and some who left, in the present
    unit of work. Fewer than 24 are raised to 24, so that every named account has its place.

    Raises:
        Conflict: the database is in use already.
    """
    if session().scalar(select(func.count()).select_from(Organisation)):
        raise Conflict
    staff = max(staff, SMALLEST)
    load_regions()
    session().merge(Installation(id=1, kind="demo", created_at=now))
    rng = random.Random(f"people:{seed}")
    today = clock.local_date(now)
    bases = make_bases(today, now)
    make_authorities(now)
    homes = make_homes(staff, rng, now)
    fates = Fates(rng, today, homes)
    # One hash for all: hashing 20,000 passwords would take ten minutes.
    scribe = Scribe(rng, now, hash_password(password))
    at_homes: list[DemoStaff] = []
    accounts: list[DemoAccount] = []
    for chunk in _chunks(_lives(fates, homes, today, rng)):
        for person_id, life in zip(scribe.write(chunk), chunk, strict=True):
            if (member := at_work(person_id, life)) is not None:
                at_homes.append(member)
            if life.login:
                accounts.append(DemoAccount(life.login, life.login, person_id))
        report(len(at_homes), staff)
    accounts += _officials(fates, scribe)
    _grant(accounts, homes[0].organisation_id, bases["1401"], now)
    base = bases["1401"]
    return DemoWorld(today.year, today, seed, homes, bases, base, base, at_homes, accounts)


def _lives(fates: Fates, homes: list[DemoHome], today: date, rng: random.Random) -> Iterator[Life]:
    for home in homes:
        places = home.staff
        if home is homes[0]:
            yield from _named_staff(fates, home, homes[-1], today)
            places -= 2
        posts = ["director"] + [None] * (places - 1)
        for post in posts:
            yield fates.employee(home, post)
            if rng.random() < FORMER_SHARE:
                yield fates.former(home)


def _named_staff(fates: Fates, home: DemoHome, other: DemoHome, today: date) -> Iterator[Life]:
    """王桂兰 came from another home three weeks ago; 李敏 keeps the home's rosters."""
    moved = today - timedelta(days=21)
    before = Stay(
        other.organisation_id, other.region, "caregiver",
        date(today.year - 3, 3, 1), moved - timedelta(days=9),
    )  # fmt: skip
    here = Stay(home.organisation_id, home.region, "caregiver", moved)
    born = date(1972, 8, 1)
    yield fates.named("王桂兰", born, "f", home.region, CAREGIVER, stays=(before, here), rung=1)
    office = Stay(home.organisation_id, home.region, "clerk", date(today.year - 4, 6, 1))
    yield fates.named("李敏", date(1990, 5, 12), "f", home.region, HR, stays=(office,))


def _chunks(lives: Iterator[Life]) -> Iterator[list[Life]]:
    chunk: list[Life] = []
    for life in lives:
        chunk.append(life)
        if len(chunk) >= CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _officials(fates: Fates, scribe: Scribe) -> list[DemoAccount]:
    """People of the base and the authorities: known by role, employed by no home."""
    lives = [
        fates.named(name, date(year, 4, 15), sex, "140105", login)
        for login, name, sex, year, _roles, _scope in _OFFICIALS
    ]
    made = scribe.write(lives)
    return [DemoAccount(row[0], row[0], made[n]) for n, row in enumerate(_OFFICIALS)]


def _grant(accounts: list[DemoAccount], home_id: int, base_id: int, now: datetime) -> None:
    known = {account.login: account.person_id for account in accounts}
    rows = [_row(known[HR], Role.HR, now, organisation_id=home_id)]
    for login, _name, _sex, _year, roles, scope in _OFFICIALS:
        place: dict[str, Any] = (
            {"organisation_id": base_id} if scope == "base" else {"region": scope or None}
        )
        rows += [_row(known[login], role, now, **place) for role in roles]
    session().execute(insert(RoleGrant), rows)


def _row(
    person_id: int,
    role: Role,
    now: datetime,
    organisation_id: int | None = None,
    region: str | None = None,
) -> dict[str, Any]:
    return {
        "person_id": person_id,
        "role": role,
        "organisation_id": organisation_id,
        "region": region,
        "valid_from": date(clock.local_date(now).year, 1, 1),
        "granted_at": now,
        "granted_by": SYSTEM.person_id,
    }
