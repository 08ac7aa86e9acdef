"""Before an event is published: can its papers be made, and how alike are they? And then: pin
what they are made from, and make the forms. Callers commit."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select

from exams.bank.queries import PoolItem, approved_pool
from exams.entries.chains import chain_of
from exams.entries.models import Entry, ExamEvent
from exams.papers import errors, fixed
from exams.papers.allotting import seen_before
from exams.papers.feasibility import Cell, Overuse, Shortage, Shortfall, overuse, shortfalls
from exams.papers.models import PaperMode
from exams.papers.operations import NewPaper, pin_all
from exams.papers.plans import plan_of
from exams.papers.press import Basis, Press, Unbalanced, expectations, keep_basis, seed_of
from exams.papers.rules import Blueprint
from exams.papers.words import describe, marks
from lms.core import audit, clock
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import Invalid
from lms.core.tasks import Report

#: So many papers are tried at least, even before anybody is entered.
TRIED = 4
REPORTED = 25


@dataclass(frozen=True, slots=True)
class Outlook:
    """What can be said of an event's papers before they are made; nothing is written."""

    blueprint: Blueprint
    stamp: str
    missing: list[Shortfall]
    overused: list[Overuse]


@dataclass(frozen=True, slots=True)
class Trial:
    """Papers that were made and thrown away: their expected tenths, the basis, and for whom and
    by which plan they were (when that has changed, they have to be tried again)."""

    expected: tuple[int, ...]
    basis: Basis
    people: tuple[int, ...]
    plan: tuple[object, ...]


def outlook(event: ExamEvent, now: datetime) -> Outlook:
    """Where the bank cannot fill the papers, quota by quota, without what candidates were asked
    before; and where it does not allow the exposure limit.

    Raises:
        NoPlan; Invalid: the plan's weights do not sum to 100, or are still a draft.
    """
    blueprint, stamp = plan_of(event, clock.local_date(now))
    pool = approved_pool(event.bank_id or 0, event.rung)
    people = _entered(event.id)
    times, spent = _demanded(event, blueprint, pool, people)
    missing = shortfalls(pool, blueprint, times, spent)
    papers = event.forms if event.paper_mode == PaperMode.FORMS else max(len(people), 1)
    overused = [] if missing else overuse(pool, blueprint, papers, event.exposure_percent)
    return Outlook(blueprint, stamp, missing, overused)


def _demanded(
    event: ExamEvent, blueprint: Blueprint, pool: list[PoolItem], people: list[int]
) -> tuple[int, Mapping[Cell, int]]:
    """How many disjoint papers one person (or all forms) may need, and what is spent for them."""
    if event.practice:
        return 1, {}
    chain, seen = chain_of(event), seen_before(event, people)
    if event.paper_mode == PaperMode.FORMS:
        gone = set().union(*seen.values()) if seen else set()
        return (event.forms if event.attempts > 1 else 1), _cells(pool, gone)
    if chain and not seen:
        return event.attempts + sum(earlier.attempts for earlier in chain), {}
    worst: Counter[Cell] = Counter()
    for gone in seen.values():
        worst |= _cells(pool, gone)
    return event.attempts, worst


def _cells(pool: list[PoolItem], gone: set[int]) -> Counter[Cell]:
    found: Counter[Cell] = Counter()
    for item in pool:
        if item.question_id in gone:
            found[item.kind, item.module, item.difficulty] += 1
            found[item.kind, item.module, None] += 1
    return found


def trial(
    event: ExamEvent, view: Outlook, now: datetime, report: Report = lambda _done, _total: None
) -> Trial:
    """Make every candidate's paper, or every form, and throw them away.

    Raises:
        BankTooSmall; NotBalanced, with the figure.
    """
    basis, people = expectations(event, view.blueprint, now), _entered(event.id)
    about = tuple(people), _plan_of_papers(event, view)
    if event.paper_mode == PaperMode.FORMS:
        made = _forms(event, view.blueprint, basis)
        return Trial(tuple(new.expected or 0 for new in made), basis, *about)
    seen = {} if event.practice else seen_before(event, people)
    press = Press(event, view.blueprint, basis, max(len(people), 1))
    expected, papers = [], max(len(people), TRIED)
    with _in_words():
        for number in range(papers):
            gone = seen.get(people[number], ()) if number < len(people) else ()
            expected.append(press.make(seed_of(f"{event.id}:trial:{number}"), gone).expected)
            if number % REPORTED == 0:
                report(number, papers)
    return Trial(tuple(expected), basis, *about)


