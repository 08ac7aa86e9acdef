"""Tables of the question bank. Versions are facts: an edit is a new version, never a change."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.core.db import AppendOnly, Json, Model


class Kind(StrEnum):
    """How a question is answered. The first three are marked by the room's automatic rules."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    JUDGE = "judge"
    NUMERIC = "numeric"
    FILL = "fill"
    MATCHING = "matching"
    ORDERING = "ordering"
    CASE = "case"
    SHORT = "short"
    ESSAY = "essay"


class Difficulty(StrEnum):
    """How hard the author expects a question to be."""

    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"


class Bank(Model):
    """A collection of questions kept by one organisation (or by the platform when none)."""

    __tablename__ = "bank"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    title: Mapped[str] = mapped_column(String(120))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    created_at: Mapped[datetime]


class Question(Model):
    """What stays the same through all versions; its code is unique in its bank, and it is
    retired, never deleted."""

    __tablename__ = "question"
    __table_args__ = (UniqueConstraint("bank_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    bank_id: Mapped[int] = mapped_column(ForeignKey("bank.id"))
    code: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]

    bank: Mapped[Bank] = relationship()


class QuestionVersion(AppendOnly, Model):
    """What a candidate may see of a question. Never holds the key: see ``QuestionKey``.

    ``body`` by kind: ``{"options": ["…", …]}`` for single and multiple, ``{}`` for judge.
    """

    __tablename__ = "question_version"
    __table_args__ = (
        UniqueConstraint("question_id", "number"),
        CheckConstraint(f"kind IN {tuple(str(k) for k in Kind)}", name="kind"),
        CheckConstraint(f"difficulty IN {tuple(str(d) for d in Difficulty)}", name="difficulty"),
        CheckConstraint("rung BETWEEN 1 AND 8", name="rung"),
        Index("ix_question_version_digest", "digest"),
        Index("ix_question_version_place", "rung", "module", "kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"))
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10))
    stem: Mapped[str] = mapped_column(Text)
    body: Mapped[Json]
    module: Mapped[str] = mapped_column(String(30))
    difficulty: Mapped[str] = mapped_column(String(6))
    rung: Mapped[int]
    knowledge: Mapped[str] = mapped_column(String(60), default="")
    source: Mapped[str] = mapped_column(String(120), default="")
    digest: Mapped[str] = mapped_column(String(64))
    author_id: Mapped[int]
    created_at: Mapped[datetime]

    question: Mapped[Question] = relationship()


class QuestionKey(AppendOnly, Model):
    """The key and the explanation of one version: a table that no candidate's query reads.

    ``key`` by kind: ``{"right": [2]}`` (indexes into ``options``), judge ``{"right": true}``.
    """

    __tablename__ = "question_key"

    question_version_id: Mapped[int] = mapped_column(
        ForeignKey("question_version.id"), primary_key=True
    )
    key: Mapped[Json]
    explanation: Mapped[str] = mapped_column(Text, default="")
    note: Mapped[str] = mapped_column(Text, default="")


class QuestionApproval(AppendOnly, Model):
    """A second person let this version into use; approver and author are never the same."""

    __tablename__ = "question_approval"
    __table_args__ = (CheckConstraint("approved_by <> author_id", name="second_person"),)

    question_version_id: Mapped[int] = mapped_column(
        ForeignKey("question_version.id"), primary_key=True
    )
    author_id: Mapped[int]
    approved_by: Mapped[int]
    approved_at: Mapped[datetime]
