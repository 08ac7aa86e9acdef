"""What the pages of the bank show: lists and counts, never a key."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from exams.bank.models import Bank, Question, QuestionApproval, QuestionVersion
from exams.bank.policy import visible_to
from lms.core.access import Actor
from lms.core.db import session
from lms.people.api import organisation_cards

STATES = ("waiting", "in_use", "retired")
_ORDERS = {
    "code": Question.code,
    "newest": QuestionVersion.created_at,
    "module": QuestionVersion.module,
    "difficulty": case(
        (QuestionVersion.difficulty == "easy", 1),
        (QuestionVersion.difficulty == "medium", 2),
        else_=3,
    ),
}
SORTS = tuple(_ORDERS)


@dataclass(frozen=True, slots=True)
class BankCard:
    """A bank with its owner (empty for the platform) and how many questions stand where."""

    id: int
    code: str
    title: str
    organisation_id: int | None
    owner: str
    in_use: int
    waiting: int
    retired: int


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A question in a list, by its newest version."""

    id: int
    code: str
    kind: str
    stem: str
    module: str
    difficulty: str
    rung: int
    number: int
    state: str
    created_at: datetime
    version_id: int


#: The names under which filters stand in an address.
FILTERS = ("q", "module", "kind", "difficulty", "state", "rung", "occupation", "source",
           "knowledge")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; empty fields narrow nothing."""

    q: str = ""
    module: str = ""
    kind: str = ""
    difficulty: str = ""
    state: str = ""
    rung: int = 0
    occupation: str = ""
    source: str = ""
    knowledge: str = ""
    sort: str = "code"
    descending: bool = False

    @property
    def active(self) -> int:
        """How many filters are set."""
        return sum(bool(getattr(self, name)) for name in FILTERS)


_newest = (
    select(QuestionVersion.question_id, func.max(QuestionVersion.id).label("id"))
    .group_by(QuestionVersion.question_id)
    .subquery()
)
_state = case(
    (Question.retired_at.is_not(None), "retired"),
    (QuestionApproval.question_version_id.is_(None), "waiting"),
    else_="in_use",
)


def _joined(query: Select[Any]) -> Select[Any]:
    """Questions with their newest version and its approval, if any."""
    return (
        query.join(_newest, _newest.c.question_id == Question.id)
        .join(QuestionVersion, QuestionVersion.id == _newest.c.id)
        .outerjoin(QuestionApproval, QuestionApproval.question_version_id == QuestionVersion.id)
    )


def bank_cards(actor: Actor) -> list[BankCard]:
    """The banks an actor may open, the platform's first."""
    banks = session().scalars(
        select(Bank)
        .where(visible_to(actor))
        .order_by(Bank.organisation_id.is_not(None), Bank.title, Bank.id)
    )
    found = list(banks)
    tally = _joined(select(Question.bank_id, _state.label("state"), func.count().label("number")))
    tally = tally.where(Question.bank_id.in_([bank.id for bank in found]))
    counts: dict[tuple[int, str], int] = {
        (row.bank_id, row.state): row.number
        for row in session().execute(tally.group_by(Question.bank_id, _state))
    }
    owners = organisation_cards({b.organisation_id for b in found if b.organisation_id})
    return [
        BankCard(
            bank.id,
            bank.code,
            bank.title,
            bank.organisation_id,
            owners[bank.organisation_id].name if bank.organisation_id else "",
            *(counts.get((bank.id, state), 0) for state in ("in_use", "waiting", "retired")),
        )
        for bank in found
    ]


def bank_named(code: str) -> Bank | None:
    """The bank with this code."""
    return session().scalar(select(Bank).where(Bank.code == code))


@dataclass(frozen=True, slots=True)
class Tags:
    """The tags that occur in a bank, for its filters."""

    modules: list[str]
    occupations: list[str]
    sources: list[str]
    knowledge: list[str]


def tags_of(bank_id: int) -> Tags:
    """Every module, occupation, source and knowledge point of a bank; one statement."""
    query = _joined(
        select(
            QuestionVersion.module,
            QuestionVersion.occupation,
            QuestionVersion.source,
            QuestionVersion.knowledge,
        ).select_from(Question)
    )
    rows = list(session().execute(query.where(Question.bank_id == bank_id).distinct()))
    columns = [sorted({row[n] for row in rows if row[n]}) for n in range(4)]
    return Tags(*columns)


def count_questions(bank_id: int, filters: Filters) -> int:
    """How many questions the filters leave."""
    query = _joined(select(func.count()).select_from(Question))
    return session().scalar(query.where(*_conditions(bank_id, filters))) or 0


def question_rows(bank_id: int, filters: Filters, limit: int, offset: int) -> list[QuestionRow]:
    """One page of the questions that the filters leave."""
    query = _joined(
        select(
            Question.id,
            Question.code,
            QuestionVersion.kind,
            QuestionVersion.stem,
            QuestionVersion.module,
            QuestionVersion.difficulty,
            QuestionVersion.rung,
            QuestionVersion.number,
            _state.label("state"),
            QuestionVersion.created_at,
            QuestionVersion.id,
        ).select_from(Question)
    )
    order = _ORDERS.get(filters.sort, Question.code)
    query = query.where(*_conditions(bank_id, filters)).limit(limit).offset(offset)
    query = query.order_by(order.desc() if filters.descending else order, Question.id)
    return [QuestionRow(*row) for row in session().execute(query)]


def newest_versions(bank_id: int, filters: Filters) -> list[int]:
    """Ids of the newest versions the filters leave, in order of code: for exports and reviews."""
    query = _joined(select(QuestionVersion.id).select_from(Question))
    return list(
        session().scalars(query.where(*_conditions(bank_id, filters)).order_by(Question.code))
    )


def waiting_for(bank_id: int, reader_id: int, limit: int) -> list[int]:
    """Ids of newest versions that somebody other than ``reader_id`` wrote and nobody approved."""
    query = _joined(select(QuestionVersion.id).select_from(Question))
    others = and_(_state == "waiting", QuestionVersion.author_id != reader_id)
    query = query.where(Question.bank_id == bank_id, others)
    return list(session().scalars(query.order_by(QuestionVersion.id).limit(limit)))


def _conditions(bank_id: int, filters: Filters) -> Sequence[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Question.bank_id == bank_id]
    if filters.q:
        found.append(
            or_(
                QuestionVersion.stem.icontains(filters.q, autoescape=True),
                Question.code.icontains(filters.q, autoescape=True),
                QuestionVersion.knowledge.icontains(filters.q, autoescape=True),
            )
        )
    for column, value in (
        (QuestionVersion.module, filters.module),
        (QuestionVersion.kind, filters.kind),
        (QuestionVersion.difficulty, filters.difficulty),
        (QuestionVersion.rung, filters.rung),
        (QuestionVersion.occupation, filters.occupation),
        (QuestionVersion.source, filters.source),
        (QuestionVersion.knowledge, filters.knowledge),
        (_state, filters.state),
    ):
        if value:
            found.append(column == value)
    return found
