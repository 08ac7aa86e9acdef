"""Writing deliveries: one for each letter and way, in the same transaction as the notice.

Writing the same letter again adds nothing, so whoever writes may be killed and begin anew.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from lms.core import clock
from lms.core.db import session
from lms.core.quiet import Quiet
from lms.people.api import contacts_of, person_cards
from lms.post.models import PostAddress, PostDelivery, PostEndpoint, PostPreference
from lms.post.rules import widened
from lms.post.setup import post_room

SITE = "site"


@dataclass(frozen=True, slots=True)
class Message:
    """What is told. ``letter`` names it for ever; ``url`` is a path on this site; ``is_digest``
    tells a summary from a person's own reminder."""

    letter: str
    kind: str
    facts: Mapping[str, Any]
    url: str
    is_digest: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Whose matter it is: the employer and the county that may see what became of it."""

    organisation_id: int | None
    region: str


def to_person(person_id: int, message: Message, place: Place, quiet: Quiet | None) -> None:
    """Note the notice on the site, and send to what the person chose, outside her quiet hours."""
    now, chosen = clock.now(), _chosen(person_id)
    locale = chosen.locale or contacts_of([person_id])[person_id].locale
    hours = widened(quiet, Quiet.read(chosen.quiet)) if quiet else None
    rows = [_row(message, place, SITE, SITE, locale, None, now, person_id=person_id)]
    rows[0] |= {"state": "delivered", "settled_at": now}
    for channel in chosen.channels(message.is_digest):
        rows.append(_row(message, place, channel, channel, locale, hours, now, person_id=person_id))
    _put(rows)


def to_endpoints(
    message: Message, place: Place, quiet: Quiet | None, person_id: int | None = None
) -> None:
    """Send to the webhooks and robots of a place; with ``person_id`` a person's own reminder, to
    those that asked for these. A program has no quiet hours, a chat group has."""
    now = clock.now()
    found = session().execute(_endpoints_of(place, person_id is not None)).tuples().all()
    if found and person_id is not None:
        who = person_cards([person_id])[person_id]
        named = {**message.facts, "person": {"name": who.name, "id_masked": who.id_masked}}
        message = replace(message, facts=named)
    rows = [
        _row(
            message, place, kind, f"endpoint:{key}", "zh",
            None if kind == "webhook" else quiet, now, endpoint_id=key, person_id=person_id,
        )
        for key, kind in found
    ]  # fmt: skip
    _put(rows)


def to_target(message: Message, place: Place, channel: str, target: str, **whom: int) -> None:
    """Send to one receiver whatever was chosen: tests, and the question whose address it is."""
    known = contacts_of([whom["person_id"]] if "person_id" in whom else [])
    locale = next((contact.locale for contact in known.values()), "zh")
    _put([_row(message, place, channel, target, locale, None, clock.now(), **whom)])


@dataclass(frozen=True, slots=True)
class _Chosen:
    email: bool
    digests: bool
    sms: bool
    locale: str
    quiet: str

    def channels(self, is_digest: bool) -> list[str]:
        email = self.digests if is_digest else self.email
        wanted = {"email": email, "sms": self.sms and not is_digest}
        return [channel for channel, yes in wanted.items() if yes and post_room().has(channel)]


def _chosen(person_id: int) -> _Chosen:
    """What a person chose; e-mail counts only once its address is known to be hers. Who has
    chosen nothing gets e-mail at a confirmed address, and no SMS."""
    sess = session()
    verified = sess.scalar(
        select(PostAddress.verified_at).where(PostAddress.person_id == person_id)
    )
    own = sess.execute(
        select(
            PostPreference.email, PostPreference.digests, PostPreference.sms,
            PostPreference.locale, PostPreference.quiet,
        ).where(PostPreference.person_id == person_id)
    ).one_or_none()  # fmt: skip
    email, digests, sms, locale, quiet = own or (True, True, False, "", "")
    is_known = verified is not None
    return _Chosen(is_known and email, is_known and digests, sms, locale, quiet)


def _endpoints_of(place: Place, with_people: bool) -> Any:
    own = PostEndpoint.organisation_id == place.organisation_id
    county = PostEndpoint.organisation_id.is_(None) & (PostEndpoint.region == place.region)
    where = own if place.organisation_id is not None else county
    query = select(PostEndpoint.id, PostEndpoint.kind).where(
        where, PostEndpoint.approved_at.is_not(None), PostEndpoint.ended_at.is_(None)
    )
    return query.where(PostEndpoint.people) if with_people else query


def _row(
    message: Message, place: Place, channel: str, target: str, locale: str,
    quiet: Quiet | None, now: datetime, **whom: int | None,
) -> dict[str, Any]:  # fmt: skip
    return {
        "ref": secrets.token_hex(16), "letter": message.letter, "target": target,
        "channel": channel, "person_id": None, "endpoint_id": None, **whom,
        "organisation_id": place.organisation_id, "region": place.region, "kind": message.kind,
        "facts": dict(message.facts), "url": message.url, "locale": locale,
        "quiet": str(quiet or ""), "created_at": now, "since": now,
        "due_at": quiet.awake(now) if quiet else now, "state": "waiting", "claim": "",
        "failures": 0, "reason": "", "settled_at": None,
    }  # fmt: skip


def _put(rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    sess = session()
    make: Any = postgresql.insert if sess.get_bind().dialect.name == "postgresql" else sqlite.insert
    query = make(PostDelivery).values(rows)
    sess.execute(query.on_conflict_do_nothing(index_elements=["letter", "target"]))
