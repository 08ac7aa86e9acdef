"""Tables of the log. Nothing in them is ever changed; a checkpoint signs all that came before."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.db import AppendOnly, Model


class LogLeaf(AppendOnly, Model):
    """One event of one certificate, in its place for ever; ``data`` is what is hashed."""

    __tablename__ = "log_leaf"
    __table_args__ = (CheckConstraint("place >= 0", name="place"),)

    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    event_id: Mapped[int] = mapped_column(ForeignKey("certificate_event.id"), unique=True)
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"), index=True)
    data: Mapped[str] = mapped_column(Text)


class LogNode(AppendOnly, Model):
    """The hash of one complete subtree: over the leaves from ``place << level``, ``1 << level``
    of them. Level 0 are the leaves."""

    __tablename__ = "log_node"

    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)


class LogCheckpoint(AppendOnly, Model):
    """A size of the tree with its root, signed; each size is signed once."""

    __tablename__ = "log_checkpoint"

    size: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    origin: Mapped[str] = mapped_column(String(200))
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    note: Mapped[str] = mapped_column(Text)
    signed_at: Mapped[datetime]


class LogSuccession(AppendOnly, Model):
    """A key of the log names the one that follows it, once, in a note that it signed; witnesses
    who know the old key learn the new one by it."""

    __tablename__ = "log_succession"

    old_kid: Mapped[str] = mapped_column(String(16), primary_key=True)
    new_kid: Mapped[str] = mapped_column(String(16), unique=True)
    note: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
