"""Tables of batches."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from certificates.batches.remarks import Remark, said
from lms.core.db import AppendOnly, Json, Model

STATES = ("planned", "running", "stopped", "done")
OUTCOMES = ("ready", "refused", "already", "issued", "public", "failed")


class Batch(Model):
    """Awards that one issuer gives together. ``state`` goes planned → running → done; a running
    one may be stopped and continued. ``origin`` is ``sheet``, or the source that was asked."""

    __tablename__ = "certificate_batch"
    __table_args__ = (
        CheckConstraint(f"state IN {STATES}", name="state"),
        Index("ix_certificate_batch_issuer", "issuer_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(32), unique=True)
    issuer_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    issuer_region: Mapped[str] = mapped_column(ForeignKey("region.code"))
    origin: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(160))
    state: Mapped[str] = mapped_column(String(10), default="planned")
    task: Mapped[str] = mapped_column(String(32), default="")
    created_by: Mapped[int]
    created_at: Mapped[datetime]
    begun_by: Mapped[int | None]
    begun_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class BatchLine(Model):
    """One award of a batch and what became of it. A line that is ``ready`` waits for the run, which
    turns it into issued, public (publicity comes first), already or failed in the same unit of
    work as the certificate itself. ``claim`` names the document by which it was public elsewhere;
    ``text`` is the remark of lines from before remarks had codes."""

    __tablename__ = "certificate_batch_line"
    __table_args__ = (
        UniqueConstraint("batch_id", "row"),
        CheckConstraint(f"outcome IN {OUTCOMES}", name="outcome"),
        CheckConstraint("outcome <> 'issued' OR certificate_id IS NOT NULL", name="issued"),
        Index("ix_certificate_batch_line_outcome", "batch_id", "outcome", "row"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("certificate_batch.id"))
    row: Mapped[int]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str] = mapped_column(String(60), default="")
    id_masked: Mapped[str] = mapped_column(String(24), default="")
    kind: Mapped[str] = mapped_column(String(12), default="")
    rung: Mapped[int | None]
    title: Mapped[str] = mapped_column(String(120), default="")
    source: Mapped[str] = mapped_column(String(160), default="")
    facts: Mapped[Json]
    valid_to: Mapped[date | None]
    publish: Mapped[bool] = mapped_column(default=False)
    outcome: Mapped[str] = mapped_column(String(10))
    claim: Mapped[str] = mapped_column(String(80), default="", server_default="")
    column: Mapped[str] = mapped_column(String(20), default="")
    code: Mapped[str] = mapped_column(String(60), default="", server_default="")
    params: Mapped[Json] = mapped_column(default=dict, server_default="{}")
    text: Mapped[str] = mapped_column(String(200), default="")
    certificate_id: Mapped[int | None] = mapped_column(ForeignKey("certificate.id"))
    decided_at: Mapped[datetime | None]

    def note(self, remark: Remark) -> None:
        """Keep what is to be said of the line."""
        self.code, self.params, self.text = remark.code, remark.params, ""

    @property
    def said(self) -> str:
        """What is remarked, in the reader's language."""
        return said(self.code, self.params, self.text)


class BatchClaim(AppendOnly, Model):
    """A second person has checked, or refused, that lines of a batch were public elsewhere, by the
    documents they name; once for each batch."""

    __tablename__ = "certificate_batch_claim"

    batch_id: Mapped[int] = mapped_column(
        ForeignKey("certificate_batch.id"), primary_key=True, autoincrement=False
    )
    approved: Mapped[bool]
    note: Mapped[str] = mapped_column(String(300))
    decided_by: Mapped[int]
    decided_at: Mapped[datetime]
