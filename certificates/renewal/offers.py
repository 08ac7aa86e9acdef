"""Where a certificate that ends can be renewed. The packages above say so for their kinds when the
site is made; this one knows none of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from lms.core.db import Json


@dataclass(frozen=True, slots=True)
class Offer:
    """A course or session that renews a certificate, with its page and, if fixed, its day."""

    title: str
    url: str
    on: date | None = None


#: (sealed facts, person, now's date) -> where she can renew, or None
Finder = Callable[[Json, int, date], Offer | None]
_finders: dict[str, Finder] = {}


def renew_by(kind: str, finder: Finder) -> None:
    """Let ``finder`` answer for a kind (once per kind, however many apps a process makes)."""
    _finders[kind] = finder


def offer_for(kind: str, facts: Json, person_id: int, on: date) -> Offer | None:
    """Where the holder can renew a certificate, or None."""
    finder = _finders.get(kind)
    return finder(facts, person_id, on) if finder else None
