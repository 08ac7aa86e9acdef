"""Small helpers of the post room's tests: settings, endpoints, choices, reminders."""

from datetime import datetime

from sqlalchemy import select

from courses.reminders.delivery import remind_one
from lms.core import clock
from lms.core.clock import SHANGHAI
from lms.core.db import session
from lms.core.uow import unit_of_work
from lms.core.vault import vault
from lms.people.api import actor_of
from lms.post import endpoints
from lms.post.choosing import Choice, choose
from lms.post.endpoints import Draft
from lms.post.models import PostAddress, PostAttempt, PostDelivery, PostEndpoint
from lms.post.packing import address_place
from lms.post.sending import Place

SECRETS = {
    "webhook": "", "dingtalk": "SECdemo", "feishu": "feishu-demo", "sms_key": "key",
    "sms_secret": "sms-demo",
}  # fmt: skip
KANGNING = "140105"
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=SHANGHAI)


def environment(office):
    return {
        "LMS_SMTP": f"smtp://127.0.0.1:{office.smtp_port}",
        "LMS_MAIL_FROM": "training@example.cn",
        "LMS_SMS": "aliyun", "LMS_SMS_URL": f"http://127.0.0.1:{office.http_port}",
        "LMS_SMS_KEY": "key", "LMS_SMS_SECRET": "sms-demo", "LMS_SMS_SIGN": "养老护理培训",
        "LMS_SMS_TEMPLATE": "SMS_1001", "LMS_WEBHOOK_NETWORKS": "127.0.0.0/8",
    }  # fmt: skip


def url_of(office, kind="webhook"):
    paths = {
        "webhook": "/webhook", "wecom": "/cgi-bin/webhook/send?key=try",
        "dingtalk": "/robot/send?access_token=try", "feishu": "/open-apis/bot/v2/hook/try",
    }  # fmt: skip
    return f"http://127.0.0.1:{office.http_port}{paths[kind]}"


def endpoint(cast, url, kind="webhook", people=False, home=True, secret=""):
    """Register as HR (or as the county's officer) and approve as another; (id, secret)."""
    now = clock.now()
    first, second = actor_of(cast.li if home else cast.county, now), actor_of(
        cast.county if home else cast.city, now
    )  # fmt: skip
    place = Place(cast.kangning if home else None, KANGNING)
    with unit_of_work():
        draft = Draft(kind, "人事系统", place, url, secret, people)
        row, made = endpoints.register(draft, "127.0.0.1", first, now)
        endpoints.approve(row, second, now)
        return row.id, made


def confirmed_mail(person_id, text="wang@example.cn"):
    """An address that is known to be hers."""
    now = clock.now()
    with unit_of_work():
        session().add(
            PostAddress(
                person_id=person_id, sealed=vault().seal(text, address_place(person_id)),
                hash="0" * 64, masked="wa•••@example.cn", set_at=now, verified_at=now,
            )
        )  # fmt: skip


def chose(person_id, **choice):
    with unit_of_work():
        wanted = {"email": True, "sms": False, "digests": True, **choice}
        choose(Choice(**wanted), actor_of(person_id, clock.now()), clock.now())


def remind(person_id, cast, stage="last", home=True):
    """A reminder of a stage, as the letter's handler writes it."""
    place = Place(cast.kangning, KANGNING) if home else Place(cast.gucheng, "140728")
    with unit_of_work():
        remind_one(person_id, "duty.remind", f"duty:2026:{stage}:p{person_id}", 2026, place)


def deliveries(channel=None):
    query = select(PostDelivery).order_by(PostDelivery.id)
    if channel:
        query = query.where(PostDelivery.channel == channel)
    return list(session().scalars(query.execution_options(populate_existing=True)))


def attempts():
    return list(session().scalars(select(PostAttempt).order_by(PostAttempt.id)))


def endpoint_row(endpoint_id):
    return session().get_one(PostEndpoint, endpoint_id)
