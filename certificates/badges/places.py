"""Giving certificates their places in the status lists. Callers commit."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from certificates.badges.bitstring import ENTRIES
from certificates.badges.models import BadgePlace
from lms.core.db import session

#: A list is closed when half of it is taken, so that a free place is found in two tries.
PER_LIST = ENTRIES // 2
_CHUNK = 1000
_ROUNDS = 200


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the lists with this number."""

    list_number: int
    place: int


def assign(certificate_ids: Iterable[int]) -> None:
    """Draw a place for each certificate that has none; those that have one keep it."""
    wanted = sorted(set(certificate_ids))
    for start in range(0, len(wanted), _CHUNK):
        _assign(wanted[start : start + _CHUNK])


def _assign(wanted: list[int]) -> None:
    """Draw, then see who was lucky: two statements as a rule, whatever the others are doing."""
    dialect = postgresql if session().get_bind().dialect.name == "postgresql" else sqlite
    missing = wanted
    for _ in range(_ROUNDS):
        drawn = [
            {
                "certificate_id": id_,
                "list_number": (id_ - 1) // PER_LIST,
                "place": secrets.randbelow(ENTRIES),
            }
            for id_ in missing
        ]
        session().execute(dialect.insert(BadgePlace).on_conflict_do_nothing(), drawn)
        placed = places_of(missing)
        missing = [id_ for id_ in missing if id_ not in placed]
        if not missing:
            return
    raise RuntimeError("no free place was found")  # chance: below 2**-200


def places_of(certificate_ids: Iterable[int]) -> dict[int, Place]:
    """The places of those certificates that have one; one statement."""
    query = select(BadgePlace.certificate_id, BadgePlace.list_number, BadgePlace.place).where(
        BadgePlace.certificate_id.in_(list(certificate_ids))
    )
    return {id_: Place(number, place) for id_, number, place in session().execute(query)}
