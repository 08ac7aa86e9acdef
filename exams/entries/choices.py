"""What an examiner may choose from when planning an event."""

from sqlalchemy import or_, select

from exams.bank.models import Bank
from exams.entries.models import ExamEvent
from exams.entries.policy import visible_to
from exams.papers.plans import newest_blueprints
from lms.core.access import Actor, Role
from lms.core.db import session
from lms.core.ladder import Rung
from lms.people.api import organisation_cards


def organisations_of(actor: Actor) -> list[tuple[int, str]]:
    """Organisations for which the actor may hold exams."""
    cards = organisation_cards(actor.organisations(Role.EXAMINER))
    return sorted(((card.id, card.name) for card in cards.values()), key=lambda c: c[1])


def banks_for(actor: Actor) -> list[tuple[int, str]]:
    """Banks of those organisations, and the platform's own."""
    mine = actor.organisations(Role.EXAMINER)
    query = select(Bank.id, Bank.title).where(
        or_(Bank.organisation_id.is_(None), Bank.organisation_id.in_(mine))
    )
    return [(row.id, row.title) for row in session().execute(query.order_by(Bank.title))]


def earlier_events(actor: Actor) -> list[tuple[int, str]]:
    """Events that a new one could be the make-up of, newest first."""
    query = select(ExamEvent.id, ExamEvent.title).where(
        visible_to(actor), ExamEvent.status != "draft"
    )
    rows = session().execute(query.order_by(ExamEvent.id.desc()).limit(50))
    return [(row.id, row.title) for row in rows]


def blueprints_for(actor: Actor) -> list[tuple[int, str]]:
    """The newest versions of the blueprints of those organisations."""
    return [
        (row.id, f"{Rung(row.rung).label} · {row.title}")
        for row in newest_blueprints(actor.organisations(Role.EXAMINER))
    ]
