"""The demo's work for examiners: answers to read, stations half judged, an analysis to look at."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from exams.analysis.figures import figures_of
from exams.analysis.gathering import gather
from exams.analysis.operations import keep
from exams.bank.models import Bank, Kind
from exams.bank.queries import approved_pool
from exams.demo_past import PastEvent
from exams.entries.models import Entry, ExamEvent
from exams.entries.operations import EventPlan, create_event, publish_event
from exams.marking.concluding import conclude
from exams.marking.stations import judging, setting
from exams.marking.stations.library import templates_for
from exams.marking.stations.models import Station
from exams.marking.stations.rules import Tap
from exams.papers import fixed
from exams.papers.models import Paper
from exams.papers.queries import SlotRow, slots_of
from exams.sittings.models import AnswerStep, SittingEvent
from lms.core import clock
from lms.core.access import SYSTEM, Actor, Grant, Role
from lms.core.db import Json, session
from lms.core.rules import rule_on
from lms.people.api import DemoWorld

#: Kind, how many, and tenths for each: a hundred marks, thirty of them by people.
PAPER = (
    (Kind.SINGLE, 28, 20),
    (Kind.MULTIPLE, 3, 20),
    (Kind.JUDGE, 8, 10),
    (Kind.SHORT, 1, 100),
    (Kind.ESSAY, 1, 200),
)
SAT = 12
SHORT_ANSWERS = (
    "先问张爷爷为什么不愿意，不强迫。把浴室烘暖，水温调好，用浴巾挡着，只露正在洗的地方。",
    "告诉他不洗不卫生，请家属来劝，然后帮他快点洗完。",
    "可以改成擦浴，请男护理员来，或者等他愿意的时候再洗。洗的时候注意保暖和遮挡，洗完记录。",
    "先陪他聊天，听他说冷和怕羞，开暖风，调水温，遮住身体。实在不愿意就先擦身，明天再商量。",
)
ESSAYS = (
    "我照护过一位失能的李奶奶。每次进门先敲门，换衣服拉上帘子，称呼她李老师。吃什么、穿哪件都先问她，"
    "能自己拿勺就让她自己吃，慢一点也不催。她后来愿意主动说话了，我体会到尊严就在小事里。",
    "对老人要有爱心、耐心、细心，不能大声说话，不能嫌脏。",
    "有位爷爷大小便失禁，同屋的人议论他。我换尿垫时用屏风挡住，不在别人面前说他的病情，"
    "鼓励他白天定时上厕所。两周以后好了很多，他说谢谢我没有让他难堪。",
)
STATIONS_SHOWN = 3
#: How many lines somebody marks down who sees everything.
STRICT = 6


class EssayEvent(PastEvent):
    """Everybody sits one paper; what people have to read waits for them."""

    def _one(self, person_id: int, decision: Json, stamp: str) -> bool:
        entry = self._enter(person_id, decision, stamp)
        started = self.event.opens_at + timedelta(seconds=self.rng.randrange(600))
        form = select(Paper).where(Paper.event_id == self.event.id, Paper.form == 1)
        paper = session().scalars(form).one()
        slots = slots_of(paper.id)
        answers = self._answers(slots)
        steps = self._steps(answers, started)
        handed_in = steps[-1]["received_at"] + timedelta(seconds=90)
        attempt = self._attempt(entry.id, paper.id, len(slots), started, handed_in, answers)
        attempt.state = "handed_in"
        session().add_all(AnswerStep(**step, attempt_id=attempt.id) for step in steps)
        details = {"answered": attempt.answered}
        note = SittingEvent(
            attempt_id=attempt.id, kind="handed_in", at=handed_in, by=person_id, details=details
        )
        session().add(note)
        session().flush()
        conclude(attempt, SYSTEM, handed_in)
        return True

    def _answer(self, slot: SlotRow, knows: bool) -> Json:
        """Right or wrong whatever the order the options are shown in."""
        key = self.keys[slot.asked]
        if key.kind in (Kind.SHORT, Kind.ESSAY):
            return {"text": self.rng.choice(SHORT_ANSWERS if key.kind == Kind.SHORT else ESSAYS)}
        right = key.key["right"]
        if isinstance(right, bool):
            return {"value": right if knows else not right}
        wrong = [option for option in range(len(slot.order)) if option not in right]
        picked = right if knows else [self.rng.choice(wrong)]
        return {"picked": sorted(slot.order.index(option) for option in picked)}


def seed_essays(
    world: DemoWorld,
    bank: Bank,
    people: Sequence[int],
    examiner: Actor,
    rng: random.Random,
    now: datetime,
) -> ExamEvent:
    """An exam of last week whose short answers and essays nobody has read yet."""
    opens = clock.start_of(clock.local_date(now)) - timedelta(days=6, hours=-9)
    plan = EventPlan(
        title="上周的初级工理论考试（含简答和论述）",
        rung=2,
        part="theory",
        organisation_id=world.base_id,
        bank_id=bank.id,
        opens_at=opens,
        closes_at=opens + timedelta(hours=3),
        minutes=120,
        release="by_examiner",
        paper_mode="fixed",
        issues_certificate=False,
    )
    before = opens - timedelta(days=8)
    event = create_event(plan, examiner, before)
    fixed.save(event, _picks(bank), examiner, before)
    publish_event(event, examiner, before)
    EssayEvent(event, bank.id, examiner, rng).sit(people)
    event.status, event.closed_at = "closed", event.closes_at
    session().flush()
    return event


def _picks(bank: Bank) -> list[fixed.Pick]:
    pool = sorted(approved_pool(bank.id, 2), key=lambda item: item.question_id)
    chosen = []
    for kind, count, tenths in PAPER:
        fits = [item.question_id for item in pool if item.kind == kind]
        # From all modules: every so many of them.
        step = max(1, len(fits) // count)
        chosen += [fixed.Pick(number, tenths) for number in fits[::step][:count]]
    return chosen


def seed_stations(
    event: ExamEvent,
    world: DemoWorld,
    people: Sequence[int],
    judges: Sequence[int],
    examiner: Actor,
    now: datetime,
) -> None:
    """Stations and panels of the open skills test: one candidate judged to the end, one with
    sheets too far apart, one just begun."""
    chosen = [template.id for template in templates_for(event.part, event.rung)]
    stations = setting.set_stations(event, chosen, examiner, now)
    panel = [world.logins["marker"], *judges]
    for station in stations:
        setting.assign(event, station, panel, examiner, now)
    grants = (Grant(Role.MARKER, world.base_id),)
    actors = [Actor(person, 0, "demo", grants) for person in panel]
    query = select(Entry).where(Entry.event_id == event.id, Entry.person_id.in_(people))
    entries = list(session().scalars(query.order_by(Entry.id).limit(STATIONS_SHOWN)))
    for number, entry in enumerate(entries):
        shown = stations if number == 0 else stations[: 3 - number]
        for place, station in enumerate(shown):
            for judge, actor in enumerate(actors):
                strict = number == 1 and place == 0 and judge == 2
                _judge(station, entry, actor, STRICT if strict else place % 2, now)


def _judge(station: Station, entry: Entry, actor: Actor, hits: int, now: datetime) -> None:
    sheet = judging.open_sheet(station, entry, actor, now)
    if sheet is None:
        return
    items = enumerate(judging.checklist_of(sheet).items[:hits])
    taps = [
        (f"demo-{number}", Tap(number + 1, number, item.most if hits == STRICT else 1))
        for number, item in items
    ]
    judging.tap(sheet, taps, actor, now)
    judging.sign(sheet, "", actor, now)


def seed_analysis(event: ExamEvent, examiner: Actor, now: datetime) -> None:
    """Freeze the figures of a past event, as the nightly job would."""
    session().flush()
    found = gather(session().connection(), event.id)
    line = int(rule_on("exams.parts", clock.local_date(now)).value["pass_tenths"])
    figures = figures_of(found.tally, line, found.expelled, found.unmarked, mark_id=found.mark_id)
    keep(event.id, figures, examiner, now)
