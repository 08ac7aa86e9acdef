"""The demo's organisations: homes, training bases with their filings, authorities."""

import random
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select

from lms.core.db import session
from lms.people import demo_material as material
from lms.people.demo_world import DemoHome
from lms.people.models import EvaluatorFiling, Organisation
from lms.people.regions import children_of, full_name, region_name


def make_bases(today: date, now: datetime) -> dict[str, int]:
    """One training base per city, each on file as an evaluator; city code → id."""
    cities = children_of("14")
    rows = [
        {
            "credit_code": material.credit_code("12", city, 9_000_000 + number),
            "name": f"{material.MARK}{region_name(city)}养老护理培训基地",
            "kind": "base",
            "region": next(code for code in material.counties() if code.startswith(city)),
        }
        for number, city in enumerate(cities, start=1)
    ]
    made = _insert(rows, now)
    session().execute(
        insert(EvaluatorFiling),
        [_filing(made[number - 1], number, today.year) for number in range(1, len(made) + 1)],
    )
    return dict(zip(cities, made, strict=True))


def _filing(organisation_id: int, number: int, year: int) -> dict[str, Any]:
    return {
        "organisation_id": organisation_id,
        "number": f"示例备{year - 1}{number:03d}",
        "category": "S",
        "site": f"{number:06d}",
        "occupation": "4-10-01-05",
        "highest_rung": 6,
        "valid_from": date(year - 1, 1, 1),
        "valid_to": date(year + 2, 12, 31),
    }


def make_authorities(now: datetime) -> None:
    """The civil-affairs authority of the province, each city and each county."""
    places = ["14", *children_of("14"), *material.counties()]
    rows = [
        {
            "credit_code": material.credit_code("11", place, 8_000_000 + number),
            "name": f"{material.MARK}{full_name(place)}民政{'厅' if place == '14' else '局'}",
            "kind": "authority",
            "region": place,
        }
        for number, place in enumerate(places, start=1)
    ]
    _insert(rows, now)


def make_homes(staff: int, rng: random.Random, now: datetime) -> list[DemoHome]:
    """Homes for ``staff`` people, 小店区's 康宁养老院 first."""
    plans = list(material.plan_homes(staff, rng))
    rows = [
        {
            "credit_code": plan.credit_code,
            "name": plan.name,
            "kind": "home",
            "region": plan.region,
            "beds": plan.beds,
            "residents": plan.residents,
            "for_destitute": plan.for_destitute,
        }
        for plan in plans
    ]
    return [
        DemoHome(organisation_id, plan.region, plan.name, plan.size)
        for organisation_id, plan in zip(_insert(rows, now), plans, strict=True)
    ]


def _insert(rows: list[dict[str, Any]], now: datetime) -> list[int]:
    """Insert organisations and return their ids in the same order."""
    session().execute(insert(Organisation), [row | {"created_at": now} for row in rows])
    known = select(Organisation.credit_code, Organisation.id)
    codes = {row.credit_code: row.id for row in session().execute(known)}
    return [codes[row["credit_code"]] for row in rows]
