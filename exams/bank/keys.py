"""Opening keys. Reading a page never writes, so a key is opened by a post that the audit trail
records; what comes back is a pass: for this person, these versions, a quarter of an hour."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer

from lms.core import audit
from lms.core.access import Actor

VALID = timedelta(minutes=15)


def open_versions(
    version_ids: Sequence[int], bank_id: int, purpose: str, actor: Actor, now: datetime
) -> str:
    """Record that ``actor`` opens these keys, in the present unit of work; her pass."""
    audit.record(
        actor, "question.key.open", "bank", bank_id, versions=list(version_ids), purpose=purpose
    )
    until = int((now + VALID).timestamp())
    return _serializer().dumps([actor.person_id, until, list(version_ids)])


def opened(token: str | None, actor: Actor, now: datetime) -> list[int]:
    """Ids of the versions whose keys this pass shows to ``actor``; none when it is not hers."""
    if not token:
        return []
    try:
        person_id, until, version_ids = _serializer().loads(token)
    except (BadData, ValueError, TypeError):
        return []
    if person_id != actor.person_id or now.timestamp() > until:
        return []
    return list(version_ids)


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="question-keys")
