"""Rules as data: versioned, effective-dated values with their source.

A version is never edited: a new one begins on its date, and a decision records the version it
used (``RuleVersion.stamp``). ``recorded_at`` lets a verdict be asked "as known at" a moment.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import Select, String, UniqueConstraint, bindparam, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from lms.core import clock
from lms.core.access import SYSTEM, Actor
from lms.core.db import AppendOnly, Json, Model, session
from lms.core.errors import Invalid


class RuleRow(AppendOnly, Model):
    """One version of one rule; (code, version) is unique and the row never changes."""

    __tablename__ = "rule_row"
    __table_args__ = (UniqueConstraint("code", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(80))
    version: Mapped[int]
    effective_from: Mapped[date]
    value: Mapped[Json]
    source: Mapped[str] = mapped_column(String(400))
    confirmed: Mapped[bool] = mapped_column(default=False)
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int]


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """A rule as it stands on a day."""

    code: str
    version: int
    effective_from: date
    value: dict[str, Any]
    source: str
    confirmed: bool

    @property
    def stamp(self) -> str:
        """What a decision writes down, e.g. ``compliance.central@2``."""
        return f"{self.code}@{self.version}"


class RuleMissing(LookupError):
    """No version of the rule is in force on that day."""


def rule_on(code: str, on: date, as_known_at: datetime | None = None) -> RuleVersion:
    """Return the version of ``code`` in force on ``on`` (as recorded by ``as_known_at``).

    Raises:
        RuleMissing: when none is.
    """
    query = select(RuleRow).where(RuleRow.code == code, RuleRow.effective_from <= on)
    if as_known_at is not None:
        query = query.where(RuleRow.recorded_at <= as_known_at)
    row = session().scalar(
        query.order_by(RuleRow.effective_from.desc(), RuleRow.version.desc()).limit(1)
    )
    if row is None:
        raise RuleMissing(f"no version of rule {code} is in force on {on}")
    return version_of(row)


def versions_until(codes: Collection[str]) -> Select[Any]:
    """Rows of ``RuleVersion`` of these rules that began by the parameter ``day``, the newest last;
    for lanes that give statements straight to the driver."""
    return (
        select(RuleRow)
        .with_only_columns(
            RuleRow.code, RuleRow.version, RuleRow.effective_from, RuleRow.value,
            RuleRow.source, RuleRow.confirmed,
        )
        .where(
            or_(*(RuleRow.code == code for code in codes)),
            RuleRow.effective_from <= bindparam("day"),
        )
        .order_by(RuleRow.effective_from, RuleRow.version)
    )  # fmt: skip


def rule_versions(code: str) -> list[RuleVersion]:
    """Every version of a rule, oldest first."""
    query = select(RuleRow).where(RuleRow.code == code).order_by(RuleRow.version)
    return [version_of(row) for row in session().scalars(query)]


def hold(code: str) -> None:
    """Let two units of work that look at the versions of one rule follow each other."""
    query = select(RuleRow.id).where(RuleRow.code == code).order_by(RuleRow.version)
    session().execute(query.limit(1).with_for_update())


def add_version(
    actor: Actor,
    code: str,
    value: Json,
    effective_from: date,
    source: str,
    confirmed: bool = False,
) -> RuleVersion:
    """Append the next version of a rule. Raises Invalid without a source."""
    if not source.strip():
        raise Invalid(f"rule {code} needs a source")
    known = rule_versions(code)
    row = RuleRow(
        code=code,
        version=len(known) + 1,
        effective_from=effective_from,
        value=value,
        source=source,
        confirmed=confirmed,
        recorded_at=clock.now(),
        recorded_by=actor.person_id,
    )
    session().add(row)
    session().flush()
    return version_of(row)


def load_starter_rules(folder: Path) -> int:
    """Record version 1 of every rule in ``folder`` (``*.yaml``) not yet in the database.

    A file maps rule code to ``{effective_from, source, confirmed, value}``. Starter rules count
    as known since their effective date. Returns how many were added.
    """
    known = set(session().scalars(select(RuleRow.code)))
    added = 0
    for path in sorted(folder.glob("*.yaml")):
        for code, entry in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            if code in known:
                continue
            session().add(
                RuleRow(
                    code=code,
                    version=1,
                    effective_from=entry["effective_from"],
                    value=entry["value"],
                    source=entry["source"],
                    confirmed=bool(entry.get("confirmed", False)),
                    recorded_at=clock.start_of(entry["effective_from"]),
                    recorded_by=SYSTEM.person_id,
                )
            )
            added += 1
    session().flush()
    return added


def version_of(row: RuleRow) -> RuleVersion:
    """A row as a version."""
    return RuleVersion(
        row.code, row.version, row.effective_from, row.value, row.source, row.confirmed
    )
