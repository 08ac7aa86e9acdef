"""Tables of the question bank. Versions are facts: an edit is a new version, never a change."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.core.db import AppendOnly, Json, Model

#: The occupation a question is for unless it says otherwise.
CAREGIVER = "caregiver"


class Kind(StrEnum):
    """How a question is answered. People mark the last two, rules the others."""

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

    ``body`` by kind (``media``, a list of ``{"digest", "kind": "picture"|"audio", "alt"}``, may
    stand in any of them):

    - single, multiple: ``{"options": ["…", …]}``; judge: ``{}``
    - numeric: ``{"unit": "…"}``, or ``{}`` without a unit
    - fill: ``{"blanks": n}``, the stem has n runs of three or more underscores
    - matching: ``{"left": ["…"], "right": ["…"]}``; ordering: ``{"items": ["…"]}``; right column
      and items in the neutral order of ``kinds.neutral``
    - short, essay: ``{"longest": n}`` characters
    - case: ``{"parts": [{"kind", "stem", "body", "share"}]}``, ``share`` a whole number
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
    occupation: Mapped[str] = mapped_column(String(30), default=CAREGIVER, server_default=CAREGIVER)
    digest: Mapped[str] = mapped_column(String(64))
    author_id: Mapped[int]
    created_at: Mapped[datetime]

    question: Mapped[Question] = relationship()


class QuestionKey(AppendOnly, Model):
    """The key and the explanation of one version: a table that no candidate's query reads.

    ``key`` by kind:

    - single, multiple: ``{"right": [2]}`` (indexes into ``options``); judge: ``{"right": true}``
    - numeric: ``{"right": "37.5", "within": "0.1"}``, decimal strings
    - fill: ``{"blanks": [["accepted", …], …], "exact": false}``
    - matching: ``{"pairs": [index into right, for each left]}``
    - ordering: ``{"sequence": [index into items, from first to last]}``
    - short, essay: ``{"reference": "…", "rubric": [{"text": "…", "share": n}]}``
    - case: ``{"parts": [key of each part]}``
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


class MediaFile(AppendOnly, Model):
    """A picture or a sound as it was checked and kept; its file is named by its digest."""

    __tablename__ = "media_file"
    __table_args__ = (CheckConstraint("kind IN ('picture', 'audio')", name="kind"),)

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(7))
    content_type: Mapped[str] = mapped_column(String(40))
    size: Mapped[int]
    #: Pixels of a picture, 0 for a sound.
    width: Mapped[int]
    height: Mapped[int]
    #: Milliseconds of a sound, 0 for a picture.
    duration: Mapped[int]
    added_at: Mapped[datetime]


class BankMedia(AppendOnly, Model):
    """This bank may use this file: somebody who keeps the bank uploaded it."""

    __tablename__ = "bank_media"

    bank_id: Mapped[int] = mapped_column(ForeignKey("bank.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(ForeignKey("media_file.digest"), primary_key=True)
    added_by: Mapped[int]
    added_at: Mapped[datetime]


class QuestionMedia(AppendOnly, Model):
    """A question version shows this file."""

    __tablename__ = "question_media"

    question_version_id: Mapped[int] = mapped_column(
        ForeignKey("question_version.id"), primary_key=True
    )
    digest: Mapped[str] = mapped_column(
        ForeignKey("media_file.digest"), primary_key=True, index=True
    )
