"""Tables of publicity: lists, the people on them, objections and what was decided."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.db import AppendOnly, Json, Model

STATES = ("public", "issued", "barred", "withdrawn")


class PublicityList(AppendOnly, Model):
    """Those of one group who became eligible on one day; public from then until ``ends_on``,
    which is the last of ``days`` working days."""

    __tablename__ = "publicity_list"
    __table_args__ = (
        UniqueConstraint("issuer_id", "group_key", "opened_on"),
        CheckConstraint("days > 0", name="days"),
        Index("ix_publicity_list_ends", "ends_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(24), unique=True)
    issuer_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    issuer_region: Mapped[str] = mapped_column(ForeignKey("region.code"))
    group_key: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(120))
    opened_on: Mapped[date]
    days: Mapped[int]
    ends_on: Mapped[date]
    rule_stamp: Mapped[str] = mapped_column(String(90))
    created_at: Mapped[datetime]


class PublicityEntry(Model):
    """A person on a list with the award she is to receive, once per source. ``state`` goes from
    public to issued, barred (an objection was upheld) or withdrawn (the award fell away)."""

    __tablename__ = "publicity_entry"
    __table_args__ = (
        CheckConstraint(f"state IN {STATES}", name="state"),
        CheckConstraint("(state = 'issued') = (certificate_id IS NOT NULL)", name="issued"),
        Index("ix_publicity_entry_list", "list_id"),
        Index("ix_publicity_entry_person", "person_id", "state"),
        Index("ix_publicity_entry_state", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("publicity_list.id"))
    source: Mapped[str] = mapped_column(String(160), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(12))
    rung: Mapped[int | None]
    title: Mapped[str] = mapped_column(String(120))
    holder_name: Mapped[str] = mapped_column(String(60))
    id_masked: Mapped[str] = mapped_column(String(24))
    facts: Mapped[Json]
    valid_to: Mapped[date | None]
    state: Mapped[str] = mapped_column(String(10), default="public")
    certificate_id: Mapped[int | None] = mapped_column(ForeignKey("certificate.id"), unique=True)
    note: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class Objection(AppendOnly, Model):
    """Somebody says why a person should not receive the certificate; it stops that one only."""

    __tablename__ = "publicity_objection"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("publicity_entry.id"), index=True)
    text: Mapped[str] = mapped_column(String(1000))
    contact_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    made_at: Mapped[datetime]


class ObjectionFinding(AppendOnly, Model):
    """What the first person found and proposes; the newest of an objection counts."""

    __tablename__ = "objection_finding"
    __table_args__ = (CheckConstraint("outcome IN ('dismissed', 'upheld')", name="outcome"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    objection_id: Mapped[int] = mapped_column(ForeignKey("publicity_objection.id"), index=True)
    outcome: Mapped[str] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(String(400))
    found_by: Mapped[int]
    found_at: Mapped[datetime]


class ObjectionDecision(AppendOnly, Model):
    """A second person agrees with a finding: the objection is decided, once."""

    __tablename__ = "objection_decision"
    __table_args__ = (CheckConstraint("outcome IN ('dismissed', 'upheld')", name="outcome"),)

    objection_id: Mapped[int] = mapped_column(
        ForeignKey("publicity_objection.id"), primary_key=True
    )
    finding_id: Mapped[int] = mapped_column(ForeignKey("objection_finding.id"))
    outcome: Mapped[str] = mapped_column(String(10))
    decided_by: Mapped[int]
    decided_at: Mapped[datetime]
