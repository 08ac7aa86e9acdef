"""Shanxi's regions (GB/T 2260): 1 province, 11 cities, 117 counties, kept beside this file."""

import csv
from functools import cache
from pathlib import Path

from sqlalchemy import func, select

from lms.core.db import session
from lms.people.models import Region

_FILE = Path(__file__).parent / "data" / "regions.csv"


@cache
def all_regions() -> dict[str, tuple[str, str | None]]:
    """Return code → (name, parent code) for the 129 regions, parents first."""
    with _FILE.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    return {row["code"]: (row["name"], row["parent"] or None) for row in rows}


def region_name(code: str) -> str:
    """Return the name of a region; its code if unknown."""
    return all_regions().get(code, (code, None))[0]


def full_name(code: str) -> str:
    """``山西省太原市小店区``."""
    return "".join(region_name(code[:n]) for n in (2, 4, 6) if len(code) >= n)


def level_of(code: str) -> str:
    """``province``, ``city`` or ``county``."""
    return {2: "province", 4: "city", 6: "county"}[len(code)]


def children_of(code: str) -> list[str]:
    """Codes directly below a region, in the official order."""
    return [child for child, (_name, parent) in all_regions().items() if parent == code]


def load_regions() -> None:
    """Put the regions into an empty database; does nothing when they are there."""
    if session().scalar(select(func.count()).select_from(Region)):
        return
    for code, (name, parent) in all_regions().items():
        session().add(Region(code=code, name=name, parent=parent))
        session().flush()
