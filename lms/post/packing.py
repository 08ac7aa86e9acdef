"""Making parcels of deliveries: addresses and secrets are opened only now, and only for as long as
the parcel is on its way."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from itsdangerous import BadData, URLSafeSerializer, URLSafeTimedSerializer
from sqlalchemy import select

from lms.core.db import session
from lms.core.notify import sentence
from lms.core.vault import VaultError, vault
from lms.people.api import Contact, contacts_of
from lms.post.models import PostAddress, PostDelivery, PostEndpoint, PostPreference
from lms.post.parcels import Parcel, Receiver
from lms.post.setup import SITE, post_room

VERIFY = "post.verify"
OURS = "post."  # kinds that are about the post itself, whatever was chosen
DIGEST = ".digest"  # the end of a summary's kind


@dataclass(frozen=True, slots=True)
class Unpackable:
    """A delivery that must not or cannot go any more, and why."""

    reason: str


def address_place(person_id: int) -> str:
    """The vault place of somebody's e-mail address."""
    return f"post.address:{person_id}"


def endpoint_place(ref: str, what: str) -> str:
    """The vault place of an endpoint's ``address``, ``secret`` or ``old``."""
    return f"post.endpoint.{what}:{ref}"


def stop_tokens() -> URLSafeSerializer:
    """Tokens that end e-mail to somebody; good for ever, like the letter they stand in."""
    return URLSafeSerializer(str(current_app.secret_key), salt="post.stop")


def verify_tokens() -> URLSafeTimedSerializer:
    """Tokens that confirm an address."""
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="post.verify")


def stopped_person(token: str) -> int | None:
    """Whose e-mail a token ends, or None if it is not one of ours."""
    try:
        found = stop_tokens().loads(token)
    except BadData:
        return None
    return found if isinstance(found, int) else None


def pack(rows: Sequence[PostDelivery], now: datetime) -> dict[int, Parcel | Unpackable]:
    """A parcel for each delivery, in a fixed number of statements."""
    people = {row.person_id for row in rows if row.person_id is not None}
    phones = any(row.channel == "sms" for row in rows)
    contacts = contacts_of(people, phones=phones)
    mail, chosen = _mail_of(people), _chosen_by(people)
    endpoints = _endpoints({row.endpoint_id for row in rows if row.endpoint_id is not None})
    packed: dict[int, Parcel | Unpackable] = {}
    for row in rows:
        who = row.person_id or 0
        contact, own = contacts.get(who), chosen.get(who)
        try:
            if row.channel == "email":
                found = _by_mail(row, contact, mail.get(who), own)
            elif row.channel == "sms":
                found = _by_phone(row, contact, own)
            else:
                found = _to_endpoint(endpoints.get(row.endpoint_id or 0), now)
        except VaultError:
            found = Unpackable("sealed")
        packed[row.id] = found if isinstance(found, Unpackable) else _parcel(row, found, contact)
    return packed


def _by_mail(
    row: PostDelivery, contact: Contact | None, mail: PostAddress | None, own: PostPreference | None
) -> Receiver | Unpackable:
    if contact is None or mail is None or (mail.verified_at is None and row.kind != VERIFY):
        return Unpackable("no-address")
    if row.kind == VERIFY and row.facts["hash"] != mail.hash:
        return Unpackable("no-address")
    if own is not None and not row.kind.startswith(OURS):
        wanted = own.digests if row.kind.endswith(DIGEST) else own.email
        if not wanted:
            return Unpackable("switched-off")
    address = vault().open_text(mail.sealed, address_place(mail.person_id))
    return Receiver(address, contact.name)


def _by_phone(
    row: PostDelivery, contact: Contact | None, own: PostPreference | None
) -> Receiver | Unpackable:
    if contact is None or not contact.phone:
        return Unpackable("no-address")
    if not row.kind.startswith(OURS) and (own is None or not own.sms):
        return Unpackable("switched-off")
    return Receiver(contact.phone, contact.name)


def _to_endpoint(endpoint: PostEndpoint | None, now: datetime) -> Receiver | Unpackable:
    if endpoint is None or endpoint.ended_at is not None or endpoint.approved_at is None:
        return Unpackable("ended")
    secrets = [(endpoint.secret_sealed, "secret")]
    if endpoint.old_secret_until is not None and endpoint.old_secret_until > now:
        secrets.append((endpoint.old_secret_sealed, "old"))
    box, ref = vault(), endpoint.ref
    return Receiver(
        box.open_text(endpoint.address_sealed, endpoint_place(ref, "address")),
        endpoint.label,
        tuple(box.open_text(kept, endpoint_place(ref, what)) for kept, what in secrets if kept),
    )


def _parcel(row: PostDelivery, receiver: Receiver, contact: Contact | None) -> Parcel:
    base = post_room().base_url
    url = base + row.url
    if row.kind == VERIFY:
        url += verify_tokens().dumps([row.person_id, row.facts["hash"]])
    by_mail = row.channel == "email"
    stop = f"{base}/stop-mail/{stop_tokens().dumps(row.person_id)}" if by_mail else ""
    settings = f"{base}/me/reminders/settings" if by_mail else ""
    with force_locale(row.locale):
        said = sentence(row.kind, row.facts)
        subject = _("养老护理培训：提醒")
        text = said
        if by_mail and contact is not None:
            text = _letter(contact.name, said, url, settings, stop)
    return Parcel(
        row.ref, row.kind, subject, text, url, dict(row.facts), row.created_at, row.locale,
        receiver, settings, stop,
    )  # fmt: skip


def _letter(name: str, said: str, url: str, settings: str, stop: str) -> str:
    return "\n".join(
        (
            _("%(name)s，您好：", name=name), "", said, "", url, "", "-- ", str(SITE),
            _("选择怎样收提醒：%(url)s", url=settings),
            _("不再收邮件：%(url)s", url=stop), "",
        )
    )  # fmt: skip


def _mail_of(people: Iterable[int]) -> Mapping[int, PostAddress]:
    query = select(PostAddress).where(PostAddress.person_id.in_(sorted(people)))
    return {row.person_id: row for row in session().scalars(query)}


def _chosen_by(people: Iterable[int]) -> Mapping[int, PostPreference]:
    query = select(PostPreference).where(PostPreference.person_id.in_(sorted(people)))
    return {row.person_id: row for row in session().scalars(query)}


def _endpoints(ids: Iterable[int]) -> Mapping[int, PostEndpoint]:
    query = select(PostEndpoint).where(PostEndpoint.id.in_(sorted(ids)))
    return {row.id: row for row in session().scalars(query)}
