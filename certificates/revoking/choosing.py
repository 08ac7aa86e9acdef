"""Which certificates are meant: by list, issuer, exam, batch, source, key, kind,
period."""

import re
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, String, and_, cast, false, literal, or_, select
from sqlalchemy.orm import aliased

from certificates import rules
from certificates.batches.papers import issued_by
from certificates.batches.sources import source_of
from certificates.models import Certificate
from certificates.policy import visible_to
from lms.core.access import Actor
from lms.core.db import Json, session

MOST = 20_000
EXAMS = "exams"
_SEPARATORS = re.compile(r"[\s,;，；、]+")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is meant; empty values narrow nothing, all empty choose nothing."""

    numbers: tuple[str, ...] = ()
    issuer_id: int | None = None
    source: str = ""
    key_id: str = ""
    kind: str = ""
    since: date | None = None
    until: date | None = None
    event_id: int | None = None
    batch_id: int | None = None

    def as_json(self) -> Json:
        """As it is written down with the proposal."""
        days = {"since": self.since, "until": self.until}
        told = {name: day.isoformat() if day else None for name, day in days.items()}
        return asdict(self) | {"numbers": list(self.numbers)} | told


def numbers_in(text: str) -> tuple[str, ...]:
    """The certificate numbers in what was typed or pasted, each once."""
    found = (rules.normal_number(part) for part in _SEPARATORS.split(text) if part)
    return tuple(dict.fromkeys(number for number in found if number))[:MOST]


def meant(chosen: Chosen, actor: Actor) -> list[int]:
    """The ids of certificates in the actor's scope that are meant and can be revoked, in order; up
    to one more than ``MOST``."""
    query = (
        select(Certificate.id)
        .where(
            visible_to(actor),
            Certificate.status.in_(("valid", "suspended")),
            _condition(chosen),
        )
        .order_by(Certificate.id)
        .limit(MOST + 1)
    )
    return list(session().scalars(query))


def _condition(chosen: Chosen) -> ColumnElement[bool]:
    parts: list[ColumnElement[bool]] = []
    if chosen.numbers:
        parts.append(Certificate.number.in_(chosen.numbers))
    if chosen.issuer_id is not None:
        parts.append(Certificate.issuer_id == chosen.issuer_id)
    if chosen.source:
        parts.append(Certificate.source.startswith(chosen.source, autoescape=True))
    if chosen.key_id:
        parts.append(Certificate.key_id == chosen.key_id)
    if chosen.kind:
        parts.append(Certificate.kind == chosen.kind)
    if chosen.since is not None:
        parts.append(Certificate.issued_on >= chosen.since)
    if chosen.until is not None:
        parts.append(Certificate.issued_on <= chosen.until)
    if chosen.event_id is not None:
        exams = source_of(EXAMS)
        parts.append(_from(exams.issued(chosen.event_id)) if exams else false())
    if chosen.batch_id is not None:
        parts.append(_from(issued_by(chosen.batch_id)))
    return and_(*parts) if parts else false()


def _from(sources: Select[tuple[str]]) -> ColumnElement[bool]:
    """Issued for one of these sources, or put in such a certificate's place by a correction."""
    old = aliased(Certificate)
    place = literal("certificate:").concat(cast(old.id, String)).concat(literal(":corrected"))
    corrected = select(place).where(old.source.in_(sources))
    return or_(Certificate.source.in_(sources), Certificate.source.in_(corrected))
