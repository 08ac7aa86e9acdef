"""A paper as its candidate would see it; nothing is written, keys only for who opened them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import select

from exams.bank.formats.items import LETTERS
from exams.bank.kinds import CHOICES
from exams.bank.queries import faces_of, keys_of
from exams.entries.models import ExamEvent
from exams.marking.wording import lines_of
from exams.papers import fixed
from exams.papers.feasibility import Shortage
from exams.papers.models import Paper, PaperMode
from exams.papers.preparing import outlook
from exams.papers.press import Press, expectations
from exams.papers.queries import slots_of
from exams.sittings.showing import Shown, show
from lms.core.db import session

#: Sample papers of one event that can be looked at.
SAMPLES = 20


class Place(Protocol):
    """A slot that was kept, or one that is only laid out."""

    @property
    def position(self) -> int: ...
    @property
    def version_id(self) -> int: ...
    @property
    def tenths(self) -> int: ...
    @property
    def order(self) -> tuple[int, ...]: ...
    @property
    def part(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Preview:
    """Questions in their places, the version of each, and the expected marks in tenths."""

    questions: list[Shown]
    places: list[Place]
    expected: int

    @property
    def version_ids(self) -> list[int]:
        """The version that stands at each place."""
        return [place.version_id for place in self.places]


def sample(event: ExamEvent, number: int, now: datetime) -> Preview | None:
    """Sample ``number`` of a draft: the same number always shows the same paper, and no
    candidate's. None when the bank cannot fill one."""
    if event.paper_mode == PaperMode.FIXED:
        chosen = fixed.laid_out(event, fixed.picks_of(event.id))
        expected = fixed.expected_tenths(event, chosen, now) if chosen else 0
        return _laid_out(chosen, expected) if chosen else None
    view = outlook(event, now)
    press = Press(event, view.blueprint, expectations(event, view.blueprint, now), 1)
    try:
        paper = press.assembler.paper(f"sample:{event.id}:{number}", (), press.usage)
    except Shortage:
        return None
    return _laid_out(paper.chosen, paper.expected)


def form_preview(event: ExamEvent, number: int) -> Preview | None:
    """A form that was made; None when there is none of that number."""
    query = select(Paper).where(Paper.event_id == event.id, Paper.form == number)
    paper = session().scalar(query)
    if paper is None:
        return None
    return _laid_out(slots_of(paper.id), paper.expected or 0)


def right_of(paper: Preview) -> dict[int, list[str]]:
    """Position → what is right, in words; for who opened the keys."""
    asked = {place.position: (place.version_id, place.part) for place in paper.places}
    faces, keys = faces_of(asked.values()), keys_of(asked.values())
    found = {}
    for place in paper.places:
        face, key = faces[asked[place.position]], keys[asked[place.position]]
        if key.kind in CHOICES:
            right = [LETTERS[n] for n, own in enumerate(place.order) if own in key.key["right"]]
            found[place.position] = [" ".join(right)]
        else:
            lines = lines_of(key.kind, face.body, key.key, place.order)
            found[place.position] = [f"{line.label} {line.right}".strip() for line in lines]
    return found


def _laid_out(places: Sequence[Place], expected: int) -> Preview:
    faces = faces_of((place.version_id, place.part) for place in places)
    shown = [show(place, faces[place.version_id, place.part]) for place in places]
    return Preview(shown, list(places), expected)
