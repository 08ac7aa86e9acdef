"""Tables of regions, organisations, persons, employment and roles."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.core.access import Role
from lms.core.db import AppendOnly, Model

ORGANISATION_KINDS = ("home", "base", "evaluator", "authority")


class Region(Model):
    """An administrative region (GB/T 2260); a code begins with its parent's code."""

    __tablename__ = "region"

    code: Mapped[str] = mapped_column(String(6), primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    parent: Mapped[str | None] = mapped_column(ForeignKey("region.code"))


class Organisation(Model):
    """A home, training base, evaluator or authority, known by its unified social credit code."""

    __tablename__ = "organisation"
    __table_args__ = (
        CheckConstraint(f"kind IN {ORGANISATION_KINDS}", name="kind"),
        Index("ix_organisation_region_kind", "region", "kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    credit_code: Mapped[str] = mapped_column(String(18), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(12))
    region: Mapped[str] = mapped_column(ForeignKey("region.code"))
    address: Mapped[str] = mapped_column(String(200), default="")
    beds: Mapped[int] = mapped_column(default=0)
    residents: Mapped[int] = mapped_column(default=0)
    for_destitute: Mapped[bool] = mapped_column(default=False)
    closed_on: Mapped[date | None]
    created_at: Mapped[datetime]


class EvaluatorFiling(Model):
    """The filing (备案) that lets an organisation evaluate: category, rungs and dates."""

    __tablename__ = "evaluator_filing"
    __table_args__ = (CheckConstraint("category IN ('S', 'Y')", name="category"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    category: Mapped[str] = mapped_column(String(1))
    site: Mapped[str] = mapped_column(String(6))
    occupation: Mapped[str] = mapped_column(String(20))
    highest_rung: Mapped[int]
    valid_from: Mapped[date]
    valid_to: Mapped[date]


class Person(Model):
    """A human being, one row for life; the id number is unique by its keyed hash."""

    __tablename__ = "person"
    __table_args__ = (UniqueConstraint("id_hash"), Index("ix_person_name", "name"))

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    id_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    id_hash: Mapped[str] = mapped_column(String(64))
    id_masked: Mapped[str] = mapped_column(String(18))
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    phone_masked: Mapped[str] = mapped_column(String(11), default="")
    born_on: Mapped[date]
    sex: Mapped[str] = mapped_column(String(1))
    created_at: Mapped[datetime]

    account: Mapped["Account | None"] = relationship(back_populates="person")


class PersonPhoto(Model):
    """The portrait used on certificates, encrypted; a person has at most one current photo."""

    __tablename__ = "person_photo"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    media_type: Mapped[str] = mapped_column(String(20))
    updated_at: Mapped[datetime]


class EmploymentSpell(Model):
    """What was known, from ``recorded_at`` until ``superseded_at``, of one stay with one employer.

    A correction closes the old statement and adds a new one with the same ``spell`` key, so the
    past can be asked as it was known. At most one statement of a spell is current.
    """

    __tablename__ = "employment_spell"
    __table_args__ = (
        CheckConstraint("ended_on IS NULL OR ended_on >= started_on", name="dates"),
        Index(
            "uq_employment_spell_current",
            "spell",
            unique=True,
            sqlite_where=sql("superseded_at IS NULL"),
            postgresql_where=sql("superseded_at IS NULL"),
        ),
        Index("ix_employment_spell_organisation", "organisation_id", "superseded_at", "ended_on"),
        Index("ix_employment_spell_person", "person_id", "superseded_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    spell: Mapped[str] = mapped_column(String(32))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    post: Mapped[str] = mapped_column(String(30))
    started_on: Mapped[date]
    ended_on: Mapped[date | None]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int]
    superseded_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()
    organisation: Mapped[Organisation] = relationship()


class LevelClaim(AppendOnly, Model):
    """A skill level a person is said to hold (roster, older paper); not one of our certificates."""

    __tablename__ = "level_claim"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    rung: Mapped[int]
    source: Mapped[str] = mapped_column(String(60))
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int]


class RoleGrant(Model):
    """A role within a scope and dates; ended by ``revoked_at``, never deleted."""

    __tablename__ = "role_grant"
    __table_args__ = (
        CheckConstraint(f"role IN {tuple(str(r) for r in Role)}", name="role"),
        Index("ix_role_grant_person", "person_id", "revoked_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str] = mapped_column(String(12))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    region: Mapped[str | None] = mapped_column(ForeignKey("region.code"))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    granted_at: Mapped[datetime]
    granted_by: Mapped[int]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[int | None]


class Account(Model):
    """How a person signs in; ``status`` goes waiting → active ⇄ disabled."""

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint("status IN ('waiting', 'active', 'disabled')", name="status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), unique=True)
    login: Mapped[str | None] = mapped_column(String(40), unique=True)
    password_hash: Mapped[str] = mapped_column(String(160), default="")
    status: Mapped[str] = mapped_column(String(8), default="waiting")
    totp_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp_confirmed_at: Mapped[datetime | None]
    totp_last_step: Mapped[int] = mapped_column(default=0)
    elder: Mapped[bool] = mapped_column(default=False)
    text_size: Mapped[int] = mapped_column(default=22)
    locale: Mapped[str | None] = mapped_column(String(5))
    created_at: Mapped[datetime]

    person: Mapped[Person] = relationship(back_populates="account")


class SignIn(Model):
    """A server-side session; the cookie holds a secret of which only the hash is kept."""

    __tablename__ = "sign_in"
    __table_args__ = (Index("ix_sign_in_account", "account_id", "ended_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    second_factor_at: Mapped[datetime | None]
    device: Mapped[str] = mapped_column(String(120), default="")
    ended_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship()


class ActivationSlip(Model):
    """A one-time code that HR prints; only its hash is kept, and it opens one account once."""

    __tablename__ = "activation_slip"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    issued_at: Mapped[datetime]
    issued_by: Mapped[int]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class RecoveryCode(Model):
    """A spare second factor, kept as a keyed hash; ``used_at`` is set once."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    used_at: Mapped[datetime | None]


class SignInThrottle(Model):
    """Failed tries against one account, or against a name nobody has: both are counted alike,
    so a lockout says nothing about who is known here."""

    __tablename__ = "sign_in_throttle"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    updated_at: Mapped[datetime] = mapped_column(index=True)


class Reveal(AppendOnly, Model):
    """Somebody looked at a person's full id number or phone, and said why."""

    __tablename__ = "reveal"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    field: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(200))
    actor_id: Mapped[int]
    at: Mapped[datetime]
