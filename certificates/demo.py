"""Certificates of the demo province: really sealed and numbered, written in bulk."""

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import insert, inspect, select

from certificates import numbers, rules
from certificates.badges.places import assign
from certificates.demo_public import fill_wallet, open_publicity
from certificates.facts import Identification, Issuer, IssueRequest
from certificates.issuing import issuer_on, sealed_row
from certificates.log.operations import record_missing
from certificates.models import Certificate, CertificateEvent
from certificates.numbers import Series
from lms.core import clock
from lms.core.access import SYSTEM
from lms.core.db import session
from lms.core.rules import add_version
from lms.people.api import DemoStaff, DemoWorld, Filing, Identity, identities_of

SHARE = 0.9
REVOKED, SUSPENDED = 0.012, 0.008
FEWEST = 4
CHUNK = 1000
_REASONS = {
    "revoked": ("经复核，工作年限证明不实", "替考，经查证属实", "伪造学历证明，经查证属实"),
    "suspended": ("年龄与证件信息待核实", "收到举报，正在核查"),
}
_COLUMNS = [c.key for c in inspect(Certificate).column_attrs if c.key != "id"]
Report = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Award:
    """One planned certificate: who, which rung, from whom, when, and what becomes of it."""

    person_id: int
    rung: int
    issuer_id: int
    issued_on: date
    fate: str

    @property
    def series_key(self) -> tuple[int, int, int]:
        """Awards with the same key take numbers from one series."""
        return (self.issuer_id, self.issued_on.year, self.rung)


def seed_demo(
    world: DemoWorld, rng: random.Random, now: datetime, report: Report
) -> dict[str, object]:
    """Issue certificates for most staff said to hold a rung; returns counts and sample codes."""
    # A visitor of the demo sees the certificate follow her exam; the days of a real installation
    # are the rule's first version.
    at_once: dict[str, Any] = {"working_days": {}}
    add_version(SYSTEM, "certificates.publicity", at_once, world.today, "演示环境：即时发证")
    awards = sorted(_plan(world, rng), key=lambda award: (award.series_key, award.issued_on))
    made: list[tuple[str, Award]] = []
    for chunk in _chunks(_numbered(awards)):
        made += _store(chunk, now)
        report(len(made), len(awards))
    _seed_events(made, rng, world.today, now)
    more = fill_wallet(world, now)
    public = open_publicity(world, now)
    return {"certificates": len(made) + more, "public": public, **_samples(made)}


def _plan(world: DemoWorld, rng: random.Random) -> Iterator[Award]:
    named = set(world.logins.values())
    others = [member for member in world.staff if member.person_id not in named]
    holders = [m for m in others if m.rung is not None and m.rung >= 2 and rng.random() < SHARE]
    if len(holders) < FEWEST:
        holders = others[:FEWEST]
    for place, member in enumerate(holders):
        chance = rng.random()
        fate = "revoked" if chance < REVOKED else ("suspended" if chance > 1 - SUSPENDED else "")
        if place < 2:  # however few the staff, one valid and one revoked sample
            fate = ("", "revoked")[place]
        yield _award(world, member, fate, rng)


def _award(world: DemoWorld, member: DemoStaff, fate: str, rng: random.Random) -> Award:
    first = date(world.year - 1, 1, 1)
    last = world.today - timedelta(days=30)
    begin = min(max(first, member.started_on), last)
    day = begin + timedelta(days=rng.randrange((last - begin).days + 1))
    issuer = world.bases.get(member.region[:4], world.evaluator_id)
    return Award(member.person_id, max(member.rung or 2, 2), issuer, day, fate)


def _numbered(awards: list[Award]) -> Iterator[tuple[Award, str, Series, Issuer]]:
    for _key, group in groupby(awards, key=lambda award: award.series_key):
        members = list(group)
        issuer, series = _series(members[0])
        claimed = numbers.claim(series, len(members))
        for award, number in zip(members, claimed, strict=True):
            yield award, number, series, issuer


def _series(award: Award) -> tuple[Issuer, Series]:
    found: tuple[Issuer, Filing | None] = issuer_on(award.issuer_id, award.rung, award.issued_on)
    issuer, filing = found
    site = filing.site if filing else None
    return issuer, numbers.series_for("skill", award.rung, issuer, site, award.issued_on)


def _chunks(
    rows: Iterable[tuple[Award, str, Series, Issuer]],
) -> Iterator[list[tuple[Award, str, Series, Issuer]]]:
    chunk: list[tuple[Award, str, Series, Issuer]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _store(
    chunk: list[tuple[Award, str, Series, Issuer]], now: datetime
) -> list[tuple[str, Award]]:
    known = identities_of(award.person_id for award, *_ in chunk)
    rows = [_row(*planned, known[planned[0].person_id], now) for planned in chunk]
    session().execute(insert(Certificate), rows)
    return [(row["code"], planned[0]) for row, planned in zip(rows, chunk, strict=True)]


def _row(
    award: Award, number: str, series: Series, issuer: Issuer, identity: Identity, now: datetime
) -> dict[str, Any]:
    request = IssueRequest(
        source=f"demo:skill:{award.person_id}:{award.rung}",
        kind="skill",
        person_id=award.person_id,
        issuer_id=award.issuer_id,
        rung=award.rung,
        facts={},
        issued_on=award.issued_on,
    )
    code = rules.new_code()
    sealed = sealed_row(
        request, Identification(code, number, series.rule.stamp), identity, issuer, now
    )
    row = {name: getattr(sealed, name) for name in _COLUMNS}
    return row | {"status": award.fate or "valid"}


def _seed_events(
    made: list[tuple[str, Award]], rng: random.Random, today: date, now: datetime
) -> None:
    known = session().execute(select(Certificate.code, Certificate.id)).tuples()
    ids: dict[str, int] = dict(known.all())
    assign(ids[code] for code, _award in made)
    rows: list[dict[str, Any]] = []
    for code, award in made:
        rows.append(_event(ids[code], "issued", award.issued_on, ""))
        if award.fate:
            later = rng.randrange(5, (today - award.issued_on).days)
            day = award.issued_on + timedelta(days=later)
            rows.append(_event(ids[code], award.fate, day, rng.choice(_REASONS[award.fate])))
    rows.sort(key=lambda row: row["at"])
    for start in range(0, len(rows), CHUNK):
        session().execute(insert(CertificateEvent), rows[start : start + CHUNK])
    while record_missing(now):
        pass


def _event(certificate_id: int, kind: str, day: date, reason: str) -> dict[str, Any]:
    return {
        "certificate_id": certificate_id,
        "kind": kind,
        "at": datetime.combine(day, time(10), clock.SHANGHAI),
        "actor_id": SYSTEM.person_id,
        "reason": reason,
    }


def _samples(made: list[tuple[str, Award]]) -> dict[str, object]:
    return {
        "certificate_code": next(code for code, award in made if not award.fate),
        "revoked_code": next(code for code, award in made if award.fate == "revoked"),
    }
