"""Where awards come from besides sheets. The packages above register theirs when the app is made;
this one knows none of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel.speaklater import LazyString
from sqlalchemy import Select, false, literal, select

from lms.core.access import Actor
from lms.core.db import Json


@dataclass(frozen=True, slots=True)
class Choice:
    """Something whose eligible people can be awarded: an event, a course, a session."""

    id: int
    title: str
    on: date
    issuer_id: int


@dataclass(frozen=True, slots=True)
class Eligible:
    """An award that is due; ``facts`` as in ``IssueRequest``."""

    source: str
    person_id: int
    kind: str
    rung: int | None
    facts: Json
    valid_to: date | None = None


def _nothing(_choice: int) -> Select[tuple[str]]:
    return select(literal("")).where(false())


def _none(_issuers: Sequence[int]) -> list[Choice]:
    return []


@dataclass(frozen=True, slots=True)
class AwardSource:
    """A kind of choices: ``choices(actor)`` are those she may award, ``one`` is one of them by its
    id or None, ``eligible`` are its people, those with a certificate included. ``issued`` are the
    sources of whatever was issued from a choice, ``held`` the newest choices of some issuers,
    ``standing`` which awards, by ``Eligible.source``, are still due when a batch runs (without it
    all are)."""

    key: str
    label: LazyString
    choices: Callable[[Actor], list[Choice]]
    one: Callable[[Actor, int], Choice | None]
    eligible: Callable[[Choice, date], list[Eligible]]
    issued: Callable[[int], Select[tuple[str]]] = _nothing
    held: Callable[[Sequence[int]], list[Choice]] = _none
    standing: Callable[[Sequence[str]], set[str]] | None = None


_sources: dict[str, AwardSource] = {}


def offer(source: AwardSource) -> None:
    """Add a source (once per key, however many apps a process makes)."""
    _sources[source.key] = source


def sources() -> list[AwardSource]:
    """All sources."""
    return list(_sources.values())


def source_of(key: str) -> AwardSource | None:
    """The source with this key."""
    return _sources.get(key)
