"""Navigation: each room adds its entries; the shell shows those the actor may follow."""

from dataclasses import dataclass

from flask import request, url_for
from flask_babel.speaklater import LazyString

from lms.core.access import Action, Actor

GROUPS = ("today", "people", "training", "exams", "certificates", "supervision", "system")


@dataclass(frozen=True, slots=True)
class NavEntry:
    """An entry of the staff side bar; ``order`` sorts within its group."""

    group: str
    label: LazyString
    icon: str
    endpoint: str
    action: Action
    order: int = 50


@dataclass(frozen=True, slots=True)
class NavItem:
    """An entry as the template draws it."""

    label: LazyString
    icon: str
    url: str
    active: bool


_entries: dict[str, NavEntry] = {}


def add_entry(entry: NavEntry) -> None:
    """Add an entry (once per endpoint, however many apps a process makes)."""
    if entry.group not in GROUPS:
        raise ValueError(f"unknown navigation group {entry.group}")
    _entries[entry.endpoint] = entry


def staff_items(actor: Actor) -> list[tuple[str, list[NavItem]]]:
    """The side bar of ``actor``: (group, items), empty groups left out."""
    here = (request.endpoint or "").rsplit(".", 1)[0]
    groups: list[tuple[str, list[NavItem]]] = []
    for group in GROUPS:
        mine = sorted(
            (e for e in _entries.values() if e.group == group and e.action.may(actor)),
            key=lambda e: e.order,
        )
        items = [
            NavItem(
                e.label,
                e.icon,
                url_for(e.endpoint),
                request.endpoint == e.endpoint
                or (here == e.endpoint.rsplit(".", 1)[0] and _owns_blueprint(e)),
            )
            for e in mine
        ]
        if items:
            groups.append((group, items))
    return groups


def _owns_blueprint(entry: NavEntry) -> bool:
    blueprint = entry.endpoint.rsplit(".", 1)[0]
    same = [e for e in _entries.values() if e.endpoint.rsplit(".", 1)[0] == blueprint]
    return len(same) == 1
