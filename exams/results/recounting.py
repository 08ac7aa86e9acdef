"""Adding a sitting's marks up again, against the answers stored."""

from sqlalchemy import select

from exams.marking.concluding import BY_PEOPLE, by_rule, paper_of, policy_of
from exams.marking.models import Mark, Opinion, Script
from exams.marking.rules import VERSION
from exams.results.models import Result
from exams.results.rules import Recounted
from exams.sittings.models import Attempt
from exams.sittings.queries import folded
from exams.sittings.rules import is_answered
from lms.core.db import session

#: Stamps of marks that a rule gave, whoever's hand-in brought them about.
_AUTOMATIC = VERSION.partition("@")[0]


def recounted(result: Result) -> list[Recounted]:
    """Every mark of a result's sitting: what counts, and what should; fixed statements."""
    attempt = session().get_one(Attempt, result.attempt_id)
    if attempt.paper_id is None:
        return _by_hand(result)
    paper, answers = paper_of(attempt), folded(attempt.id)
    policy, marks = policy_of(paper.event, result.decided_at), _newest(attempt.id)
    rows = []
    for slot in paper.slots:
        key, answer = paper.keys[slot.asked], answers.get(slot.position)
        counted, stamp = marks.get(slot.id, (None, ""))
        due: int | None = None
        if counted is None or stamp.startswith(_AUTOMATIC):
            if not answer and key.kind in BY_PEOPLE:
                due = 0
            elif not paper.by_people(slot) and paper.way(slot) != "void":
                due = by_rule(paper, slot, answer, policy)
        rows.append(
            Recounted(
                slot.position, key.module, key.kind, slot.tenths,
                bool(answer) and is_answered(answer), counted, due, slot.id,
            )
        )  # fmt: skip
    return rows


def _newest(attempt_id: int) -> dict[int, tuple[int | None, str]]:
    query = select(Mark.slot_id, Mark.tenths, Mark.stamp).where(Mark.attempt_id == attempt_id)
    return {
        row.slot_id: (row.tenths, row.stamp)
        for row in session().execute(query.order_by(Mark.id))
        if row.slot_id is not None
    }


def _by_hand(result: Result) -> list[Recounted]:
    """A part without a paper: what people gave, module by module."""
    query = select(Mark.item, Mark.tenths).where(Mark.attempt_id == result.attempt_id)
    given = {row.item: row.tenths for row in session().execute(query.order_by(Mark.id))}
    return [
        Recounted(number, module, "", most, True, given.get(module), None)
        for number, (module, (_got, most)) in enumerate(result.by_module.items(), start=1)
    ]


def hands_of(attempt_id: int) -> set[int]:
    """Who judged anything of a sitting."""
    marks = select(Mark.marked_by).where(
        Mark.attempt_id == attempt_id, Mark.stamp.not_like(f"{_AUTOMATIC}@%")
    )
    opinions = (
        select(Opinion.marker_id)
        .join(Script, Script.id == Opinion.script_id)
        .where(Script.attempt_id == attempt_id)
    )
    return set(session().scalars(marks)) | set(session().scalars(opinions))
