"""Issue: freeze the facts, take a number, seal, store; once per source."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from sqlalchemy import select, text

from certificates import facts as facts_of
from certificates import numbers, rules
from certificates.badges.places import assign
from certificates.designs.queries import USUAL, Chosen, design_for
from certificates.errors import EvaluatorNotOnFile
from certificates.facts import Holder, Identification, Issuer, IssueRequest
from certificates.log.operations import record as log_events
from certificates.models import Certificate, CertificateEvent
from certificates.paper.fonts import ensure_glyphs
from certificates.paper.render import texts_in
from certificates.renewal.operations import link, with_end
from certificates.sealing import commitment, seal
from lms.core import audit
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import DomainError, NotFound
from lms.core.notify import tell
from lms.core.signing import signer
from lms.core.vault import vault
from lms.people.api import Filing, Identity, filing_on, full_name, identities_of, organisation_facts


@dataclass(frozen=True, slots=True)
class Issued:
    """How the new (or, asked again, the old) certificate is known."""

    certificate_id: int
    code: str
    number: str


def issue(request: IssueRequest, actor: Actor, now: datetime) -> Issued:
    """Issue a certificate; asked again for the same source, return the one that exists.

    Raises:
        EvaluatorNotOnFile: the issuer may not evaluate this rung on the day of issue.
        NoNumberRule, NumbersExhausted: no number can be given. GlyphMissing: the paper could not
        be printed. SourceTaken: the source was
        awarded to somebody else. NotFound: no such person or organisation.
    """
    facts_of.check_request(request)
    _queue_for(request.source)
    issued, is_new = _once(request, actor, now)
    if is_new:
        log_events([issued.certificate_id], now)
    return issued


def issue_each(
    requests: Sequence[IssueRequest], actor: Actor, now: datetime
) -> list[Issued | DomainError]:
    """Issue several, each for itself: one refused takes nothing from the others. All of them
    enter the log together, under one checkpoint."""
    _queue_for(*(request.source for request in requests))
    outcomes: list[Issued | DomainError] = []
    fresh: list[int] = []
    for request in requests:
        try:
            with session().begin_nested():
                facts_of.check_request(request)
                issued, is_new = _once(request, actor, now)
        except DomainError as refusal:
            outcomes.append(refusal)
            continue
        outcomes.append(issued)
        fresh += [issued.certificate_id] if is_new else []
    if fresh:
        log_events(fresh, now)
    return outcomes


def _once(request: IssueRequest, actor: Actor, now: datetime) -> tuple[Issued, bool]:
    """The certificate of this source, and whether it was made just now."""
    known = session().scalar(select(Certificate).where(Certificate.source == request.source))
    if known is not None:
        facts_of.same_award(known, request)
    row = known or _award(request, None, actor, now)
    return Issued(row.id, row.code, row.number), known is None


def issue_in_place_of(
    old: Certificate, request: IssueRequest, actor: Actor, now: datetime
) -> Issued:
    """Issue the certificate that supersedes ``old``."""
    facts_of.check_request(request)
    row = _award(request, old, actor, now)
    log_events([row.id], now)
    return Issued(row.id, row.code, row.number)


def _queue_for(*sources: str) -> None:
    """Let two requests for one source follow each other, so that neither wastes a number. Taken
    in one order and before any other lock, so that nobody waits in a circle.

    SQLite's unit of work already holds the only write lock.
    """
    if session().get_bind().dialect.name == "postgresql":
        for source in sorted(set(sources)):
            session().execute(
                text("SELECT pg_advisory_xact_lock(7201605, hashtext(:s))"), {"s": source}
            )


def _award(
    request: IssueRequest, old: Certificate | None, actor: Actor, now: datetime
) -> Certificate:
    request = request if old else with_end(request)
    issuer, filing = issuer_on(
        request.issuer_id, request.rung, request.issued_on, facts_of.occupation_of(request)
    )
    identity = identities_of([request.person_id], photos=True).get(request.person_id)
    if identity is None:
        raise NotFound
    design = design_for(request.issuer_id, request.kind, request.issued_on)
    # Before a number is taken: what cannot be printed is not issued.
    ensure_glyphs(
        texts_in([identity.name, issuer.name, issuer.filing or "", request.facts, design.words])
    )
    code = rules.new_code()
    # Before the number is claimed: whoever holds a series also holds the trail, so two units of
    # work never wait for each other.
    audit.record(actor, "certificate.issue", "certificate", code, kind=request.kind)
    number, stamp = numbers.next_number(
        request.kind, request.rung, issuer, filing.site if filing else None, request.issued_on
    )
    known_as = Identification(code, number, stamp, old.number if old else None)
    row = sealed_row(request, known_as, identity, issuer, now, design)
    row.supersedes_id = old.id if old else None
    session().add(row)
    session().flush()
    if old is None:
        link(row, now)
    session().add(
        CertificateEvent(certificate_id=row.id, kind="issued", at=now, actor_id=actor.person_id)
    )
    session().flush()
    assign([row.id])
    tell(
        row.person_id,
        "certificate.issued",
        f"certificate:{row.id}:issued",
        f"/certificates/{row.code}",
        title=row.title,
    )
    session().flush()
    return row


def sealed_row(
    request: IssueRequest,
    known_as: Identification,
    identity: Identity,
    issuer: Issuer,
    now: datetime,
    design: Chosen = USUAL,
) -> Certificate:
    """The row of a new certificate, facts frozen and sealed; not yet added to the session."""
    salt = secrets.token_hex(16)
    photo = identity.photo
    holder = Holder(
        identity.name,
        identity.id_masked,
        commitment(salt, identity.id_number),
        sha256(photo).hexdigest() if photo else None,
    )
    sealed = seal(facts_of.build(request, known_as, holder, issuer, design), signer())
    code = known_as.code
    return Certificate(
        code=code,
        number=known_as.number,
        kind=request.kind,
        source=request.source,
        person_id=request.person_id,
        issuer_id=request.issuer_id,
        issuer_region=issuer.region,
        rung=request.rung,
        title=facts_of.title_of(request),
        holder_name=identity.name,
        issued_on=request.issued_on,
        valid_to=request.valid_to,
        facts=sealed.text,
        digest=sealed.digest,
        key_id=sealed.key_id,
        seal=sealed.signature,
        secrets_sealed=vault().seal(f"{salt}\n{identity.id_number}", secrets_place(code)),
        photo_sealed=vault().seal(photo, photo_place(code)) if photo else None,
        status="valid",
        created_at=now,
    )


def secrets_place(code: str) -> str:
    """The vault place of a certificate's salt and id number."""
    return f"certificate.secrets:{code}"


def photo_place(code: str) -> str:
    """The vault place of a certificate's photo."""
    return f"certificate.photo:{code}"


def issuer_on(
    organisation_id: int, rung: int | None, day: date, occupation: str = facts_of.OCCUPATION[0]
) -> tuple[Issuer, Filing | None]:
    """The issuer as the facts name it, with the filing that covers ``rung`` on ``day``.

    Raises:
        EvaluatorNotOnFile: a rung is given and no filing covers it. NotFound: no such body.
    """
    organisation = organisation_facts(organisation_id)
    if organisation is None:
        raise NotFound
    filing = None
    if rung is not None:
        filing = filing_on(organisation_id, rung, day, occupation)
        if filing is None:
            raise EvaluatorNotOnFile
    issuer = Issuer(
        organisation.organisation_id,
        organisation.name,
        organisation.credit_code,
        organisation.region,
        full_name(organisation.region),
        filing.number if filing else None,
        filing.category if filing else None,
    )
    return issuer, filing
