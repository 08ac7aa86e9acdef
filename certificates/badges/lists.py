"""Status lists: who of an issuer's holders is revoked, suspended or corrected, told to nobody."""

from collections import defaultdict
from datetime import datetime, timedelta

from sqlalchemy import select

from certificates import rules
from certificates.badges import contexts
from certificates.badges.addresses import issuer_did, list_url
from certificates.badges.bitstring import encode
from certificates.badges.models import BadgePlace
from certificates.models import Certificate, CertificateEvent
from certificates.rules import EventFact, Status
from lms.core.db import Json, session

#: purpose -> the standings whose bit is set; a corrected certificate is withdrawn like a revoked
#: one, and the message says that a newer one took its place
PURPOSES = {
    "revocation": frozenset({Status.REVOKED, Status.CORRECTED}),
    "suspension": frozenset({Status.SUSPENDED}),
    "message": frozenset({Status.CORRECTED}),
}
MESSAGES = {"0x0": "未更正", "0x1": "已更正，请以新证书为准"}
TTL = timedelta(minutes=5)  # how long a reader may keep a list without asking again
LASTS = timedelta(hours=1)  # after this an old list proves nothing


def places_set(organisation_id: int, number: int, purpose: str) -> list[int] | None:
    """The places to be set; None if the issuer has nothing in a list of this number.

    Read from the events, not from the projected status; two statements.
    """
    of_issuer = (Certificate.issuer_id == organisation_id, BadgePlace.list_number == number)
    joined = BadgePlace.certificate_id == Certificate.id
    if (
        session().scalar(
            select(BadgePlace.place).join(Certificate, joined).where(*of_issuer).limit(1)
        )
        is None
    ):
        return None
    query = (
        select(BadgePlace.place, CertificateEvent.kind, CertificateEvent.at)
        .join(Certificate, joined)
        .join(CertificateEvent, CertificateEvent.certificate_id == Certificate.id)
        .where(*of_issuer, CertificateEvent.kind != "issued")
        .order_by(CertificateEvent.id)
    )
    events: dict[int, list[EventFact]] = defaultdict(list)
    for place, kind, at in session().execute(query):
        events[place].append(EventFact(kind, at))
    return [place for place, happened in events.items() if _standing(happened) in PURPOSES[purpose]]


def _standing(events: list[EventFact]) -> Status:
    return rules.fold(events, None, events[0].at.date()).status


def document(
    base_url: str, organisation_id: int, purpose: str, number: int, places: list[int], now: datetime
) -> Json:
    """The list as a credential, not yet signed."""
    url = list_url(base_url, organisation_id, purpose, number)
    return {
        "@context": [contexts.CREDENTIALS],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer_did(base_url, organisation_id),
        "validFrom": instant(now),
        "validUntil": instant(now + LASTS),
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": purpose,
            "ttl": int(TTL.total_seconds() * 1000),
            "encodedList": encode(places),
        },
    }


def instant(moment: datetime) -> str:
    """A moment as credentials write it, in whole seconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
