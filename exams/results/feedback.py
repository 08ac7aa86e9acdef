"""What a candidate may look at after release: her answers beside the key and the explanation."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from exams.bank.queries import Face, Key, explanations_of, faces_of, keys_of
from exams.marking.corrections.queries import corrected_keys
from exams.marking.models import Mark
from exams.marking.wording import Line, lines_of
from exams.papers.queries import SlotRow, slots_of
from exams.results.queries import ResultCard
from exams.sittings.models import Attempt
from exams.sittings.queries import folded
from exams.sittings.showing import Medium, SceneShown, Shown, show
from lms.core.db import session


@dataclass(frozen=True, slots=True)
class Option:
    """An option as it was shown, with what was picked and what was right."""

    text: str
    picked: bool
    right: bool


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One question after release: options of a choice question, lines of any other kind."""

    position: int
    kind: str
    stem: str
    options: tuple[Option, ...]
    lines: tuple[Line, ...]
    tenths: int
    most: int
    explanation: str
    case: SceneShown | None
    media: tuple[Medium, ...]
    rubric: tuple[str, ...]


def review_of(card: ResultCard) -> list[Reviewed]:
    """The paper of a released theory result; empty for parts without a paper."""
    attempt = session().get_one(Attempt, card.attempt_id)
    if attempt.paper_id is None:
        return []
    slots = slots_of(attempt.paper_id)
    asked = [slot.asked for slot in slots]
    faces, keys = faces_of(asked), corrected_keys(card.event_id, keys_of(asked))
    texts = explanations_of(slot.version_id for slot in slots)
    answers, marks = folded(attempt.id), marks_of(attempt.id)
    return [
        _reviewed(
            slot,
            faces[slot.asked],
            keys[slot.asked],
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
    slot: SlotRow, face: Face, key: Key, answer: dict[str, Any], tenths: int, text: str
) -> Reviewed:
    shown = show(slot, face)
    last = shown.case is None or shown.case.part == shown.case.parts
    return Reviewed(
        slot.position,
        face.kind,
        shown.stem,
        _options(slot, shown, key, answer),
        tuple(lines_of(face.kind, face.body, key.key, slot.order, answer)),
        tenths,
        slot.tenths,
        text if last else "",
        shown.case,
        shown.media,
        tuple(str(row["text"]) for row in key.key.get("rubric", ())),
    )


def _options(slot: SlotRow, shown: Shown, key: Key, answer: dict[str, Any]) -> tuple[Option, ...]:
    """The options as shown; only choice questions have any."""
    picked = set(answer.get("picked") or ())
    return tuple(
        Option(option, place in picked, slot.order[place] in key.key["right"])
        for place, option in enumerate(shown.options)
    )
