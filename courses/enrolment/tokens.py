"""When a lesson page was drawn, signed: opening a page writes nothing, yet the time is ours."""

from datetime import UTC, datetime

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="lesson-opened")


def opened_token(enrolment_id: int, lesson_id: int, now: datetime) -> str:
    """What a lesson page carries and gives back."""
    return str(_signer().dumps([enrolment_id, lesson_id, int(now.timestamp())]))


def opened_at(token: object, enrolment_id: int, lesson_id: int) -> datetime | None:
    """The instant a page was drawn, if the token is ours and for this lesson."""
    try:
        enrolment, lesson, seconds = _signer().loads(str(token))
    except (BadSignature, ValueError, TypeError):
        return None
    if (enrolment, lesson) != (enrolment_id, lesson_id):
        return None
    return datetime.fromtimestamp(int(seconds), UTC)
