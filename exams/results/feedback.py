"""What a candidate may look at after release: her answers beside the key and the explanation."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from exams.bank.models import Kind
from exams.bank.queries import Key, explanations_of, faces_of, keys_of
from exams.marking.models import Mark
from exams.papers.queries import SlotRow, slots_of
from exams.results.queries import ResultCard
from exams.sittings.models import Attempt
from exams.sittings.queries import Shown, folded, show
from lms.core.db import session


@dataclass(frozen=True, slots=True)
class Option:
    """An option as it was shown, with what was picked and what was right."""

    text: str
    picked: bool
    right: bool


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One question after release."""

    position: int
    kind: str
    stem: str
    options: tuple[Option, ...]
    value: bool | None
    right_value: bool | None
    tenths: int
    most: int
    explanation: str


def review_of(card: ResultCard) -> list[Reviewed]:
    """The paper of a released theory result; empty for parts without a paper."""
    attempt = session().get_one(Attempt, card.attempt_id)
    if attempt.paper_id is None:
        return []
    slots = slots_of(attempt.paper_id)
    versions = [slot.version_id for slot in slots]
    faces, keys, texts = faces_of(versions), keys_of(versions), explanations_of(versions)
    answers, marks = folded(attempt.id), marks_of(attempt.id)
    return [
        _reviewed(
            slot,
            show(slot, faces[slot.version_id]),
            keys[slot.version_id],
            answers.get(slot.position, {}),
            marks.get(slot.id, 0),
            texts[slot.version_id],
        )
        for slot in slots
    ]


def marks_of(attempt_id: int) -> dict[int, int]:
    """Slot id → the mark that counts: the newest."""
    query = select(Mark.slot_id, Mark.tenths).where(Mark.attempt_id == attempt_id)
    rows = session().execute(query.order_by(Mark.id))
    return {row.slot_id: row.tenths for row in rows}


def _reviewed(
    slot: SlotRow, shown: Shown, key: Key, answer: dict[str, Any], tenths: int, text: str
) -> Reviewed:
    right = key.key["right"]
    judged = key.kind == Kind.JUDGE
    picked = set(answer.get("picked") or ())
    options = tuple(
        Option(option, place in picked, slot.order[place] in right)
        for place, option in enumerate(shown.options)
    )
    return Reviewed(
        slot.position,
        key.kind,
        shown.stem,
        options,
        answer.get("value"),
        right if judged else None,
        tenths,
        slot.tenths,
        text,
    )
