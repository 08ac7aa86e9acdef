"""Fixed papers: the examiner picks the questions and what each is worth. Callers commit."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import func, select

from exams.bank.models import Question, QuestionVersion
from exams.bank.queries import PoolItem, approved_pool
from exams.entries.models import Entry, ExamEvent
from exams.papers import errors
from exams.papers.allotting import seen_before
from exams.papers.assembly import places
from exams.papers.models import FixedPaper
from exams.papers.plans import plan_of
from exams.papers.press import known_items, seed_of
from exams.papers.rules import FULL_TENTHS, MOST_QUESTIONS, Chosen
from exams.papers.words import marks
from lms.core import audit, clock
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import DomainError, Invalid


@dataclass(frozen=True, slots=True)
class Pick:
    """A question on a fixed paper and what it is worth, in tenths."""

    question_id: int
    tenths: int


@dataclass(frozen=True, slots=True)
class Sum:
    """What a fixed paper adds up to; ``faults`` keep it from being published, ``warnings`` not."""

    tenths: int
    faults: list[str]
    warnings: list[str]


def newest(event_id: int) -> FixedPaper | None:
    """The newest version of an event's fixed paper."""
    query = select(FixedPaper).where(FixedPaper.event_id == event_id)
    return session().scalar(query.order_by(FixedPaper.version.desc()).limit(1))


def picks_of(event_id: int) -> list[Pick]:
    """The picks of the newest version, in their order."""
    row = newest(event_id)
    return [Pick(int(p["question_id"]), int(p["tenths"])) for p in row.picks] if row else []


@dataclass(frozen=True, slots=True)
class PickRow:
    """A pick as the page shows it."""

    question_id: int
    tenths: int
    code: str
    kind: str
    module: str
    difficulty: str
    stem: str


def rows_of(picks: Sequence[Pick]) -> list[PickRow]:
    """The picks with their questions, by the newest version; one statement."""
    newest_version = (
        select(func.max(QuestionVersion.id))
        .where(QuestionVersion.question_id.in_([pick.question_id for pick in picks]))
        .group_by(QuestionVersion.question_id)
    )
    found = session().execute(
        select(QuestionVersion, Question.code)
        .join(Question, Question.id == QuestionVersion.question_id)
        .where(QuestionVersion.id.in_(newest_version))
    )
    by_id = {version.question_id: (version, code) for version, code in found}
    return [
        PickRow(pick.question_id, pick.tenths, code, v.kind, v.module, v.difficulty, v.stem)
        for pick in picks
        for v, code in [by_id[pick.question_id]]
    ]


def save(event: ExamEvent, picks: Sequence[Pick], actor: Actor, now: datetime) -> FixedPaper:
    """Keep the next version of a draft event's fixed paper; it need not be complete yet.

    Raises:
        Invalid: a question twice, of another bank or rung, or marks that cannot be.
    """
    pool = {item.question_id: item for item in approved_pool(event.bank_id or 0, event.rung)}
    if len({pick.question_id for pick in picks}) < len(picks):
        raise Invalid(_("同一道题选了两次。"))
    if len(picks) > MOST_QUESTIONS:
        raise Invalid(_("一份试卷最多 %(n)s 道题。", n=MOST_QUESTIONS))
    for pick in picks:
        least = len(pool[pick.question_id].orders) if pick.question_id in pool else 0
        if not least:
            raise Invalid(_("选的题不在这个题库里，或者已经停用。"))
        if not least <= pick.tenths <= FULL_TENTHS:
            raise Invalid(_("每道题（案例题每一小题）至少 0.1 分，最多 100 分。"))
    known = newest(event.id)
    row = FixedPaper(
        event_id=event.id,
        version=known.version + 1 if known else 1,
        picks=[{"question_id": pick.question_id, "tenths": pick.tenths} for pick in picks],
        saved_by=actor.person_id,
        saved_at=now,
    )
    session().add(row)
    session().flush()
    audit.record(actor, "exams.fixed_paper.save", "exam_event", event.id, version=row.version)
    return row


