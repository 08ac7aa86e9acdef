"""The questions every installation begins with, kept as readable files beside this module."""

from datetime import datetime
from pathlib import Path

from flask_babel import gettext as _
from sqlalchemy import insert, select

from exams.bank import rules
from exams.bank.formats import yaml_text
from exams.bank.formats.items import Item
from exams.bank.models import Bank, Question, QuestionApproval, QuestionVersion
from exams.bank.writing import Pending, append_versions
from lms.core import audit
from lms.core.access import Actor, Grant, Role
from lms.core.db import session
from lms.core.errors import Invalid

FOLDER = Path(__file__).parent / "starter"
BANKS = {"caregiver-junior": "养老护理员（五级/初级工）理论题库"}
#: Two hands of the platform: one writes the starter questions, the other lets them into use.
WRITER = Actor(person_id=-1, account_id=0, name="starter-writer", grants=(Grant(Role.ADMIN),))
EDITOR = Actor(person_id=-2, account_id=0, name="starter-editor", grants=(Grant(Role.ADMIN),))


def load_starter_questions(actor: Actor, now: datetime) -> int:
    """Load starter questions that are not there yet, approved; how many versions were added.

    A question that people have edited since stays theirs. Writes in the present unit of work.
    """
    return sum(_load_bank(code, title, actor, now) for code, title in BANKS.items())


def _load_bank(code: str, title: str, actor: Actor, now: datetime) -> int:
    bank = session().scalar(select(Bank).where(Bank.code == code))
    if bank is None:
        bank = Bank(code=code, title=title, organisation_id=None, created_at=now)
        session().add(bank)
        session().flush()
        audit.record(actor, "bank.add", "bank", bank.id)
    known = _known(bank.id)
    fresh = [item for item in _items(code) if _is_fresh(item, known.get(item.code))]
    if not fresh:
        return 0
    pending = [Pending(i.code, len(known.get(i.code, [])) + 1, i.draft) for i in fresh]
    versions = append_versions(bank.id, pending, WRITER.person_id, now)
    audit.record(WRITER, "question.load", "bank", bank.id, versions=len(versions))
    session().execute(
        insert(QuestionApproval),
        [
            {
                "question_version_id": version_id,
                "author_id": WRITER.person_id,
                "approved_by": EDITOR.person_id,
                "approved_at": now,
            }
            for version_id in versions
        ],
    )
    audit.record(EDITOR, "question.approve", "bank", bank.id, versions=len(versions))
    return len(versions)


def _items(code: str) -> list[Item]:
    items: list[Item] = []
    for path in sorted((FOLDER / code).glob("*.yaml")):
        reading = yaml_text.read(path.read_bytes())
        wrong = [*reading.faults, *reading.unsupported]
        wrong_drafts = [i.where for i in reading.items if not i.code or rules.faults(i.draft)]
        if wrong or wrong_drafts:
            raise Invalid(_("起始题库文件有错：%(file)s", file=path.name))
        items += reading.items
    return items


def _known(bank_id: int) -> dict[str, list[QuestionVersion]]:
    """Versions there are already, by question code."""
    known: dict[str, list[QuestionVersion]] = {}
    rows = session().execute(
        select(Question.code, QuestionVersion)
        .join(QuestionVersion, QuestionVersion.question_id == Question.id)
        .where(Question.bank_id == bank_id)
        .order_by(QuestionVersion.number)
    )
    for code, version in rows:
        known.setdefault(code, []).append(version)
    return known


def _is_fresh(item: Item, versions: list[QuestionVersion] | None) -> bool:
    """True unless this text was loaded before or people have taken the question over."""
    digest = rules.digest(item.draft)
    return all(v.digest != digest and v.author_id < 0 for v in versions or [])
