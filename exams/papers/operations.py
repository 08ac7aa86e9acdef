"""Writing papers down; callers commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Table, insert

from exams.papers import rules
from exams.papers.models import Paper, Slot
from lms.core.db import session


@dataclass(frozen=True, slots=True)
class NewPaper:
    """A paper to be kept: for one sitting (entry and number), or a form."""

    seed: str
    chosen: Sequence[rules.Chosen]
    expected: int | None = None
    entry_id: int | None = None
    number: int | None = None
    form: int | None = None


def pin(
    event_id: int, blueprint: str, seed: str, chosen: Sequence[rules.Chosen], now: datetime
) -> Paper:
    """Keep an assembled paper for ever."""
    return pin_all(event_id, blueprint, [NewPaper(seed, chosen)], now)[0]


def pin_all(
    event_id: int, blueprint: str, papers: Sequence[NewPaper], now: datetime
) -> list[Paper]:
    """Keep assembled papers for ever, in two statements however many they are."""
    rows = [
        Paper(
            event_id=event_id,
            seed=new.seed,
            blueprint=blueprint,
            digest=rules.digest(new.chosen),
            created_at=now,
            entry_id=new.entry_id,
            number=new.number,
            form=new.form,
            expected=new.expected,
            size=len(new.chosen),
        )
        for new in papers
    ]
    session().add_all(rows)
    session().flush()
    slots = [
        _slot(paper.id, chosen)
        for paper, new in zip(rows, papers, strict=True)
        for chosen in new.chosen
    ]
    session().execute(insert(cast(Table, Slot.__table__)), slots)
    return rows


def _slot(paper_id: int, chosen: rules.Chosen) -> dict[str, object]:
    return {
        "paper_id": paper_id,
        "position": chosen.position,
        "question_version_id": chosen.version_id,
        "part": chosen.part,
        "tenths": chosen.tenths,
        "order": list(chosen.order),
    }
