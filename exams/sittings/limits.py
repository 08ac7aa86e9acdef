"""How long a text each question of a paper takes. Papers never change, so it is read once."""

from collections.abc import Iterable, Mapping

from sqlalchemy import select

from exams.bank.models import Kind, QuestionVersion
from exams.papers.models import Slot
from exams.sittings.rules import Step
from lms.core.db import session

Limits = Mapping[int, int]  # position → characters
#: So many papers are remembered by a process, some hundred bytes each.
REMEMBERED = 20_000
_TEXTS = (Kind.SHORT, Kind.ESSAY)
_known: dict[int, Limits] = {}


def has_text(steps: Iterable[Step]) -> bool:
    """True if any of these answers is a text, so that its length matters."""
    return any("text" in step.answer for step in steps)


def known_limits(paper_id: int | None) -> Limits | None:
    """The limits of a paper if they have been read before; reads nothing."""
    return _known.get(paper_id or 0)


def limits_of(paper_id: int | None) -> Limits:
    """Position → the most characters, for the texts of a paper; at most one statement."""
    found = known_limits(paper_id)
    if found is None:
        if len(_known) >= REMEMBERED:
            _known.clear()
        found = _known[paper_id or 0] = _read(paper_id or 0)
    return found


def _read(paper_id: int) -> Limits:
    rows = session().execute(
        select(Slot.position, Slot.part, QuestionVersion.kind, QuestionVersion.body)
        .join(QuestionVersion, QuestionVersion.id == Slot.question_version_id)
        .where(Slot.paper_id == paper_id, QuestionVersion.kind.in_((*_TEXTS, Kind.CASE)))
    )
    limits: dict[int, int] = {}
    for position, part, kind, body in rows:
        asked = {"kind": kind, "body": body} if part is None else body["parts"][part]
        if asked["kind"] in _TEXTS:
            limits[position] = asked["body"]["longest"]
    return limits
