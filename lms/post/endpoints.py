"""Webhooks and chat robots: registered by one person, approved by another, secrets changed with an
overlap, ended for good."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update

from lms.core import audit, clock
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import Conflict, Invalid, NotFound
from lms.core.rules import rule_on
from lms.core.vault import vault
from lms.post import circuits
from lms.post.addresses import BadAddress, checked, is_in, parse
from lms.post.channels.robots import HOSTS
from lms.post.models import PostEndpoint
from lms.post.packing import endpoint_place
from lms.post.policy import ENDPOINT_KEEP
from lms.post.rules import RULE
from lms.post.sending import Message, Place, to_target
from lms.post.setup import post_room
from lms.post.signatures import new_secret

FAULTS = {
    "form": _l("请填完整的网址，以 https:// 开头。"),
    "name": _l("找不到这个网址的主机，请核对。"),
    "private": _l("这个网址指向内部网络，不能使用。确有需要请联系平台管理员。"),
    "plain": _l("请使用 https:// 开头的网址。"),
    "host": _l("这不是所选机器人的网址，请从群设置里原样复制。"),
}


class AddressRefused(Invalid):
    """This address is not called; the text says why."""

    code = "address"


class SelfApproval(Conflict):
    """Whoever registered it does not approve it."""

    code = "same-person"
    text = _l("要由另一个人批准，登记的人不能批准自己的登记。")


class EndpointState(Conflict):
    """It is ended, approved already, or there already."""

    code = "endpoint-state"
    text = _l("它的状态已经变了，请刷新后再看。")


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants to register; ``secret`` is a robot's own, webhooks get one from us."""

    kind: str
    label: str
    place: Place
    url: str = field(repr=False)
    secret: str = field(default="", repr=False)
    people: bool = False


def check_address(kind: str, url: str) -> str:
    """The host of an address that may be called. Raises AddressRefused."""
    networks = post_room().settings.networks
    try:
        address = parse(url)
        ip = checked(address, networks)
    except BadAddress as fault:
        raise AddressRefused(FAULTS[fault.code]) from fault
    if kind in HOSTS and address.host not in HOSTS[kind] and not is_in(ip, networks):
        raise AddressRefused(FAULTS["host"])
    return address.authority


def register(draft: Draft, host: str, actor: Actor, now: datetime) -> tuple[PostEndpoint, str]:
    """Register an endpoint whose address was checked; returns it with a webhook's new secret,
    which is not shown again. Raises NotFound, EndpointState if the place has it already."""
    ENDPOINT_KEEP.ensure(actor, draft.place)
    known = vault().blind(draft.url, "post.endpoint")
    same = select(PostEndpoint.id).where(
        PostEndpoint.address_hash == known,
        PostEndpoint.organisation_id == draft.place.organisation_id,
        PostEndpoint.region == draft.place.region,
        PostEndpoint.ended_at.is_(None),
    )
    if session().scalar(same) is not None:
        raise EndpointState(_l("这个网址已经登记过了。"))
    ref, is_webhook = secrets.token_hex(16), draft.kind == "webhook"
    secret = new_secret() if is_webhook else draft.secret
    row = PostEndpoint(
        ref=ref, kind=draft.kind, label=draft.label, host=host,
        organisation_id=draft.place.organisation_id, region=draft.place.region,
        address_sealed=vault().seal(draft.url, endpoint_place(ref, "address")),
        address_hash=known, secret_sealed=_sealed(secret, ref), people=draft.people and is_webhook,
        created_at=now, created_by=actor.person_id,
    )  # fmt: skip
    session().add(row)
    session().flush()
    audit.record(actor, "post.endpoint.register", "post_endpoint", row.id, kind=row.kind, host=host)
    return row, secret if is_webhook else ""


def approve(row: PostEndpoint, actor: Actor, now: datetime) -> None:
    """Let it be used from now on. Raises SelfApproval, EndpointState."""
    if row.created_by == actor.person_id:
        raise SelfApproval
    _move(row, PostEndpoint.approved_at.is_(None), approved_at=now, approved_by=actor.person_id)
    audit.record(actor, "post.endpoint.approve", "post_endpoint", row.id)


def end(row: PostEndpoint, actor: Actor, now: datetime) -> None:
    """Stop using it; its address and secrets are forgotten. Raises EndpointState."""
    nothing = vault().seal("", endpoint_place(row.ref, "address"))
    _move(
        row, PostEndpoint.ended_at.is_(None), ended_at=now, ended_by=actor.person_id,
        address_sealed=nothing, secret_sealed=None, old_secret_sealed=None,
    )  # fmt: skip
    audit.record(actor, "post.endpoint.end", "post_endpoint", row.id)


def renew_secret(row: PostEndpoint, actor: Actor, now: datetime) -> str:
    """A new secret, shown once; the old one signs along for a while. Raises EndpointState."""
    if row.kind != "webhook" or row.secret_sealed is None:
        raise EndpointState
    secret, box = new_secret(), vault()
    old = box.open_text(row.secret_sealed, endpoint_place(row.ref, "secret"))
    hours = rule_on(RULE, clock.local_date(now)).value["secret_overlap_hours"]
    _move(
        row,
        PostEndpoint.secret_sealed == row.secret_sealed,
        secret_sealed=_sealed(secret, row.ref),
        old_secret_sealed=box.seal(old, endpoint_place(row.ref, "old")),
        old_secret_until=now + timedelta(hours=hours),
    )  # fmt: skip
    audit.record(actor, "post.endpoint.secret", "post_endpoint", row.id)
    return secret


def send_test(row: PostEndpoint, actor: Actor, now: datetime) -> None:
    """Send a test message, even if it is left alone just now. Raises EndpointState."""
    if row.approved_at is None or row.ended_at is not None:
        raise EndpointState
    circuits.forgive(f"endpoint:{row.id}")
    message = Message(f"test:{row.ref}:{now:%Y%m%d%H%M%S}", "post.test", {}, "/")
    place = Place(row.organisation_id, row.region)
    to_target(message, place, row.kind, f"endpoint:{row.id}", endpoint_id=row.id)
    audit.record(actor, "post.endpoint.test", "post_endpoint", row.id)


def endpoint(endpoint_id: int) -> PostEndpoint:
    """The endpoint with this id. Raises NotFound."""
    row = session().get(PostEndpoint, endpoint_id)
    if row is None:
        raise NotFound(action=ENDPOINT_KEEP.name)
    return row


def _sealed(secret: str, ref: str) -> bytes | None:
    return vault().seal(secret, endpoint_place(ref, "secret")) if secret else None


def _move(row: PostEndpoint, still: object, **values: object) -> None:
    changed = session().execute(
        update(PostEndpoint)
        .where(PostEndpoint.id == row.id, PostEndpoint.ended_at.is_(None), still)  # type: ignore[arg-type]
        .values(**values)
    )
    if changed.rowcount == 0:  # type: ignore[attr-defined]
        raise EndpointState
