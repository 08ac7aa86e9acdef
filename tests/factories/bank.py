"""Question banks and questions for tests."""

import itertools
from datetime import UTC, datetime
from typing import Any

from exams.bank.models import Bank, QuestionVersion
from exams.bank.operations import add_bank, add_question, approve
from exams.bank.rules import Draft
from lms.core.access import SYSTEM, Actor
from lms.core.uow import unit_of_work

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
EDITOR = Actor(person_id=-9, account_id=0, name="editor")
_serials = itertools.count(1)


def make_bank(organisation_id: int | None, code: str = "") -> Bank:
    """A bank of an organisation (None: of the platform)."""
    with unit_of_work():
        code = code or f"bank-{next(_serials)}"
        return add_bank(code, f"题库 {code}", organisation_id, SYSTEM, NOW)


def make_draft(**changes: Any) -> Draft:
    """A sound single choice whose text is its own."""
    values: dict[str, Any] = {
        "kind": "single",
        "stem": f"第 {next(_serials)} 题问什么？",
        "body": {"options": ["甲", "乙", "丙", "丁"]},
        "key": {"right": [1]},
        "module": "基础知识",
        "difficulty": "medium",
        "rung": 2,
        "explanation": "因为乙。",
    }
    return Draft(**(values | changes))


def make_question(
    bank: Bank, author_id: int = 0, approved: bool = True, code: str = "", **changes: Any
) -> QuestionVersion:
    """A question in a bank, approved by another person unless told otherwise."""
    author = Actor(person_id=author_id, account_id=0, name="author")
    with unit_of_work():
        code = code or f"T-{next(_serials):04d}"
        version = add_question(bank, code, make_draft(**changes), author, NOW)
        if approved:
            approve(version, EDITOR, NOW)
        return version
