"""Life after issue: revoke, suspend, reinstate, correct, reprint. Callers commit."""

import json
from datetime import date, datetime

from sqlalchemy import select, update

from certificates import rules
from certificates.errors import GroundLost, NotPossibleNow, ReasonNeeded
from certificates.facts import IssueRequest
from certificates.grounds.queries import open_grounds
from certificates.issuing import Issued, issue_in_place_of
from certificates.log.operations import record as log_events
from certificates.models import Certificate, CertificateEvent
from lms.core import audit, clock
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import NotFound
from lms.core.notify import tell

_PROJECTED = {
    "suspended": "suspended",
    "reinstated": "valid",
    "revoked": "revoked",
    "corrected": "corrected",
}
_ACTIONS = {
    "suspended": "certificate.suspend",
    "reinstated": "certificate.reinstate",
    "revoked": "certificate.revoke",
    "corrected": "certificate.correct",
    "reprinted": "certificate.reprint",
}


def revoke(certificate_id: int, reason: str, actor: Actor, now: datetime) -> None:
    """Revoke for good. Raises ReasonNeeded, or NotPossibleNow when it is revoked already."""
    step("revoked", certificate_id, reason, actor, now)


def suspend(certificate_id: int, reason: str, actor: Actor, now: datetime) -> None:
    """Suspend until reinstated. Raises ReasonNeeded or NotPossibleNow."""
    step("suspended", certificate_id, reason, actor, now)


def reinstate(certificate_id: int, reason: str, actor: Actor, now: datetime) -> None:
    """End a suspension. Raises ReasonNeeded, NotPossibleNow, or GroundLost while what the
    certificate was issued from does not count."""
    if open_grounds(held(certificate_id).id):
        raise GroundLost
    step("reinstated", certificate_id, reason, actor, now)


def reprint(certificate_id: int, reason: str, actor: Actor, now: datetime) -> None:
    """Note that the paper, with the full id number, is printed once more; number unchanged."""
    step("reprinted", certificate_id, reason, actor, now)


def correct(certificate_id: int, reason: str, actor: Actor, now: datetime) -> Issued:
    """Replace a certificate by one with the holder's name, id and photo as registered today.

    The old one stays, says it was corrected and points to the new one; the day of issue and
    everything awarded are kept. Raises ReasonNeeded, NotPossibleNow or EvaluatorNotOnFile.
    """
    old = step("corrected", certificate_id, reason, actor, now)
    facts = json.loads(old.facts)
    request = IssueRequest(
        source=f"certificate:{old.id}:corrected",
        kind=old.kind,
        person_id=old.person_id,
        issuer_id=old.issuer_id,
        rung=old.rung,
        facts=facts["details"],
        issued_on=old.issued_on,
        valid_to=old.valid_to,
    )
    return issue_in_place_of(old, request, actor, now)


def standing_of(row: Certificate, on: date) -> rules.Standing:
    """The standing folded from the events of ``row``."""
    events = [rules.EventFact(e.kind, e.at, e.reason) for e in row.events]
    return rules.fold(events, row.valid_to, on)


def step(kind: str, certificate_id: int, reason: str, actor: Actor, now: datetime) -> Certificate:
    """Write one event with all that follows from it: status, trail, notice, log."""
    reason = " ".join(reason.split())
    if len(reason) < rules.SHORTEST_REASON:
        raise ReasonNeeded
    row = held(certificate_id)
    if not rules.allowed(kind, standing_of(row, clock.local_date(now)).status):
        raise NotPossibleNow
    row.events.append(
        CertificateEvent(kind=kind, at=now, actor_id=actor.person_id, reason=reason[:300])
    )
    if kind in _PROJECTED:
        session().execute(
            update(Certificate)
            .where(Certificate.id == row.id)
            .values(status=_PROJECTED[kind])
            .execution_options(synchronize_session="fetch")
        )
    audit.record(actor, _ACTIONS[kind], "certificate", row.id, reason=reason[:300])
    if kind in _PROJECTED:
        key = f"certificate:{row.id}:{kind}:{len(row.events)}"
        tell(
            row.person_id, f"certificate.{kind}", key, f"/certificates/{row.code}", title=row.title
        )
    session().flush()
    log_events([row.id], now)
    return row


def held(certificate_id: int) -> Certificate:
    """The row, held until commit, with its events read afresh."""
    query = select(Certificate).where(Certificate.id == certificate_id).with_for_update()
    row = session().scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise NotFound
    session().expire(row, ["events"])
    return row
