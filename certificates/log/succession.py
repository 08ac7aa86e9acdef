"""The log's key changes: the old one names the new one, and both sign until the old is retired.
Callers commit."""

import itertools
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from certificates.log import notes
from certificates.log.models import LogSuccession
from certificates.log.operations import origin
from lms.core import audit
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import Conflict
from lms.core.keys.rings import RingKey
from lms.core.signing import log_ring, sign

PURPOSE = "log-successor"


def ensure_next(now: datetime) -> None:
    """Raises Conflict while a key that was announced does not sign yet: one follows another."""
    if any(key.active_from > now and key.retired_at is None for key in log_ring().keys):
        raise Conflict("the log's next key is announced already; it has to sign first")


def announce(actor: Actor, now: datetime) -> None:
    """Let every key of the log name the one after it, where it has not done so yet."""
    keys = log_ring().keys
    known = set(session().scalars(select(LogSuccession.old_kid)))
    for old, new in itertools.pairwise(keys):
        if old.kid not in known:
            _name(old, new, actor, now)


def _name(old: RingKey, new: RingKey, actor: Actor, now: datetime) -> None:
    name = origin()
    text = notes.successor_text(notes.Verifier(name, new.public))
    note = notes.signed_text(
        text, [(notes.Verifier(name, old.public), lambda body: sign(PURPOSE, body, old.kid)[1])]
    )
    session().add(LogSuccession(old_kid=old.kid, new_kid=new.kid, note=note, at=now))
    session().flush()
    audit.record(actor, "log.key.successor", "key", new.kid, old=old.kid)


def ensure_named(kid: str) -> None:
    """Raises Conflict for a key that has named no other yet: witnesses would lose the log."""
    if session().get(LogSuccession, kid) is None:
        raise Conflict("this key has named no successor; run `lms keys rotate --ring log` first")


def successions() -> Sequence[str]:
    """The notes, in the order of the keys; one statement."""
    query = select(LogSuccession.note).order_by(LogSuccession.at, LogSuccession.old_kid)
    return session().scalars(query).all()
