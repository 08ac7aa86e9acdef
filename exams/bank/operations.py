"""Writes about questions; callers commit."""

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import func, select

from exams.bank import rules
from exams.bank.linking import media_faults, note_media
from exams.bank.models import Bank, Question, QuestionApproval, QuestionKey, QuestionVersion
from lms.core import audit
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import Conflict, Invalid


def add_bank(
    code: str, title: str, organisation_id: int | None, actor: Actor, now: datetime
) -> Bank:
    """Open a question bank. Raises Conflict when the code is taken."""
    if session().scalar(select(Bank.id).where(Bank.code == code)):
        raise Conflict(_("题库代码“%(code)s”已经有了。", code=code))
    bank = Bank(code=code, title=title, organisation_id=organisation_id, created_at=now)
    session().add(bank)
    session().flush()
    audit.record(actor, "bank.add", "bank", bank.id)
    return bank


def add_question(
    bank: Bank, code: str, draft: rules.Draft, actor: Actor, now: datetime
) -> QuestionVersion:
    """Put a new question into a bank, waiting for a second person's approval.

    Raises:
        Invalid: the question is not well formed. Conflict: the code is taken.
    """
    taken = select(Question.id).where(Question.bank_id == bank.id, Question.code == code)
    if session().scalar(taken):
        raise Conflict(_("题号“%(code)s”已经有了。", code=code))
    question = Question(bank_id=bank.id, code=code, created_at=now)
    session().add(question)
    session().flush()
    return add_version(question, draft, actor, now)


def add_version(
    question: Question, draft: rules.Draft, actor: Actor, now: datetime
) -> QuestionVersion:
    """Append the next version of a question.

    Raises:
        Invalid: it is not well formed. Conflict: the question is retired.
    """
    if question.retired_at:
        raise Conflict(_("题目“%(code)s”已停用，不能再修改。", code=question.code))
    draft = rules.tidy(draft)
    faults = rules.faults(draft) or media_faults(question.bank_id, [draft])
    if faults:
        raise Invalid(" ".join(faults))
    # Two authors at once: the second waits here and numbers her version after the first.
    session().execute(select(Question.id).where(Question.id == question.id).with_for_update())
    newest = select(func.max(QuestionVersion.number)).where(
        QuestionVersion.question_id == question.id
    )
    version = QuestionVersion(
        question_id=question.id,
        number=(session().scalar(newest) or 0) + 1,
        kind=draft.kind,
        stem=draft.stem,
        body=draft.body,
        module=draft.module,
        difficulty=draft.difficulty,
        rung=draft.rung,
        knowledge=draft.knowledge,
        source=draft.source,
        occupation=draft.occupation,
        digest=rules.digest(draft),
        author_id=actor.person_id,
        created_at=now,
    )
    session().add(version)
    session().flush()
    session().add(
        QuestionKey(
            question_version_id=version.id,
            key=draft.key,
            explanation=draft.explanation,
            note=draft.note,
        )
    )
    session().flush()
    note_media([(version.id, draft)])
    return version


def approve(version: QuestionVersion, actor: Actor, now: datetime) -> QuestionApproval:
    """Let a version into use.

    Raises:
        Invalid: the author may not approve her own question. Conflict: approved already.
    """
    if version.author_id == actor.person_id:
        raise Invalid(_("出题人不能审核自己的题目，请另一位同事审核。"))
    if session().get(QuestionApproval, version.id):
        raise Conflict(_("这个版本已经审核通过。"))
    approval = QuestionApproval(
        question_version_id=version.id,
        author_id=version.author_id,
        approved_by=actor.person_id,
        approved_at=now,
    )
    session().add(approval)
    session().flush()
    audit.record(actor, "question.approve", "question_version", version.id)
    return approval


def retire(question: Question, actor: Actor, now: datetime) -> None:
    """Take a question out of future papers; sittings that used it keep it."""
    if question.retired_at is None:
        question.retired_at = now
        session().flush()
        audit.record(actor, "question.retire", "question", question.id)
