"""Imports are plans: ``plan_import`` finds every fault and writes nothing; ``apply_import``
writes all or nothing. Nothing imported is in use before a second person has approved it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from exams.bank import rules
from exams.bank.attaching import attached, keep_all
from exams.bank.formats.items import Fault, Item, Reading
from exams.bank.kinds import texts_of
from exams.bank.models import Bank, Question, QuestionVersion
from exams.bank.near import Near, NearIndex, essence
from exams.bank.writing import Pending, append_versions
from lms.core import audit
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import Conflict, Invalid
from lms.core.signing import canonical

LONGEST_CODE = 60
Report = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Change:
    """A question to be added (``number`` 1) or its next version."""

    where: str
    pending: Pending
    near: Near | None = None

    @property
    def is_new(self) -> bool:
        """True for a question that is not in the bank yet."""
        return self.pending.number == 1


@dataclass(slots=True)
class ImportPlan:
    """What importing a file would do."""

    bank_id: int
    format: str
    changes: list[Change] = field(default_factory=list)
    unchanged: int = 0
    faults: list[Fault] = field(default_factory=list)
    unsupported: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    #: What the bank held when the plan was made.
    state: tuple[int, ...] = ()
    #: Pictures and sounds to keep, by the digests that the changes name.
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def new(self) -> int:
        """How many questions would be added."""
        return sum(change.is_new for change in self.changes)

    @property
    def changed(self) -> int:
        """How many questions would get a new version."""
        return len(self.changes) - self.new

    @property
    def digest(self) -> str:
        """The same for two plans that would write the same."""
        lines = [
            [c.pending.code, c.pending.number, rules.digest(c.pending.draft)] for c in self.changes
        ]
        return sha256(canonical({"bank": self.bank_id, "changes": lines})).hexdigest()


@dataclass(frozen=True, slots=True)
class _Known:
    """A question in the bank, by its newest version."""

    code: str
    number: int
    digest: str
    retired: bool


class _Bank:
    """The bank as the planner sees it: by code, by text, by likeness."""

    def __init__(self, bank_id: int) -> None:
        self.by_code: dict[str, _Known] = {}
        self.by_text: dict[str, str] = {}
        self.near = NearIndex()
        for row in session().execute(_newest(bank_id)):
            known = _Known(row.code, row.number, row.digest, row.retired_at is not None)
            self.by_code[row.code] = known
            self.by_text[fingerprint(row.kind, row.stem, row.body)] = row.code
            self.near.add(row.code, near_text(row.stem, row.body))


def fingerprint(kind: str, stem: str, body: dict[str, Any]) -> str:
    """What is asked, without spaces and marks: finds a question again that carries no code."""
    options = sorted(essence(option) or option for option in map(str, texts_of(body)))
    return sha256("\n".join([kind, essence(stem) or stem, *options]).encode()).hexdigest()


def near_text(stem: str, body: dict[str, Any]) -> str:
    """The text by which likeness is judged."""
    return " ".join([stem, *texts_of(body)])


def plan_import(bank: Bank, reading: Reading, report: Report | None = None) -> ImportPlan:
    """Compare a file with the bank; gather every fault; write nothing."""
    plan = ImportPlan(
        bank.id, reading.format, faults=list(reading.faults), state=_state_of(bank.id)
    )
    plan.unsupported, plan.notes = list(reading.unsupported), list(reading.notes)
    found = attached(reading)
    plan.faults += found.faults
    plan.files = found.files
    known, seen = _Bank(bank.id), {}  # type: _Bank, dict[str, str]
    for done, item in enumerate(found.items, start=1):
        _plan_item(plan, item, known, seen)
        if report and (done % 200 == 0 or done == len(found.items)):
            report(done, len(found.items))
    return plan


def apply_import(plan: ImportPlan, actor: Actor, now: datetime) -> list[int]:
    """Write the plan; ids of the new versions, each waiting for approval.

    Raises:
        Invalid: the plan has faults.
    """
    if plan.faults:
        raise Invalid(_("文件里还有错误，没有导入任何题目。"))
    keep_all(session().get_one(Bank, plan.bank_id), plan.files, actor, now)
    pending = [change.pending for change in plan.changes]
    made = append_versions(plan.bank_id, pending, actor.person_id, now)
    audit.record(
        actor,
        "question.import",
        "bank",
        plan.bank_id,
        format=plan.format,
        new=plan.new,
        changed=plan.changed,
    )
    return made


def import_questions(
    bank: Bank,
    reading: Reading,
    actor: Actor,
    now: datetime,
    expected: str | None = None,
    plan: ImportPlan | None = None,
) -> ImportPlan:
    """Plan against the bank as it stands now and write it; nobody else writes to it meanwhile. A
    ``plan`` made just before is taken as it is, unless the bank has changed since.

    Raises:
        Invalid: the plan has faults. Conflict: it is not the plan whose digest was ``expected``.
    """
    session().execute(select(Bank.id).where(Bank.id == bank.id).with_for_update())
    if plan is None or plan.state != _state_of(bank.id):
        plan = plan_import(bank, reading)
    if expected is not None and plan.digest != expected:
        raise Conflict(_("题库刚刚有了变化，请重新上传文件，核对后再确认。"))
    apply_import(plan, actor, now)
    return plan


def _state_of(bank_id: int) -> tuple[int, ...]:
    """Changes whenever a question, a version or a retirement is added to a bank."""
    row = (
        session()
        .execute(
            select(
                func.count(Question.id.distinct()),
                func.count(QuestionVersion.id),
                func.count(Question.id.distinct()).filter(Question.retired_at.is_not(None)),
            )
            .outerjoin(QuestionVersion, QuestionVersion.question_id == Question.id)
            .where(Question.bank_id == bank_id)
        )
        .one()
    )
    return tuple(row)


def suggested_code(draft: rules.Draft) -> str:
    """A code for a question that was given none: always the same for the same text."""
    return f"q-{fingerprint(draft.kind, draft.stem, draft.body)[:12]}"


def nearest_to(bank_id: int, draft: rules.Draft, but: str | None = None) -> Near | None:
    """The question of a bank most like a draft, if one is alike enough."""
    return _Bank(bank_id).near.nearest(near_text(draft.stem, draft.body), but)


def _newest(bank_id: int) -> Any:
    newest = (
        select(QuestionVersion.question_id, func.max(QuestionVersion.number).label("number"))
        .join(Question, Question.id == QuestionVersion.question_id)
        .where(Question.bank_id == bank_id)
        .group_by(QuestionVersion.question_id)
        .subquery()
    )
    return (
        select(
            Question.code,
            Question.retired_at,
            QuestionVersion.number,
            QuestionVersion.digest,
            QuestionVersion.kind,
            QuestionVersion.stem,
            QuestionVersion.body,
        )
        .join(QuestionVersion, QuestionVersion.question_id == Question.id)
        .join(
            newest,
            (newest.c.question_id == QuestionVersion.question_id)
            & (newest.c.number == QuestionVersion.number),
        )
        .order_by(Question.id)
    )


def _plan_item(plan: ImportPlan, item: Item, bank: _Bank, seen: dict[str, str]) -> None:
    draft = item.draft
    text = fingerprint(draft.kind, draft.stem, draft.body)
    code = item.code or bank.by_text.get(text) or suggested_code(draft)
    reasons = rules.faults(draft)
    if len(code) > LONGEST_CODE or rules.tidy_text(code) != code or "\n" in code:
        reasons.append(_("题目编号太长或含有特殊字符。"))
    if code in seen:
        reasons.append(_("与%(where)s是同一道题。", where=seen[code]))
    seen.setdefault(code, item.where)
    known = bank.by_code.get(code)
    if known and known.retired:
        reasons.append(_("题目“%(code)s”已停用，不能再导入。", code=code))
    plan.faults += [Fault(item.where, reason) for reason in reasons]
    if reasons:
        return
    if known and known.digest == rules.digest(draft):
        plan.unchanged += 1
        return
    near = None if known else bank.near.nearest(near_text(draft.stem, draft.body))
    bank.near.add(code, near_text(draft.stem, draft.body))
    number = known.number + 1 if known else 1
    plan.changes.append(Change(item.where, Pending(code, number, draft), near))
