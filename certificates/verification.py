"""What anyone may know of a certificate: its status today and the facts to compare with paper.

Everything is read from the sealed facts and the events; the searchable columns and the projected
status are believed only as far as they agree with them.
"""

import hmac
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import undefer

from certificates import rules
from certificates.facts import fits_row
from certificates.issuing import secrets_place
from certificates.keeping.doubts import is_doubtful
from certificates.log.leaves import Happened
from certificates.log.queries import Logged, Proof, logged
from certificates.models import Certificate, CertificateEvent
from certificates.rules import EventFact, Fault, Status
from certificates.sealing import Sealed, open_facts
from certificates.transcript import Transcript, read_transcript
from lms.core import clock
from lms.core.db import Json, session
from lms.core.signing import ring
from lms.core.vault import VaultError, vault
from lms.people.api import mask_name

_SHOWN_OF_ID = 6  # the region; the last four digits are what a holder is asked for


@dataclass(frozen=True, slots=True)
class Shown:
    """The frozen facts a reader may see, name and id number masked."""

    code: str
    number: str
    kind: str
    title: str
    subject: str
    level: str | None
    occupation: str | None
    speciality: str | None
    holder: str
    id_kind: str
    id_masked: str
    issuer: str
    issuer_region: str
    credit_code: str
    filing: str | None
    issued_on: date
    valid_to: date | None
    has_photo: bool
    digest: str
    key_id: str
    transcript: Transcript | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to a check. ``shown`` is None for what does not exist or was damaged, and
    ``fault`` says what was."""

    status: Status
    as_of: datetime
    code: str | None = None
    since: datetime | None = None
    shown: Shown | None = None
    certificate_id: int | None = None
    person_id: int | None = None
    replaced_by: str | None = None
    events: tuple[EventFact, ...] = ()
    proof: Proof | None = None
    fault: Fault | None = None

    def valid_on(self, day: date) -> bool:
        """Was it valid for the whole of ``day``?"""
        if self.shown is None or self.status is Status.DOUBTFUL:
            return False
        return was_valid(self.events, (self.shown.issued_on, self.shown.valid_to), day)


def was_valid(events: Sequence[EventFact], period: tuple[date, date | None], day: date) -> bool:
    """Was a certificate with these events and this period valid for the whole of ``day``?"""
    ends = clock.start_of(day + timedelta(days=1))
    return rules.valid_throughout(events, period, (day, clock.start_of(day), ends))


def verify(typed: str, now: datetime) -> Verdict:
    """Check the certificate with this code against its seal and the register's log; five
    statements, six for a corrected one or one whose key was stolen."""
    code = rules.normal_code(typed)
    if code is None:
        return Verdict(Status.ABSENT, now)
    row = session().scalar(select(Certificate).where(Certificate.code == code))
    if row is None:
        return Verdict(Status.ABSENT, now)
    facts = trusted_facts(row)
    if facts is None:
        return Verdict(Status.DAMAGED, now, code, certificate_id=row.id, fault=_fault_of(row))
    events, in_log = _events_in_log(row)
    if not in_log.intact:
        return Verdict(Status.DAMAGED, now, code, certificate_id=row.id, fault=Fault.LOG)
    standing = rules.fold(events, row.valid_to, clock.local_date(now))
    if standing.status in rules.UNHARMED and is_doubtful(row.key_id, row.id):
        standing = rules.Standing(Status.DOUBTFUL)
    return Verdict(
        standing.status,
        now,
        code,
        standing.since,
        _shown(facts, row),
        row.id,
        row.person_id,
        _successor(row.id) if standing.status is Status.CORRECTED else None,
        events,
        in_log.proof,
    )


def _events_in_log(row: Certificate) -> tuple[tuple[EventFact, ...], Logged]:
    """What happened to a certificate, oldest first, and whether the log says the same."""
    query = (
        select(
            CertificateEvent.kind,
            CertificateEvent.at,
            CertificateEvent.reason,
            CertificateEvent.actor_id,
        )
        .where(CertificateEvent.certificate_id == row.id)
        .order_by(CertificateEvent.id)
    )
    found = session().execute(query).all()
    happened = [
        Happened(row.digest, nth, event.kind, event.at, event.actor_id, event.reason)
        for nth, event in enumerate(found, start=1)
    ]
    events = tuple(EventFact(event.kind, event.at, event.reason) for event in found)
    return events, logged(row.id, happened)


def _fault_of(row: Certificate) -> Fault:
    sealed = open_facts(Sealed(row.facts, row.digest, row.key_id, row.seal), ring())
    return Fault.SEAL if sealed is None else Fault.REGISTER


def trusted_facts(row: Certificate) -> Json | None:
    """The sealed facts of ``row``, or None if anything about it was altered."""
    facts = open_facts(Sealed(row.facts, row.digest, row.key_id, row.seal), ring())
    return facts if facts is not None and fits_row(facts, row) else None


def code_for(typed_number: str, holder: str) -> str | None:
    """The code of the certificate with this number, if its holder is named rightly too.

    A number alone can be guessed, so it opens nothing. Wrong number and wrong holder take the
    same steps and give the same answer.
    """
    row = _with_secrets(Certificate.number == rules.normal_number(typed_number))
    right = is_holder(row, holder)
    return row.code if row is not None and right else None


def ids_of(codes: Iterable[str]) -> dict[str, int]:
    """The ids of the certificates with these codes; one statement."""
    query = select(Certificate.code, Certificate.id).where(Certificate.code.in_(sorted(codes)))
    return {row.code: row.id for row in session().execute(query)}


def number_of(code: str) -> str | None:
    """The number of the certificate with this code."""
    return session().scalar(select(Certificate.number).where(Certificate.code == code))


def confirms_holder(code: str, typed: str) -> bool:
    """True if ``typed`` is the holder's name or the last four characters of her id number."""
    return is_holder(_with_secrets(Certificate.code == code), typed)


