"""The starter bank: readable files, loaded once, approved by another hand than wrote it."""

from collections import Counter
from datetime import UTC, datetime

from sqlalchemy import func, select

from exams.api import load_starter_questions
from exams.bank.models import Bank, Kind, Question, QuestionApproval, QuestionVersion
from exams.bank.operations import add_version
from exams.bank.queries import approved_pool
from exams.bank.rules import Draft
from exams.bank.starter_bank import EDITOR, WRITER
from lms.core.access import SYSTEM
from lms.core.audit import AuditEvent, first_broken
from lms.core.db import session
from lms.core.uow import unit_of_work

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
CODE = "caregiver-junior"
#: Questions of the kinds that no blueprint asks for yet.
MORE = 15


def load() -> int:
    with unit_of_work():
        return load_starter_questions(SYSTEM, NOW)


def bank() -> Bank:
    return session().scalars(select(Bank).where(Bank.code == CODE)).one()


def test_every_starter_question_comes_in_approved_and_in_its_module(app):
    load()
    pool = approved_pool(bank().id, 2)
    assert len(pool) == 256 + MORE
    modules = Counter(item.module for item in pool)
    assert modules == {
        "生活照护": 150, "基础知识": 55, "基础照护": 33, "职业道德": 17, "康复服务": 16,
    }  # fmt: skip


def test_every_kind_has_an_example_and_the_cases_have_three_questions(app):
    load()
    pool = approved_pool(bank().id, 2)
    kinds = Counter(item.kind for item in pool)
    assert set(kinds) == set(Kind)
    assert {len(item.shares) for item in pool if item.kind == Kind.CASE} == {3}


def test_loading_twice_adds_nothing(app):
    load()
    assert load() == 0
    assert session().scalar(select(func.count()).select_from(QuestionVersion)) == 256 + MORE


def test_two_different_hands_wrote_and_approved_and_the_trail_says_so(app):
    load()
    pairs = session().execute(
        select(QuestionApproval.author_id, QuestionApproval.approved_by).distinct()
    )
    assert [tuple(pair) for pair in pairs] == [(WRITER.person_id, EDITOR.person_id)]
    named = session().scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert {"question.load", "question.approve"} <= set(named)
    assert first_broken() is None


def test_a_question_that_people_took_over_stays_theirs(app, cast):
    load()
    question = session().scalars(select(Question).where(Question.code == "basics-001")).one()
    author = SYSTEM.__class__(person_id=cast.chen, account_id=1, name="")
    draft = Draft("judge", "改过的题。", {}, {"right": True}, "基础知识", "easy", 2)
    with unit_of_work():
        add_version(question, draft, author, NOW)
    assert load() == 0