def _plan_of_papers(event: ExamEvent, view: Outlook) -> tuple[object, ...]:
    return (
        view.stamp, event.paper_mode, event.forms, event.attempts, event.bank_id,
        event.exposure_percent, event.tolerance_tenths, event.make_up_of, event.practice,
    )  # fmt: skip


def prepare(
    event: ExamEvent, actor: Actor, now: datetime, tried: Trial | None = None, reason: str = ""
) -> None:
    """Check that the papers of a draft can be made, pin its blueprint and what they are made
    from, and make the forms or the fixed paper; own papers are made by ``allotting``. A bank too
    small for the exposure limit takes a ``reason``, which is recorded.

    Raises:
        NoPlan, BankTooSmall, NotBalanced, FixedPaperFault; Invalid: the weights are a draft;
        TooExposed: the exposure limit cannot be kept, and there is no reason.
    """
    if event.paper_mode == PaperMode.FIXED:
        chosen, event.blueprint = fixed.checked(event, now)
        expected = fixed.expected_tenths(event, chosen, now)
        new = [NewPaper(seed_of(f"{event.id}:form:1"), chosen, expected, form=1)]
        pin_all(event.id, event.blueprint, new, now)
        return
    view = outlook(event, now)
    if view.missing:
        raise errors.BankTooSmall(describe(view.missing))
    if view.overused:
        _accept(event, view.overused, reason.strip(), actor)
    if event.paper_mode == PaperMode.FORMS and not event.practice and event.forms < event.attempts:
        raise Invalid(_("每次机会要用一份不同的卷子：可考次数不能多于卷数。"))
    known = tuple(_entered(event.id)), _plan_of_papers(event, view)
    if tried is None or (tried.people, tried.plan) != known:
        tried = trial(event, view, now)
    event.blueprint = view.stamp
    keep_basis(event, tried.basis, now)
    if event.paper_mode == PaperMode.FORMS:
        pin_all(event.id, view.stamp, _forms(event, view.blueprint, tried.basis), now)


def _accept(event: ExamEvent, overused: list[Overuse], reason: str, actor: Actor) -> None:
    """Put on record that questions will be used more than the event's limit, and why."""
    if not reason:
        raise errors.TooExposed
    worst = max(cell.least for cell in overused)
    audit.record(
        actor, "exams.exposure.accept", "exam_event", event.id,
        limit=event.exposure_percent, worst=worst, cells=len(overused), reason=reason,
    )  # fmt: skip


def _forms(event: ExamEvent, blueprint: Blueprint, basis: Basis) -> list[NewPaper]:
    """The forms: without what the people entered were asked before; where a candidate may get
    several of them they share nothing, otherwise as little as the bank allows."""
    seen = {} if event.practice else seen_before(event, _entered(event.id))
    gone: set[int] = set().union(*seen.values()) if seen else set()
    press = Press(event, blueprint, basis, event.forms)
    made = []
    with _in_words():
        for number in range(1, event.forms + 1):
            seed = seed_of(f"{event.id}:form:{number}")
            paper = press.make(seed, gone)
            if event.attempts > 1 and not event.practice:
                gone |= paper.questions
            made.append(NewPaper(seed, paper.chosen, paper.expected, form=number))
    return made


class _in_words:
    """Turns what a press cannot do into named outcomes with a sentence."""

    def __enter__(self) -> None:
        """Nothing to do."""

    def __exit__(self, _kind: object, fault: BaseException | None, _trace: object) -> None:
        if isinstance(fault, Shortage):
            raise errors.BankTooSmall(describe(fault.shortfalls)) from fault
        if isinstance(fault, Unbalanced):
            raise errors.NotBalanced(
                _(
                    "两份试卷的预计得分最多会相差 %(apart)s 分，超过允许的 %(allowed)s 分。"
                    "请放宽允许的差，或者补充难度合适的题。",
                    apart=marks(fault.apart),
                    allowed=marks(fault.tolerance),
                )
            ) from fault


def _entered(event_id: int) -> list[int]:
    query = select(Entry.person_id).where(Entry.event_id == event_id, Entry.withdrawn_at.is_(None))
    return list(session().scalars(query.order_by(Entry.id)))