def _with_secrets(condition: ColumnElement[bool]) -> Certificate | None:
    query = select(Certificate).where(condition).options(undefer(Certificate.secrets_sealed))
    return session().scalar(query)


def is_holder(row: Certificate | None, typed: str) -> bool:
    """True if ``typed`` is the holder's name or ends her id number; the same steps for no row."""
    name, last_four = ("", "") if row is None else (row.holder_name, _last_four(row))
    said = plain(typed)
    by_name = hmac.compare_digest(said.encode(), plain(name).encode())
    by_id = hmac.compare_digest(said.encode(), last_four.encode())
    return row is not None and (by_name or by_id)


def _last_four(row: Certificate) -> str:
    try:
        return vault().open_text(row.secrets_sealed, secrets_place(row.code))[-4:]
    except VaultError:
        return "\0"


def plain(text: str) -> str:
    """A name or number as compared: composed, capital, without blanks; all middle dots alike."""
    folded = unicodedata.normalize("NFKC", text).upper()
    return "".join("·" if char in "·•‧・．." else char for char in folded if not char.isspace())


def hidden_id(id_masked: str) -> str:
    """Of an id number that is masked already, only its region."""
    return id_masked[:_SHOWN_OF_ID] + "*" * (len(id_masked) - _SHOWN_OF_ID)


def _successor(certificate_id: int) -> str | None:
    return session().scalar(
        select(Certificate.number).where(Certificate.supersedes_id == certificate_id)
    )


def _shown(facts: Json, row: Certificate) -> Shown:
    award = facts["award"] or {}
    return Shown(
        code=facts["code"],
        number=facts["number"],
        kind=facts["kind"],
        title=facts["title"],
        subject=facts["subject"],
        level=award.get("grade"),
        occupation=award.get("occupation"),
        speciality=award.get("speciality"),
        holder=mask_name(facts["holder"]["name"]),
        id_kind=facts["holder"]["id_kind"],
        id_masked=hidden_id(facts["holder"]["id_masked"]),
        issuer=facts["issuer"]["name"],
        issuer_region=facts["issuer"]["region_name"],
        credit_code=facts["issuer"]["credit_code"],
        filing=facts["issuer"]["filing"],
        issued_on=row.issued_on,
        valid_to=row.valid_to,
        has_photo=facts["holder"]["photo"] is not None,
        digest=row.digest,
        key_id=row.key_id,
        transcript=read_transcript(facts["details"]) if facts["kind"] == "ce" else None,
    )
