"""Activation slips for people: who may get one now, and a printable batch of them."""

import io
from base64 import b64encode
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import qrcode
from flask import current_app
from qrcode.image.svg import SvgPathImage
from sqlalchemy import select

from lms.core import clock
from lms.core.access import Actor, Role
from lms.people.accounts.policy import holds_power
from lms.people.accounts.slips import issue_slip
from lms.people.models import Account, Person
from lms.people.queries import CHUNK, PersonCard, cards_from, employers_on, in_chunks

BATCH = 100


@dataclass(frozen=True, slots=True)
class PrintedSlip:
    """A slip as printed: who, and the code."""

    card: PersonCard
    code: str


def waiting_people(person_ids: Collection[int], actor: Actor, now: datetime) -> list[PersonCard]:
    """People whose account was never opened and for whom the actor may print a slip."""
    homes = actor.organisations(Role.HR)
    found: list[PersonCard] = []
    for chunk in in_chunks(sorted(person_ids), CHUNK):
        query = (
            select(Person)
            .join(Account, Account.person_id == Person.id)
            .where(Person.id.in_(chunk), Account.status == "waiting")
            .order_by(Person.name, Person.id)
        )
        if not actor.has(Role.ADMIN):
            query = query.where(~holds_power())
        found += cards_from(query)
    if actor.has(Role.ADMIN):
        return found
    employers = employers_on(clock.local_date(now), [card.id for card in found])
    return [card for card in found if homes & set(employers.get(card.id, ()))]


def print_slips(person_ids: Collection[int], actor: Actor, now: datetime) -> list[PrintedSlip]:
    """Issue slips for the first hundred of those who wait, in the present unit of work."""
    people = waiting_people(person_ids, actor, now)[:BATCH]
    return [PrintedSlip(card, issue_slip(card.id, actor, now)) for card in people]


def activation_address() -> str:
    """Where a slip leads; the code is not in it, so no log and no history ever has one."""
    return f"{current_app.extensions['settings'].base_url}/activate"


def activation_drawing() -> str:
    """The address as a QR picture for the page."""
    out = io.BytesIO()
    image = qrcode.make(
        activation_address(), image_factory=SvgPathImage, border=2, box_size=10, mask_pattern=3
    )
    image.save(out)
    return "data:image/svg+xml;base64," + b64encode(out.getvalue()).decode()
