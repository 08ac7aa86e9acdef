"""Which events an event is a make-up of."""

from exams.entries.models import ExamEvent
from lms.core.db import session


def chain_of(event: ExamEvent) -> list[ExamEvent]:
    """The events this one is a make-up of, nearest first."""
    chain: list[ExamEvent] = []
    parent = event.make_up_of
    while parent is not None and parent not in {e.id for e in chain} and len(chain) < 10:
        chain.append(session().get_one(ExamEvent, parent))
        parent = chain[-1].make_up_of
    return chain
