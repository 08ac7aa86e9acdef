"""What a person chooses: her e-mail address, ways, language and quiet hours."""

import re
from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _l
from itsdangerous import BadData
from sqlalchemy import delete

from lms.core import audit, clock
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import Invalid, NotFound
from lms.core.quiet import Quiet
from lms.core.rules import rule_on
from lms.core.vault import vault
from lms.post.models import PostAddress, PostPreference
from lms.post.packing import VERIFY, address_place, verify_tokens
from lms.post.rules import RULE, own_quiet_fault
from lms.post.sending import Message, Place, to_target

_MAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}")


class BadMail(Invalid):
    """Not an e-mail address."""

    code = "mail"
    text = _l("请填正确的邮箱，例如 name@example.cn。")


class LinkOver(NotFound):
    """The link is not this person's, too old, or about an address given up since."""

    code = "link-over"
    text = _l("这个链接已失效。请在“提醒设置”里重新发送确认邮件。")


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person wants to be sent, in which language and when not."""

    email: bool
    sms: bool
    digests: bool
    locale: str = ""
    quiet: Quiet | None = None


def set_address(text: str, actor: Actor, now: datetime) -> None:
    """Note an address and send the question whether it is hers. Raises BadMail."""
    if len(text) > 120 or not _MAIL.fullmatch(text):
        raise BadMail
    me, box = actor.person_id, vault()
    row = session().get(PostAddress, me, populate_existing=True)
    if row is None:
        row = PostAddress(person_id=me)
        session().add(row)
    row.sealed = box.seal(text, address_place(me))
    row.hash = box.blind(text.lower(), "post.address")
    row.masked = masked(text)
    row.set_at, row.verified_at = now, None
    session().flush()
    message = Message(
        f"{VERIFY}:{me}:{now:%Y%m%d%H%M%S}", VERIFY, {"hash": row.hash}, "/me/reminders/email/"
    )
    to_target(message, Place(None, ""), "email", "email", person_id=me)
    audit.record(actor, "post.address.set", "person", me)


def check_token(token: str, actor: Actor, now: datetime) -> PostAddress:
    """The address that a letter's link is about. Raises LinkOver."""
    hours = rule_on(RULE, clock.local_date(now)).value["link_hours"]
    try:
        person_id, known = verify_tokens().loads(token, max_age=hours * 3600)
    except (BadData, ValueError, TypeError) as error:
        raise LinkOver from error
    row = session().get(PostAddress, actor.person_id, populate_existing=True)
    if person_id != actor.person_id or row is None or row.hash != known:
        raise LinkOver
    return row


def confirm_address(token: str, actor: Actor, now: datetime) -> None:
    """Note that the address is hers. Raises LinkOver."""
    row = check_token(token, actor, now)
    row.verified_at = row.verified_at or now
    audit.record(actor, "post.address.confirm", "person", actor.person_id)


def drop_address(actor: Actor) -> None:
    """Forget the address."""
    session().execute(delete(PostAddress).where(PostAddress.person_id == actor.person_id))
    audit.record(actor, "post.address.drop", "person", actor.person_id)


def choose(choice: Choice, actor: Actor, now: datetime) -> None:
    """Keep what she chose. Raises Invalid for quiet hours beyond the rule's bounds."""
    if choice.quiet is not None:
        beyond = own_quiet_fault(rule_on(RULE, clock.local_date(now)).value, choice.quiet)
        if beyond:
            raise Invalid(
                _l("免打扰时间只能在 %(a)s 到次日 %(b)s 之间。", a=beyond[0], b=beyond[1])
            )
    _keep(actor.person_id, choice, now)
    audit.record(actor, "post.choose", "person", actor.person_id)


def stop_mail(person_id: int, now: datetime) -> None:
    """No more e-mail to this person, asked for by a link in a letter."""
    own = chosen(person_id)
    _keep(person_id, Choice(False, own.sms, False, own.locale, own.quiet), now)


def chosen(person_id: int) -> Choice:
    """What a person chose, or what holds for those who have chosen nothing."""
    row = session().get(PostPreference, person_id)
    if row is None:
        return Choice(email=True, sms=False, digests=True)
    return Choice(row.email, row.sms, row.digests, row.locale, Quiet.read(row.quiet))


def masked(text: str) -> str:
    """``zh•••@example.cn``."""
    name, _at, host = text.partition("@")
    return f"{name[:2]}•••@{host}"


def _keep(person_id: int, choice: Choice, now: datetime) -> None:
    row = session().get(PostPreference, person_id, populate_existing=True)
    if row is None:
        row = PostPreference(person_id=person_id)
        session().add(row)
    row.email, row.sms, row.digests = choice.email, choice.sms, choice.digests
    row.locale, row.quiet = choice.locale, str(choice.quiet or "")
    row.updated_at = now
    session().flush()
