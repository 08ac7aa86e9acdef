"""What the tests of the bank's pages share: a client's posts, opened keys, the audit trail."""

from flask import g
from sqlalchemy import func, select

from exams.bank.models import Question
from lms.core.audit import AuditEvent
from lms.core.db import session
from tests.forms import post as send_form

SECRET = "因为乙最稳妥。"
FORM = {
    "stem": "老人洗澡，水温多少合适？", "option_a": "二十度", "option_b": "四十度",
    "option_c": "六十度", "right_b": "y", "explanation": "四十度左右。", "module": "生活照护",
    "difficulty": "easy", "rung": "2",
}  # fmt: skip


def post(client, url, data=None, page="/bank", **more):
    g.pop("csrf_token", None)  # the test's own app context would hand on another client's
    return send_form(client, url, data, page, **more)


def question(code: str) -> Question:
    return session().scalars(select(Question).where(Question.code == code)).one()


def audited(action: str) -> int:
    query = select(func.count()).select_from(AuditEvent).where(AuditEvent.action == action)
    return session().scalar(query) or 0


def opened(client, code: str) -> str:
    """Open a key as the page's button does; the address of the page with it."""
    answer = post(client, f"/bank/questions/{question(code).id}/key")
    assert answer.status_code == 303
    return answer.headers["Location"]
