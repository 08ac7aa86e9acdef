"""Papers for candidates: in a batch when the event is published, on entry for late ones, and for
a further attempt when it begins. Callers commit."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, select

from exams.entries.chains import chain_of
from exams.entries.models import Entry, ExamEvent
from exams.papers import errors, evidence
from exams.papers.feasibility import Shortage
from exams.papers.models import Paper, PaperMode
from exams.papers.operations import NewPaper, pin_all
from exams.papers.press import Press, Unbalanced, hold, open_press, sitting_seed
from exams.sittings.models import Attempt
from lms.core import tasks
from lms.core.access import Actor
from lms.core.db import session
from lms.core.i18n import chosen_locale

FILL = "exams.papers"
#: So many papers are made within the request; more are a task of their own.
AT_ONCE = 40
BATCH = 50


def paper_for(entry: Entry, event: ExamEvent, number: int, now: datetime) -> Paper:
    """The paper of a candidate's sitting; made on the spot only where none is ready.

    Raises:
        PaperNotReady: the bank cannot give one.
    """
    own = session().scalar(select(Paper).where(Paper.entry_id == entry.id, Paper.number == number))
    if own is not None:
        return own
    if event.paper_mode != PaperMode.OWN:
        form = _form_for(entry, event, number)
        if form is not None:
            return form
        if event.paper_mode == PaperMode.FIXED:
            raise errors.PaperNotReady
    hold(event.id)
    press = open_press(event, now)
    press.recount()
    excluded = _excluded([entry], event).get(entry.person_id, ())
    try:
        paper = press.make(sitting_seed(event.id, entry.id, number), excluded)
    except (Shortage, Unbalanced) as refusal:
        raise errors.PaperNotReady from refusal
    new = NewPaper(
        sitting_seed(event.id, entry.id, number), paper.chosen, paper.expected, entry.id, number
    )
    return pin_all(event.id, event.blueprint, [new], now)[0]


def allot(event: ExamEvent, actor: Actor, now: datetime) -> None:
    """Make the papers that candidates of a published event still lack: a few at once, many as a
    task that shows its progress on the event's page."""
    if event.paper_mode != PaperMode.OWN or event.status != "published":
        return
    lacking = count_lacking(event.id)
    if lacking > AT_ONCE:
        params = {"event_id": event.id, "person_id": actor.person_id, "locale": chosen_locale()}
        event.papers_task = tasks.start(FILL, params, actor).ref
        session().flush()
    elif lacking:
        fill(event, open_press(event, now), now)


@dataclass(frozen=True, slots=True)
class Filled:
    """What a batch came to: how many papers were made, for how many there was none, and the last
    entry it looked at (None: nobody is left)."""

    made: int
    failed: int
    last: int | None


def fill(
    event: ExamEvent, press: Press, now: datetime, after: int = 0, limit: int = AT_ONCE
) -> Filled:
    """Make the papers of up to ``limit`` candidates who have none, by entry, from ``after`` on."""
    hold(event.id)
    entries = _lacking(event.id, after, limit)
    press.recount()
    excluded = _excluded(entries, event)
    made = []
    for entry in entries:
        seed = sitting_seed(event.id, entry.id, 1)
        try:
            paper = press.make(seed, excluded.get(entry.person_id, ()))
        except (Shortage, Unbalanced):
            continue
        made.append(NewPaper(seed, paper.chosen, paper.expected, entry.id, 1))
    if made:
        pin_all(event.id, event.blueprint, made, now)
    last = entries[-1].id if len(entries) == limit else None
    return Filled(len(made), len(entries) - len(made), last)


def count_lacking(event_id: int) -> int:
    """How many candidates of an event have no paper yet."""
    query = select(func.count(Entry.id)).where(*_without_paper(event_id))
    return session().scalar(query) or 0


def _lacking(event_id: int, after: int, limit: int) -> list[Entry]:
    query = select(Entry).where(*_without_paper(event_id), Entry.id > after)
    return list(session().scalars(query.order_by(Entry.id).limit(limit)))


def _without_paper(event_id: int) -> list[ColumnElement[bool]]:
    return [
        Entry.event_id == event_id,
        Entry.withdrawn_at.is_(None),
        ~exists().where(Paper.entry_id == Entry.id),
        ~exists().where(Attempt.entry_id == Entry.id),
    ]


def _excluded(entries: Sequence[Entry], event: ExamEvent) -> dict[int, set[int]]:
    """Person → what she was asked in this event and in those it is a make-up of; practice may
    ask the same again."""
    if event.practice:
        return {}
    events = [event.id, *(earlier.id for earlier in chain_of(event))]
    return evidence.seen_by([entry.person_id for entry in entries], events)


def seen_before(event: ExamEvent, person_ids: Collection[int]) -> dict[int, set[int]]:
    """Person → what she was asked in the events this one is a make-up of."""
    return evidence.seen_by(person_ids, [earlier.id for earlier in chain_of(event)])


def _form_for(entry: Entry, event: ExamEvent, number: int) -> Paper | None:
    """The form a candidate gets: neighbours by seat (or in the list) differ, another attempt gets
    another form, and never one with a question that she was asked before."""
    query = select(Paper).where(Paper.event_id == event.id, Paper.form.is_not(None))
    forms = list(session().scalars(query.order_by(Paper.form)))
    if not forms:
        raise errors.PaperNotReady
    first = (_place(entry) + number - 1) % len(forms)
    turn = forms[first:] + forms[:first]
    if event.practice or (number == 1 and event.make_up_of is None):
        return turn[0]
    seen = _excluded([entry], event).get(entry.person_id, set())
    return next((form for form in turn if not evidence.questions_on(form.id) & seen), None)


def _place(entry: Entry) -> int:
    """Where a candidate sits: her seat, or her place in the list of entries."""
    if entry.seat is not None:
        return entry.seat - 1
    query = select(func.count(Entry.id)).where(
        Entry.event_id == entry.event_id, Entry.id < entry.id
    )
    return session().scalar(query) or 0
