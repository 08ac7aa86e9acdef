"""The demo's people: who they are, where they work and worked, written by chunks."""

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select

from lms.core import clock
from lms.core.access import SYSTEM
from lms.core.db import session
from lms.core.vault import vault
from lms.people import identifiers as ids
from lms.people.demo_material import People
from lms.people.demo_world import DemoHome, DemoStaff
from lms.people.models import Account, EmploymentSpell, LevelClaim, Person
from lms.people.operations import id_hash, phone_hash

_POSTS = {
    "caregiver": 70, "director": 1, "social_worker": 2, "nurse": 8, "doctor": 2,
    "rehabilitation": 2, "clerk": 4, "cook": 4, "logistics": 5,
}  # fmt: skip
_RUNGS: dict[int | None, int] = {None: 24, 1: 12, 2: 34, 3: 19, 4: 8, 5: 2, 6: 1}
_RECORDING = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Stay:
    """One stay with one employer; ``ended_on`` None means she is still there."""

    organisation_id: int
    region: str
    post: str
    started_on: date
    ended_on: date | None = None


@dataclass(frozen=True, slots=True)
class Life:
    """A person about to be written; the last of ``stays`` is the latest."""

    name: str
    id_number: str
    phone: str
    stays: tuple[Stay, ...]
    rung: int | None
    active: bool
    login: str | None = None


class Fates:
    """Draws lives: most stay, some moved here from another home, some joined this year."""

    def __init__(self, rng: random.Random, today: date, homes: list[DemoHome]) -> None:
        self._rng, self._today, self._homes = rng, today, homes
        self._source = People(rng)

    def named(self, name: str, born: date, sex: str, region: str, login: str, **life: Any) -> Life:
        """Somebody with a name of her own and an active account."""
        number = self._source.id_number(sex, region, born)
        stays, rung = life.get("stays", ()), life.get("rung")
        return Life(name, number, self._source.phone(), stays, rung, True, login)

    def employee(self, home: DemoHome, post: str | None = None) -> Life:
        """Somebody who works at ``home`` today."""
        rng = self._rng
        post = post or rng.choices(list(_POSTS), list(_POSTS.values()))[0]
        now_here = Stay(home.organisation_id, home.region, post, self._start())
        stays = (now_here,) if rng.random() > 0.08 else (self._before(now_here), now_here)
        return self._anybody(stays, post)

    def former(self, home: DemoHome) -> Life:
        """Somebody who has left ``home`` and is not working now."""
        post = self._rng.choices(list(_POSTS), list(_POSTS.values()))[0]
        ended = self._today - timedelta(days=self._rng.randrange(10, 900))
        started = ended - timedelta(days=self._rng.randrange(60, 1500))
        return self._anybody((Stay(home.organisation_id, home.region, post, started, ended),), post)

    def _anybody(self, stays: tuple[Stay, ...], post: str) -> Life:
        rng = self._rng
        sex = "f" if rng.random() < 0.82 else "m"
        rung = rng.choices(list(_RUNGS), list(_RUNGS.values()))[0] if post == "caregiver" else None
        region = stays[-1].region if rng.random() < 0.7 else None
        number = self._source.id_number(sex, region, adult_on=stays[0].started_on)
        return Life(
            self._source.name(sex), number, self._source.phone(), stays, rung, rng.random() < 0.7
        )

    def _start(self) -> date:
        """14 % joined this year, the others over the nine years before."""
        this_year = date(self._today.year, 1, 1)
        if self._rng.random() < 0.14:
            days = (self._today - this_year).days
            return this_year + timedelta(days=self._rng.randrange(max(days, 1)))
        return this_year - timedelta(days=1 + int(self._rng.triangular(0, 3300, 300)))

    def _before(self, stay: Stay) -> Stay:
        other = self._rng.choice(self._homes)
        ended = stay.started_on - timedelta(days=self._rng.randrange(1, 120))
        started = ended - timedelta(days=self._rng.randrange(90, 2000))
        return Stay(other.organisation_id, other.region, stay.post, started, ended)


