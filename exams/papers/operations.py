"""Writing a paper down; callers commit."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert

from exams.papers import rules
from exams.papers.models import Paper, Slot
from lms.core.db import session


def pin(
    event_id: int, blueprint: str, seed: str, chosen: Sequence[rules.Chosen], now: datetime
) -> Paper:
    """Keep an assembled paper for ever."""
    paper = Paper(
        event_id=event_id,
        seed=seed,
        blueprint=blueprint,
        digest=rules.digest(chosen),
        created_at=now,
    )
    session().add(paper)
    session().flush()
    session().execute(
        insert(Slot),
        [
            {
                "paper_id": paper.id,
                "position": c.position,
                "question_version_id": c.version_id,
                "part": c.part,
                "tenths": c.tenths,
                "order": list(c.order),
            }
            for c in chosen
        ],
    )
    return paper
