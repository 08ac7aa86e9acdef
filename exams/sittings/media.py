"""Who may fetch a picture or a sound: the staff of its bank, those who run or mark an exam that
shows it, and a candidate whose running sitting or released paper contains it."""

from typing import Any

from sqlalchemy import exists, select

from exams.bank import shelf
from exams.bank.models import MediaFile, QuestionMedia
from exams.bank.policy import VIEW as VIEW_BANK
from exams.entries.models import Entry, ExamEvent, Feedback
from exams.entries.policy import VIEW as VIEW_EVENT
from exams.entries.policy import visible_to
from exams.papers.models import Paper, Slot
from exams.results.models import Result, ResultRelease
from exams.sittings.models import Attempt
from lms.core.access import Actor, Role, action
from lms.core.db import session
from lms.core.errors import NotFound

FETCH = action("exams.media.fetch", Role.LEARNER, *VIEW_EVENT.roles, *VIEW_BANK.roles)


def media_for(digest: str, actor: Actor) -> MediaFile:
    """The file, if the actor may see or hear it now. Raises NotFound otherwise."""
    file = shelf.file_named(digest)
    if not (_asked(digest, actor) or _kept(digest, actor) or _run(digest, actor)):
        raise NotFound(action=FETCH.name)
    return file


def _asked(digest: str, actor: Actor) -> bool:
    """True if her open sitting shows it, or a paper that she may look at after release."""
    released = exists().where(
        Result.attempt_id == Attempt.id,
        ResultRelease.result_id == Result.id,
        ExamEvent.feedback == Feedback.EXPLAINED,
    )
    query = (
        _shown(digest)
        .join(Attempt, Attempt.paper_id == Slot.paper_id)
        .join(Entry, Entry.id == Attempt.entry_id)
        .join(ExamEvent, ExamEvent.id == Entry.event_id)
        .where(
            Entry.person_id == actor.person_id,
            Entry.withdrawn_at.is_(None),
            ((Attempt.state == "open") & Attempt.paused_at.is_(None)) | released,
        )
    )
    return session().scalar(query.limit(1)) is not None


def _kept(digest: str, actor: Actor) -> bool:
    return any(VIEW_BANK.may(actor, bank) for bank in shelf.banks_with(digest))


def _run(digest: str, actor: Actor) -> bool:
    """True if a paper of an event she runs or marks shows it."""
    if not VIEW_EVENT.admits(actor):
        return False
    query = (
        _shown(digest)
        .join(Paper, Paper.id == Slot.paper_id)
        .join(ExamEvent, ExamEvent.id == Paper.event_id)
        .where(visible_to(actor))
    )
    return session().scalar(query.limit(1)) is not None


def _shown(digest: str) -> Any:
    return (
        select(Slot.id)
        .join(QuestionMedia, QuestionMedia.question_version_id == Slot.question_version_id)
        .where(QuestionMedia.digest == digest)
    )
