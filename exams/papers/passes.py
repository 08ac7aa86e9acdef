"""Opening a paper that candidates sit. As with keys, a post records it and gives a pass: for this
person and this form, a quarter of an hour; reading never writes."""

from datetime import datetime, timedelta

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer

from lms.core import audit
from lms.core.access import Actor

VALID = timedelta(minutes=15)


def open_form(event_id: int, form: int, actor: Actor, now: datetime) -> str:
    """Record that ``actor`` opens a form, in the present unit of work; her pass."""
    audit.record(actor, "exams.paper.open", "exam_event", event_id, form=form)
    until = int((now + VALID).timestamp())
    return _serializer().dumps([actor.person_id, until, event_id, form])


def is_open(token: str | None, event_id: int, form: int, actor: Actor, now: datetime) -> bool:
    """True if this pass shows this form to ``actor``."""
    if not token:
        return False
    try:
        person_id, until, *what = _serializer().loads(token)
    except (BadData, ValueError, TypeError):
        return False
    return [person_id, *what] == [actor.person_id, event_id, form] and now.timestamp() <= until


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="papers")