def add_up(event: ExamEvent, picks: Sequence[Pick], now: datetime) -> Sum:
    """Check a fixed paper: 100 marks, nothing retired, nothing asked before; warn where a module
    does not have its weight."""
    pool = {item.question_id: item for item in approved_pool(event.bank_id or 0, event.rung)}
    total, faults = sum(pick.tenths for pick in picks), []
    if total != FULL_TENTHS:
        faults.append(_("总分应为 100，现在是 %(marks)s。", marks=marks(total)))
    if gone := [pick for pick in picks if pick.question_id not in pool]:
        faults.append(_("有 %(n)s 道题已经停用，请换掉。", n=len(gone)))
    if event.attempts > 1 and not event.practice:
        faults.append(_("固定试卷只有一份，每人只能考一次。请把可考次数改为 1。"))
    asked = _asked_before(event)
    if shared := sum(pick.question_id in asked for pick in picks):
        faults.append(_("有 %(n)s 道题在原来的考试里考过，补考不能再用。", n=shared))
    return Sum(total, faults, _module_warnings(event, picks, pool, now))


def _asked_before(event: ExamEvent) -> set[int]:
    """What anybody entered was asked in the events this one is a make-up of."""
    people = session().scalars(
        select(Entry.person_id).where(Entry.event_id == event.id, Entry.withdrawn_at.is_(None))
    )
    seen = seen_before(event, list(people))
    return set().union(*seen.values()) if seen else set()


def _module_warnings(
    event: ExamEvent, picks: Sequence[Pick], pool: dict[int, PoolItem], now: datetime
) -> list[str]:
    try:
        plan, _stamp = plan_of(event, clock.local_date(now))
    except DomainError as refusal:
        return [str(refusal)]
    has: dict[str, int] = dict.fromkeys(plan.weights, 0)
    for pick in picks:
        if pick.question_id in pool:
            module = pool[pick.question_id].module
            has[module] = has.get(module, 0) + pick.tenths
    return [
        _(
            "“%(module)s”按权重表应占 %(weight)s 分，现在是 %(marks)s 分。",
            module=module,
            weight=plan.weights.get(module, 0),
            marks=marks(tenths),
        )
        for module, tenths in has.items()
        if tenths != plan.weights.get(module, 0) * 10
    ]


def checked(event: ExamEvent, now: datetime) -> tuple[list[Chosen], str]:
    """The fixed paper as it will be sat, and its stamp. Raises FixedPaperFault."""
    row, picks = newest(event.id), picks_of(event.id)
    if row is None or not picks:
        raise errors.FixedPaperFault(_("还没有选题。"))
    found = add_up(event, picks, now)
    if found.faults:
        raise errors.FixedPaperFault(" ".join(found.faults))
    return laid_out(event, picks), f"fixed:{event.id}@{row.version}"


def laid_out(event: ExamEvent, picks: Sequence[Pick]) -> list[Chosen]:
    """The places of a fixed paper, in the examiner's order; options shuffled once for all."""
    pool = {item.question_id: item for item in approved_pool(event.bank_id or 0, event.rung)}
    rng = random.Random(seed_of(f"{event.id}:form:1"))  # noqa: S311 - fairness, not secrecy
    chosen: list[Chosen] = []
    for pick in picks:
        if pick.question_id in pool:
            item, after = pool[pick.question_id], len(chosen)
            chosen += places(item, pick.tenths, after, rng, event.shuffle_options)
    return chosen


def expected_tenths(event: ExamEvent, chosen: Sequence[Chosen], now: datetime) -> int:
    """What a fixed paper is expected to bring."""
    items, _stamp, _measured = known_items(event, now)
    return round(sum(c.tenths * items[c.version_id][0] for c in chosen) / 1000)
