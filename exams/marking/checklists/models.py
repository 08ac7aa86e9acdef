"""Tables of uploaded checklists. Nothing in them is ever changed."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.db import AppendOnly, Json, Model


class ChecklistUpload(AppendOnly, Model):
    """A sound file of checklists that waits for, or got, a second person's word.
    ``content``: ``{"lists": […]}`` in the shape of the library."""

    __tablename__ = "checklist_upload"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(32), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    title: Mapped[str] = mapped_column(String(80))
    content: Mapped[Json]
    uploaded_by: Mapped[int]
    uploaded_at: Mapped[datetime]


class ChecklistDecision(AppendOnly, Model):
    """The second person's word; one for each upload."""

    __tablename__ = "checklist_decision"

    upload_id: Mapped[int] = mapped_column(
        ForeignKey("checklist_upload.id"), primary_key=True, autoincrement=False
    )
    approved: Mapped[bool]
    note: Mapped[str] = mapped_column(String(400), default="")
    decided_by: Mapped[int]
    decided_at: Mapped[datetime]


class ChecklistWithdrawal(AppendOnly, Model):
    """Somebody proposes that approved checklists be offered no more, with the reason; nothing that
    was set or marked with them changes."""

    __tablename__ = "checklist_withdrawal"

    id: Mapped[int] = mapped_column(primary_key=True)
    upload_id: Mapped[int] = mapped_column(ForeignKey("checklist_upload.id"), index=True)
    reason: Mapped[str] = mapped_column(String(400))
    proposed_by: Mapped[int]
    proposed_at: Mapped[datetime]


class WithdrawalDecision(AppendOnly, Model):
    """The second person's word on it, once; approved, the checklists of the upload are retired."""

    __tablename__ = "checklist_withdrawal_decision"

    withdrawal_id: Mapped[int] = mapped_column(
        ForeignKey("checklist_withdrawal.id"), primary_key=True, autoincrement=False
    )
    approved: Mapped[bool]
    note: Mapped[str] = mapped_column(String(400), default="")
    decided_by: Mapped[int]
    decided_at: Mapped[datetime]