class Scribe:
    """Writes lives to the database; a handful of statements per chunk."""

    def __init__(self, rng: random.Random, now: datetime, password_hash: str) -> None:
        self._rng, self._now, self._password_hash = rng, now, password_hash

    def write(self, lives: list[Life]) -> list[int]:
        """Insert ``lives`` and return their person ids in the same order."""
        top = session().scalar(select(func.max(Person.id))) or 0
        people = [self._person(life) for life in lives]
        session().execute(insert(Person), people)
        written = select(Person.ref, Person.id).where(Person.id > top)
        known = {row.ref: row.id for row in session().execute(written)}
        made = [known[row["ref"]] for row in people]
        pairs = list(zip(made, lives, strict=True))
        session().execute(insert(Account), [self._account(pid, life) for pid, life in pairs])
        spells = [
            row for pid, life in pairs for stay in life.stays for row in self._spell(pid, stay)
        ]
        if spells:
            session().execute(insert(EmploymentSpell), spells)
        claims = [self._claim(pid, life.rung) for pid, life in pairs if life.rung]
        if claims:
            session().execute(insert(LevelClaim), claims)
        return made

    def _person(self, life: Life) -> dict[str, Any]:
        ref = f"{self._rng.getrandbits(128):032x}"
        return {
            "ref": ref,
            "name": life.name,
            "id_sealed": vault().seal(life.id_number, f"person.id:{ref}"),
            "id_hash": id_hash(life.id_number),
            "id_masked": ids.mask_id(life.id_number),
            "phone_sealed": vault().seal(life.phone, f"person.phone:{ref}"),
            "phone_hash": phone_hash(life.phone),
            "phone_masked": ids.mask_phone(life.phone),
            "born_on": ids.birth_date(life.id_number),
            "sex": ids.sex_of(life.id_number),
            "created_at": self._now,
        }

    def _account(self, person_id: int, life: Life) -> dict[str, Any]:
        return {
            "person_id": person_id,
            "login": life.login,
            "password_hash": self._password_hash if life.active else "",
            "status": "active" if life.active else "waiting",
            "created_at": self._now,
        }

    def _spell(self, person_id: int, stay: Stay) -> list[dict[str, Any]]:
        """A stay as it became known: begun, and later, where it ended, restated with its end."""
        begun = self._statement(person_id, stay, None, stay.started_on)
        if stay.ended_on is None:
            return [begun]
        ended = self._statement(person_id, stay, stay.ended_on, stay.ended_on)
        ended["spell"] = begun["spell"]
        begun["superseded_at"] = ended["recorded_at"]
        return [begun, ended]

    def _statement(
        self, person_id: int, stay: Stay, ended_on: date | None, happened: date
    ) -> dict[str, Any]:
        return {
            "spell": f"{self._rng.getrandbits(128):032x}",
            "person_id": person_id,
            "organisation_id": stay.organisation_id,
            "post": stay.post,
            "started_on": stay.started_on,
            "ended_on": ended_on,
            "recorded_at": min(clock.start_of(happened) + _RECORDING, self._now),
            "recorded_by": SYSTEM.person_id,
            "superseded_at": None,
        }

    def _claim(self, person_id: int, rung: int) -> dict[str, Any]:
        return {
            "person_id": person_id,
            "rung": rung,
            "source": "demo",
            "recorded_at": self._now,
            "recorded_by": SYSTEM.person_id,
        }


def at_work(person_id: int, life: Life) -> DemoStaff | None:
    """What the other packages are told of somebody, or None if she works nowhere today."""
    if not life.stays or life.stays[-1].ended_on is not None:
        return None
    stay = life.stays[-1]
    return DemoStaff(
        person_id, stay.organisation_id, stay.region, stay.post, stay.started_on, life.rung
    )
