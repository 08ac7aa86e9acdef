"""Makes the papers of one event, one after the other, and keeps count of what is used."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from exams.bank.queries import PoolItem, approved_pool
from exams.entries.models import Entry, ExamEvent
from exams.papers import evidence
from exams.papers.assembly import Assembled, Assembler
from exams.papers.cells import Balance, Usage
from exams.papers.feasibility import exposure_cap
from exams.papers.models import Paper, PaperBasis
from exams.papers.plans import plan_of
from exams.papers.rules import Blueprint
from lms.core import clock
from lms.core.db import session
from lms.core.rules import rule_on
from lms.core.vault import vault

RULE = "exams.papers"


@dataclass(frozen=True, slots=True)
class Basis:
    """As ``PaperBasis``: version → (expected share, recent events), target and tolerance."""

    items: dict[int, tuple[int, int]]
    target: int
    tolerance: int
    stamp: str
    measured: int


class Unbalanced(Exception):
    """A paper cannot be brought close enough to the target; figures in tenths."""

    def __init__(self, expected: int, target: int, tolerance: int) -> None:
        super().__init__(f"{expected} is too far from {target} for {tolerance}")
        self.apart, self.tolerance = 2 * abs(expected - target), tolerance


def seed_of(name: str) -> str:
    """A secret seed that only this installation can make again."""
    return vault().blind(name, "paper")[:32]


def sitting_seed(event_id: int, entry_id: int, number: int) -> str:
    """The seed of one sitting's own paper."""
    return seed_of(f"{event_id}:{entry_id}:{number}")


def known_items(event: ExamEvent, now: datetime) -> tuple[dict[int, tuple[int, int]], str, int]:
    """Version → (expected share in thousandths, recent events): measured where enough candidates
    sat a question, the author's difficulty for the others. With the rule's stamp, and how many
    were measured."""
    rule = rule_on(RULE, clock.local_date(now))
    bank_id, value = event.bank_id or 0, rule.value
    measured = evidence.measured_shares(bank_id, int(value["least_sample"]))
    since = now - timedelta(days=int(value["recent_days"]))
    recent = evidence.recent_uses(bank_id, since, event.id)
    pool = approved_pool(bank_id, event.rung)
    items = {
        item.version_id: (
            measured.get(item.version_id, int(value["expected"][item.difficulty])),
            recent.get(item.question_id, 0),
        )
        for item in pool
    }
    return items, rule.stamp, sum(item.version_id in measured for item in pool)


def expectations(event: ExamEvent, blueprint: Blueprint, now: datetime) -> Basis:
    """What an event's papers would be made from now."""
    items, stamp, measured = known_items(event, now)
    shares = {version: share for version, (share, _recent) in items.items()}
    pool = approved_pool(event.bank_id or 0, event.rung)
    target = Assembler(pool, blueprint, Balance(shares)).target()
    return Basis(items, target, event.tolerance_tenths, stamp, measured)


def keep_basis(event: ExamEvent, basis: Basis, now: datetime) -> None:
    """Pin what an event's papers are made from."""
    session().add(
        PaperBasis(
            event_id=event.id,
            items={str(version): list(pair) for version, pair in basis.items.items()},
            target=basis.target,
            tolerance=basis.tolerance,
            stamp=basis.stamp,
            measured=basis.measured,
            made_at=now,
        )
    )
    session().flush()


def basis_of(event: ExamEvent, now: datetime) -> Basis:
    """The pinned basis; an event published before there was one gets it now."""
    row = session().get(PaperBasis, event.id)
    if row is None:
        blueprint, _stamp = plan_of(event, clock.local_date(now))
        basis = expectations(event, blueprint, now)
        keep_basis(event, basis, now)
        return basis
    items = {int(version): (share, recent) for version, (share, recent) in row.items.items()}
    return Basis(items, row.target, row.tolerance, row.stamp, row.measured)


class Press:
    """Makes papers of one event from its basis, without the questions retired since."""

    def __init__(self, event: ExamEvent, blueprint: Blueprint, basis: Basis, papers: int) -> None:
        self.event_id, self.basis, self.papers = event.id, basis, papers
        in_use = approved_pool(event.bank_id or 0, event.rung)
        self.pool: list[PoolItem] = [i for i in in_use if i.version_id in basis.items]
        shares = {version: share for version, (share, _recent) in basis.items.items()}
        balance = Balance(shares, basis.target, basis.tolerance)
        self.assembler = Assembler(self.pool, blueprint, balance, event.shuffle_options)
        recent = {i.question_id: basis.items[i.version_id][1] for i in self.pool}
        cap = exposure_cap(papers, event.exposure_percent) if event.exposure_percent else None
        self.counted = 0
        self.usage = Usage(recent=recent, cap=cap, to_come=max(0, papers - 1))

    def recount(self) -> None:
        """Take up what is used on the papers kept so far; the caller holds the event's row and
        keeps every paper made since. Counts anew only when others have made papers too."""
        kept = _kept(self.event_id)
        if kept != self.counted:
            self.usage.here = Counter(evidence.uses_in(self.event_id))
            self.counted = kept
        self.usage.to_come = max(0, self.papers - kept - 1)

    def make(self, seed: str, excluded: Collection[int] = ()) -> Assembled:
        """The next paper, counted as used.

        Raises:
            Shortage; Unbalanced: it cannot be brought within half the tolerance of the target.
        """
        paper = self.assembler.paper(seed, excluded, self.usage)
        if not paper.balanced:
            raise Unbalanced(paper.expected, self.basis.target, self.basis.tolerance)
        self.usage.here.update(paper.questions)
        self.counted += 1
        self.usage.to_come = max(0, self.usage.to_come - 1)
        return paper


def open_press(event: ExamEvent, now: datetime) -> Press:
    """The press of a published event, as many papers as it has candidates."""
    blueprint, _stamp = plan_of(event, clock.local_date(now))
    basis = basis_of(event, now)
    return Press(event, blueprint, basis, max(entered(event.id), _kept(event.id) + 1))


def hold(event_id: int) -> None:
    """Hold the event's row: who makes papers of an event does it alone."""
    session().execute(select(ExamEvent.id).where(ExamEvent.id == event_id).with_for_update())


def entered(event_id: int) -> int:
    """How many candidates an event has."""
    query = select(func.count(Entry.id)).where(
        Entry.event_id == event_id, Entry.withdrawn_at.is_(None)
    )
    return session().scalar(query) or 0


def _kept(event_id: int) -> int:
    query = select(func.count(Paper.id)).where(Paper.event_id == event_id)
    return session().scalar(query) or 0
