"""Signed credentials of stored certificates, made when asked for, from the sealed facts only."""

from collections.abc import Callable
from datetime import datetime
from typing import Literal

from flask import current_app
from sqlalchemy import select

from certificates.badges import integrity, jose, lists
from certificates.badges.addresses import issuer_did
from certificates.badges.credential import credential
from certificates.badges.kept import newest_event, shelf
from certificates.badges.keys import sign_named
from certificates.badges.places import assign, places_of
from certificates.errors import Damaged, NotPossibleNow
from certificates.keeping.doubts import is_doubtful
from certificates.models import Certificate
from certificates.verification import trusted_facts
from lms.core import clock
from lms.core.config import Settings
from lms.core.db import Json, session
from lms.core.errors import NotFound
from lms.core.signing import canonical

#: Data Integrity (a JSON document) or JWT
Form = Literal["vc", "jwt"]


def base_url() -> str:
    """The address under which this site is known."""
    settings: Settings = current_app.extensions["settings"]
    return settings.base_url


def badge(certificate_id: int, form: Form, named: bool) -> bytes:
    """The credential of a certificate; whatever its status, which the lists say.

    A certificate that was never given a place in the lists gets it now; callers commit.

    Raises:
        Damaged: what is stored does not fit its seal. NotFound: there is no such certificate.
        NotPossibleNow: a stolen key may have sealed it; no good key vouches for that.
    """
    document = unsigned(certificate_id, named)
    row = session().get_one(Certificate, certificate_id)
    if is_doubtful(row.key_id, row.id):
        raise NotPossibleNow
    return signed(document, document["issuer"]["id"], form, clock.now())


def unsigned(certificate_id: int, named: bool) -> Json:
    """The same before it is signed; see ``badge``."""
    row = session().scalar(select(Certificate).where(Certificate.id == certificate_id))
    if row is None:
        raise NotFound
    facts = trusted_facts(row)
    if facts is None:
        raise Damaged
    place = places_of([row.id]).get(row.id)
    if place is None:
        assign([row.id])
        place = places_of([row.id])[row.id]
    return credential(facts, place, base_url(), named)


def status_list(organisation_id: int, purpose: str, number: int, form: Form) -> bytes:
    """A status list as it stands. Raises NotFound when the issuer has nothing in it.

    One statement while nothing happens, three after an event and once a minute.
    """
    now, newest = clock.now(), newest_event()
    asked = (organisation_id, purpose, number, form)
    kept = shelf().take(asked, newest, now)
    if kept is not None:
        return kept
    places = lists.places_set(organisation_id, number, purpose)
    if places is None:
        raise NotFound
    document = lists.document(base_url(), organisation_id, purpose, number, places, now)
    body = signed(document, issuer_did(base_url(), organisation_id), form, now)
    shelf().put(asked, newest, now, body)
    return body


def signed(document: Json, did: str, form: Form, now: datetime) -> bytes:
    """The bytes to be handed out."""
    return _FORMS[form](document, did, now)


def _with_proof(document: Json, did: str, now: datetime) -> bytes:
    def message(method: str) -> bytes:
        return integrity.digests(document, integrity.options(method, now))

    method, signature = sign_named("data-integrity", did, message)
    return canonical(integrity.secured(document, integrity.options(method, now), signature))


def _as_token(document: Json, did: str, _now: datetime) -> bytes:
    method, signature = sign_named("jwt", did, lambda method: jose.signing_input(document, method))
    return jose.token(jose.signing_input(document, method), signature).encode()


_FORMS: dict[Form, Callable[[Json, str, datetime], bytes]] = {"vc": _with_proof, "jwt": _as_token}
