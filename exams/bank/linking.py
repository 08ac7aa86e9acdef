"""Which question versions show which files; callers commit."""

from collections.abc import Iterable, Sequence

from flask_babel import gettext as _
from sqlalchemy import insert, select

from exams.bank.kinds import media_of
from exams.bank.models import BankMedia, QuestionMedia
from exams.bank.rules import Draft
from lms.core.db import session


def media_faults(bank_id: int, drafts: Iterable[Draft]) -> list[str]:
    """A sentence if a question shows a file that its bank does not have."""
    wanted = {digest for draft in drafts for digest in media_of(draft.body)}
    if not wanted:
        return []
    query = select(BankMedia.digest).where(
        BankMedia.bank_id == bank_id, BankMedia.digest.in_(wanted)
    )
    missing = wanted - set(session().scalars(query))
    return [_("题目用到的图片或录音不在这个题库里，请先上传。")] if missing else []


def note_media(versions: Sequence[tuple[int, Draft]]) -> None:
    """Write down the files that new versions show; one statement, none where there are none."""
    rows = [
        {"question_version_id": version_id, "digest": digest}
        for version_id, draft in versions
        for digest in media_of(draft.body)
    ]
    if rows:
        session().execute(insert(QuestionMedia), rows)
