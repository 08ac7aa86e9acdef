"""What the event's page shows of its papers; frozen values, a fixed number of statements."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select

from exams.bank.models import QuestionVersion
from exams.entries.models import ExamEvent, Part
from exams.papers import fixed
from exams.papers.allotting import count_lacking
from exams.papers.evidence import uses_in
from exams.papers.models import Paper, PaperBasis, PaperMode, Slot
from exams.papers.preparing import outlook
from exams.papers.rules import Blueprint
from exams.papers.words import describe, describe_overuse
from lms.core import tasks
from lms.core.db import session
from lms.core.errors import DomainError


@dataclass(frozen=True, slots=True)
class Figures:
    """How alike the papers made so far are: their expected marks, in tenths."""

    papers: int
    lacking: int
    least: int | None
    most: int | None
    tolerance: int
    measured: int
    pool: int

    @property
    def middle(self) -> int:
        """Half-way between the lowest and the highest."""
        return ((self.most or 0) + (self.least or 0)) // 2

    @property
    def spread(self) -> int:
        """How far any two papers are apart."""
        return (self.most or 0) - (self.least or 0)


@dataclass(frozen=True, slots=True)
class Work:
    """The task that publishes the event or makes its papers."""

    state: str
    done: int
    total: int
    error: str

    @property
    def running(self) -> bool:
        """True until it has come to an end."""
        return self.state in {"waiting", "running"}


@dataclass(frozen=True, slots=True)
class PapersShown:
    """An event's papers: before publishing what stands in the way, after it how alike they are."""

    mode: str
    blueprint: Blueprint | None = None
    missing: str = ""
    overused: str = ""
    total: fixed.Sum | None = None
    questions: int = 0
    figures: Figures | None = None
    work: Work | None = None
    faults: list[str] = field(default_factory=list)

    @property
    def may_publish(self) -> bool:
        """True if nothing is known that stands in the way."""
        return not self.missing and not self.faults and not (self.work and self.work.running)


def papers_shown(event: ExamEvent, now: datetime) -> PapersShown | None:
    """The papers of a theory event; None for other parts."""
    if event.part != Part.THEORY:
        return None
    work = work_on(event)
    if event.status != "draft":
        return PapersShown(event.paper_mode, figures=figures_of(event), work=work)
    if event.paper_mode == PaperMode.FIXED:
        picks = fixed.picks_of(event.id)
        found = fixed.add_up(event, picks, now)
        return PapersShown(
            event.paper_mode, total=found, questions=len(picks), work=work, faults=found.faults
        )
    try:
        view = outlook(event, now)
    except DomainError as refusal:
        return PapersShown(event.paper_mode, missing=str(refusal), work=work)
    return PapersShown(
        event.paper_mode,
        view.blueprint,
        describe(view.missing),
        describe_overuse(view.overused, event.exposure_percent),
        questions=view.blueprint.questions,
        work=work,
    )


def figures_of(event: ExamEvent) -> Figures:
    """How alike an event's papers are, from what was kept with them."""
    basis = session().get(PaperBasis, event.id)
    papers, least, most = (
        session()
        .execute(
            select(func.count(Paper.id), func.min(Paper.expected), func.max(Paper.expected)).where(
                Paper.event_id == event.id
            )
        )
        .one()
    )
    return Figures(
        papers,
        count_lacking(event.id) if event.paper_mode == PaperMode.OWN else 0,
        least,
        most,
        basis.tolerance if basis else event.tolerance_tenths,
        basis.measured if basis else 0,
        len(basis.items) if basis else 0,
    )


def work_on(event: ExamEvent) -> Work | None:
    """The event's last task, if it had one."""
    task = tasks.with_ref(event.papers_task) if event.papers_task else None
    if task is None:
        return None
    return Work(task.state, task.done, task.total, str(task.result.get("error", "")))


@dataclass(frozen=True, slots=True)
class FormRow:
    """A form: its letter, how many places it has, its expected tenths, and the most questions it
    shares with any other."""

    number: int
    letter: str
    size: int
    expected: int
    shared: int


def forms_of(event_id: int) -> list[FormRow]:
    """The forms of an event; two statements."""
    query = select(Paper).where(Paper.event_id == event_id, Paper.form.is_not(None))
    papers = list(session().scalars(query.order_by(Paper.form)))
    questions: dict[int, set[int]] = {paper.id: set() for paper in papers}
    rows = session().execute(
        select(Slot.paper_id, QuestionVersion.question_id)
        .join(QuestionVersion, QuestionVersion.id == Slot.question_version_id)
        .where(Slot.paper_id.in_(list(questions)))
    )
    for paper_id, question_id in rows:
        questions[paper_id].add(question_id)
    return [
        FormRow(
            paper.form or 0,
            "ABCDEFGH"[(paper.form or 1) - 1],
            paper.size,
            paper.expected or 0,
            max((len(questions[paper.id] & held) for other, held in questions.items()
                 if other != paper.id), default=0),
        )
        for paper in papers
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Exposure:
    """How widely an event's questions are used: how many there are, and the largest share of the
    papers that one of them is in, in per cent."""

    questions: int
    most: int


def exposure_of(event_id: int) -> Exposure:
    """How widely the questions of an event's papers are used; two statements."""
    uses = uses_in(event_id)
    papers = session().scalar(select(func.count(Paper.id)).where(Paper.event_id == event_id)) or 1
    return Exposure(len(uses), -(-100 * max(uses.values(), default=0) // papers))
