"""What the bank's pages share: the blueprint, finding things within scope, words."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, request

from exams.analysis.rules import LEAST
from exams.bank import forms
from exams.bank.browsing import SORTS, STATES, Filters, bank_named
from exams.bank.formats.items import LETTERS
from exams.bank.models import Bank, Difficulty, Kind, Question
from exams.bank.policy import VIEW
from exams.bank.reading import question_of
from lms.core.access import Action, acting
from lms.core.errors import NotFound
from lms.core.ladder import Rung

bp = Blueprint("bank", __name__, url_prefix="/bank")


def bank_for(code: str, action: Action = VIEW) -> Bank:
    """The bank, if the actor may do ``action`` to it. Raises NotFound otherwise."""
    bank = bank_named(code)
    if bank is None:
        raise NotFound(action=action.name)
    action.ensure(acting(), bank)
    return bank


def question_for(question_id: int, action: Action = VIEW) -> Question:
    """The question, if the actor may do ``action`` to its bank. Raises NotFound otherwise."""
    question = question_of(question_id)
    if question is None:
        raise NotFound(action=action.name)
    action.ensure(acting(), question.bank)
    return question


def filters_from(values: Any = None) -> Filters:
    """The filters of a list, from the address; what makes no sense narrows nothing."""
    values = request.args if values is None else values

    def one_of(name: str, known: Any) -> str:
        value = str(values.get(name, ""))
        return value if value in known else ""

    def tag(name: str, longest: int) -> str:
        return str(values.get(name, "")).strip()[:longest].replace("\0", "")

    rung = values.get("rung", 0, type=int)
    return Filters(
        q=tag("q", 100),
        module=tag("module", 30),
        kind=one_of("kind", tuple(map(str, Kind))),
        difficulty=one_of("difficulty", tuple(map(str, Difficulty))),
        state=one_of("state", STATES),
        rung=rung if rung in tuple(Rung) else 0,
        occupation=tag("occupation", 30),
        source=tag("source", 120),
        knowledge=tag("knowledge", 60),
        sort=one_of("sort", SORTS) or "code",
        descending=values.get("order") == "desc",
    )


def pairs(values: list[str], labels: Mapping[str, Any] | None = None) -> list[tuple[str, Any]]:
    """Values with their labels, for a list to choose from."""
    return [(value, (labels or {}).get(value, value)) for value in values]


def words() -> dict[str, Any]:
    """Labels that the bank's templates use."""
    return {
        "kinds": {str(kind): label for kind, label in forms.KIND_LABELS.items()},
        "difficulties": {str(level): label for level, label in forms.DIFFICULTY_LABELS.items()},
        "occupations": forms.OCCUPATION_LABELS,
        "least": LEAST,
        "states": forms.STATE_LABELS,
        "pills": {"waiting": "warn", "in_use": "ok", "retired": "mute"},
        "rungs": Rung,
        "pairs": pairs,
        "letters": LETTERS,
        "Kind": Kind,
    }


bp.context_processor(words)
