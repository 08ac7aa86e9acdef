"""Sending again what was given up."""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import update

from lms.core import audit
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import Conflict
from lms.core.quiet import Quiet
from lms.post import circuits
from lms.post.models import PostDelivery
from lms.post.setup import post_room


class NotFailed(Conflict):
    """Only what has failed is sent again."""

    code = "not-failed"
    text = _l("只有没有送到的才能重发，请刷新后再看。")


class NotSetUp(Conflict):
    """Nothing carries what is sent this way."""

    code = "not-set-up"
    text = _l("本平台还没有接通这种发送方式，重发也送不到。请先请平台管理员接通。")


def retry(row: PostDelivery, actor: Actor, now: datetime) -> None:
    """Let a failed delivery begin anew, under the same number, outside quiet hours. Raises
    NotFailed, NotSetUp."""
    if not post_room().has(row.channel):
        raise NotSetUp
    quiet = Quiet.read(row.quiet)
    moved = session().execute(
        update(PostDelivery)
        .where(PostDelivery.id == row.id, PostDelivery.state == "failed")
        .values(
            state="waiting", failures=0, since=now, settled_at=None, claim="", reason="",
            due_at=quiet.awake(now) if quiet else now,
        )
    )  # fmt: skip
    if moved.rowcount == 0:  # type: ignore[attr-defined]
        raise NotFailed
    circuits.forgive(row.target)
    audit.record(actor, "post.delivery.retry", "post_delivery", row.id)
