"""Papers of an event on the database: batch, late entry, forms, fixed, make-ups, exposure."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from exams.bank.models import Question, QuestionVersion
from exams.entries.models import Entry
from exams.entries.operations import publish_event
from exams.papers import allotting, errors, fixed
from exams.papers.allotting import count_lacking, paper_for
from exams.papers.evidence import questions_on, uses_in
from exams.papers.models import Paper, PaperBasis, Slot
from exams.papers.queries import slots_of
from exams.papers.shown import figures_of, forms_of, work_on
from exams.sittings.starting import start
from lms.core import clock
from lms.core.db import session
from lms.core.errors import Invalid
from lms.core.uow import unit_of_work
from tests.factories.bank import make_question
from tests.factories.exams import draft_event, enter_person, examiner, learner


def make(cast, bank, **changes):
    with unit_of_work():
        return draft_event(cast, bank, clock.now(), **changes)


def publish(event, cast):
    with unit_of_work():
        publish_event(event, examiner(cast), clock.now())


def papers_of(event):
    query = select(Paper).where(Paper.event_id == event.id).order_by(Paper.id)
    return list(session().scalars(query))


def test_publishing_makes_everybodys_paper_and_starting_only_pins_it(app, cast, bank, crowd):
    event = make(cast, bank)
    entries = crowd(event, 6)
    publish(event, cast)
    made = {paper.entry_id: paper for paper in papers_of(event)}
    assert set(made) == {entry.id for entry in entries}
    assert {paper.size for paper in made.values()} == {100}
    with unit_of_work():
        attempt = start(entries[0].id, learner(entries[0].person_id), clock.now())
    assert (attempt.paper_id, attempt.slots) == (made[entries[0].id].id, 100)
    assert len(papers_of(event)) == 6


def test_neighbours_in_the_list_share_nothing_while_the_bank_lasts(app, cast, bank, crowd):
    event = make(cast, bank)
    crowd(event, 2)
    publish(event, cast)
    first, second = (questions_on(paper.id) for paper in papers_of(event))
    assert not first & second


def test_a_late_entrant_gets_her_paper_on_entry(app, cast, bank, crowd):
    event = make(cast, bank)
    crowd(event, 2)
    publish(event, cast)
    with unit_of_work():
        entry = enter_person(event, cast.wang, cast, clock.now())
    assert session().scalar(select(Paper.id).where(Paper.entry_id == entry.id))


def test_exposure_is_kept_and_measured(app, cast, bank, crowd):
    event = make(cast, bank, exposure_percent=50)
    crowd(event, 10)
    publish(event, cast)
    assert max(uses_in(event.id).values()) == 5


def test_two_papers_differ_by_no_more_than_the_tolerance_and_the_figure_is_kept(
    app, cast, bank, crowd, monkeypatch
):
    ids = session().scalars(select(QuestionVersion.id).order_by(QuestionVersion.id))
    measured = {version: 400 + 37 * n % 500 for n, version in enumerate(ids)}
    monkeypatch.setattr("exams.papers.evidence.measured_shares", lambda *_: measured)
    event = make(cast, bank, tolerance_tenths=8)
    crowd(event, 12)
    publish(event, cast)
    for paper in papers_of(event):
        by_hand = sum(slot.tenths * measured[slot.version_id] for slot in slots_of(paper.id))
        assert paper.expected == (by_hand + 500) // 1000
    figures = figures_of(event)
    assert figures.papers == 12
    assert figures.spread == figures.most - figures.least <= 8
    assert (figures.measured, figures.pool) == (200, 200)


def test_papers_that_cannot_be_alike_enough_are_refused_with_the_figure(
    app, cast, bank, crowd, monkeypatch
):
    # All alike but for one quota: the paper takes either the question all know or the one nobody.
    measured = dict.fromkeys(session().scalars(select(QuestionVersion.id)), 500)
    query = select(QuestionVersion.id).where(
        QuestionVersion.kind == "multiple",
        QuestionVersion.module == "基础照护",
        QuestionVersion.question_id.in_(questions_of(bank)),
    )
    known, unknown = session().scalars(query)
    measured |= {known: 1000, unknown: 0}
    monkeypatch.setattr("exams.papers.evidence.measured_shares", lambda *_: measured)
    event = make(cast, bank, tolerance_tenths=19)
    with pytest.raises(errors.NotBalanced, match=r"相差 2 分，超过允许的 1\.9 分"):
        publish(event, cast)
    assert event.status == "draft"
    publish(make(cast, bank, tolerance_tenths=20), cast)


def test_what_papers_are_made_from_is_pinned(app, cast, bank, crowd):
    event = make(cast, bank)
    publish(event, cast)
    basis = session().get_one(PaperBasis, event.id)
    assert basis.stamp == "exams.papers@1"
    assert {tuple(pair) for pair in basis.items.values()} == {(850, 0), (700, 0), (500, 0)}
    with unit_of_work():
        make_question(bank, module="基础知识")
    crowd(event, 1)
    with unit_of_work():
        allotting.allot(event, examiner(cast), clock.now())
    asked = {slot.version_id for slot in slots_of(papers_of(event)[0].id)}
    assert asked <= set(map(int, basis.items))


def test_questions_used_lately_give_way_to_those_that_were_not(app, cast, bank, crowd):
    earlier = make(cast, bank)
    crowd(earlier, 1)
    publish(earlier, cast)
    event = make(cast, bank)
    crowd(event, 1, first=300)
    publish(event, cast)
    old, new = (questions_on(papers_of(e)[0].id) for e in (earlier, event))
    assert not old & new


def test_forms_alternate_by_place_and_by_seat(app, cast, bank, crowd):
    event = make(cast, bank, paper_mode="forms", forms=3)
    entries = crowd(event, 7)
    publish(event, cast)
    with unit_of_work():
        letters = [paper_for(entry, event, 1, clock.now()).form for entry in entries]
        assert letters == [1, 2, 3, 1, 2, 3, 1]
        for seat, entry in zip((2, 1, 3), entries, strict=False):
            entry.seat = seat
        assert [paper_for(e, event, 1, clock.now()).form for e in entries[:3]] == [2, 1, 3]
    assert len(papers_of(event)) == 3


def test_forms_share_nothing_where_the_bank_allows_and_as_little_as_it_allows_otherwise(
    app, cast, bank
):
    event = make(cast, bank, paper_mode="forms", forms=3)
    publish(event, cast)
    first, second, third = (questions_on(paper.id) for paper in papers_of(event))
    assert not first & second
    assert len(first & third) + len(second & third) == 100
    assert [row.shared for row in forms_of(event.id)][:2] != [100, 100]


def test_another_attempt_gets_another_form_that_shares_nothing(app, cast, bank):
    event = make(cast, bank, paper_mode="forms", forms=2, attempts=2)
    publish(event, cast)
    with unit_of_work():
        entry = enter_person(event, cast.wang, cast, clock.now())
        one, two = (paper_for(entry, event, number, clock.now()) for number in (1, 2))
    assert {one.form, two.form} == {1, 2}
    assert not questions_on(one.id) & questions_on(two.id)
    with pytest.raises(Invalid, match="不能多于卷数"):
        publish(make(cast, bank, paper_mode="forms", forms=1, attempts=2), cast)


def questions_of(bank):
    query = select(Question.id).where(Question.bank_id == bank.id)
    return set(session().scalars(query))


def sat(cast, bank, event, person_id):
    """A person sits an event; the questions she was asked."""
    with unit_of_work():
        entry = enter_person(event, person_id, cast, clock.now())
        attempt = start(entry.id, learner(person_id), clock.now())
    return questions_on(attempt.paper_id)


@pytest.mark.parametrize("mode", ["own", "forms", "fixed"])
@pytest.mark.parametrize("earlier_mode", ["own", "forms"])
def test_a_make_up_asks_nothing_that_was_asked_before(app, cast, bank, mode, earlier_mode):
    original = make(cast, bank, paper_mode=earlier_mode, forms=1)
    publish(original, cast)
    asked = sat(cast, bank, original, cast.wang)
    with unit_of_work():
        original.closes_at = clock.now() - timedelta(minutes=1)
        original.status = "closed"
    again = make(cast, bank, paper_mode=mode, forms=1, make_up_of=original.id,
                 opens_at=clock.now())  # fmt: skip
    entry = enter_again(again, cast.wang, cast)
    if mode == "fixed":
        pick_all(again, cast, asked)
        with pytest.raises(errors.FixedPaperFault, match="有 100 道题在原来的考试里考过"):
            publish(again, cast)
        rest = questions_of(bank) - asked
        pick_all(again, cast, rest)
    publish(again, cast)
    with unit_of_work():
        paper = paper_for(entry, again, 1, clock.now())
    assert not questions_on(paper.id) & asked


def pick_all(event, cast, questions):
    """A fixed paper of these questions with the marks that the rule gives their kind."""
    kinds = dict(session().execute(select(QuestionVersion.question_id, QuestionVersion.kind)).all())
    worth = {"single": 10, "multiple": 20, "judge": 5}
    picks = [fixed.Pick(question, worth[kinds[question]]) for question in sorted(questions)]
    with unit_of_work():
        fixed.save(event, picks, examiner(cast), clock.now())


def enter_again(event, person_id, cast):
    """On the list of a make-up, whatever became of the first sitting."""
    entry = Entry(
        event_id=event.id, person_id=person_id, ticket=f"again-{event.id}", decision={},
        rule_stamp="", registered_by=cast.zhou, registered_at=clock.now(),
    )  # fmt: skip
    with unit_of_work():
        session().add(entry)
    return entry


def test_a_bank_too_small_for_a_make_up_says_what_was_set_aside(app, cast, bank):
    original = make(cast, bank)
    publish(original, cast)
    sat(cast, bank, original, cast.wang)
    again = make(cast, bank, make_up_of=original.id, attempts=2, opens_at=original.closes_at,
                 closes_at=original.closes_at + timedelta(hours=4))  # fmt: skip
    enter_again(again, cast.wang, cast)
    said = "需要 84 道生活照护单选题，题库只有 42 道。（已除去这些考生原来考过的 42 道）"
    with pytest.raises(errors.BankTooSmall, match=said):
        publish(again, cast)


def test_a_fixed_paper_is_sat_as_it_was_picked_by_all(app, cast, bank, crowd):
    event = make(cast, bank, paper_mode="fixed")
    with pytest.raises(errors.FixedPaperFault, match="还没有选题"):
        publish(event, cast)
    questions = sorted(questions_of(bank))[:10]
    with unit_of_work():
        picks = [fixed.Pick(question, 90) for question in reversed(questions)]
        fixed.save(event, picks, examiner(cast), clock.now())
    with pytest.raises(errors.FixedPaperFault, match="总分应为 100，现在是 90"):
        publish(event, cast)
    with unit_of_work():
        picks = [fixed.Pick(question, 100) for question in reversed(questions)]
        fixed.save(event, picks, examiner(cast), clock.now())
        warned = fixed.add_up(event, picks, clock.now()).warnings
    assert any("按权重表应占 60 分" in text for text in warned)
    entries = crowd(event, 2)
    publish(event, cast)
    with unit_of_work():
        papers = {paper_for(entry, event, 1, clock.now()).id for entry in entries}
    (paper_id,) = papers
    slots = slots_of(paper_id)
    asked = [session().get_one(QuestionVersion, s.version_id).question_id for s in slots]
    assert asked == list(reversed(questions))
    assert event.blueprint == f"fixed:{event.id}@2"


def test_a_fixed_paper_takes_no_question_twice_or_of_another_bank(app, cast, bank):
    event = make(cast, bank, paper_mode="fixed")
    one = min(questions_of(bank))
    for picks, said in (
        ([fixed.Pick(one, 10)] * 2, "选了两次"),
        ([fixed.Pick(999_999, 10)], "不在这个题库里"),
        ([fixed.Pick(one, 0)], "至少 0.1 分"),
    ):
        with pytest.raises(Invalid, match=said), unit_of_work():
            fixed.save(event, picks, examiner(cast), clock.now())


def case_of(bank, parts, module):
    key = {"parts": [{"right": True}] * parts}
    body = {
        "parts": [
            {"kind": "judge", "stem": f"第 {n} 问", "body": {}, "share": n + 1}
            for n in range(parts)
        ]
    }
    return make_question(bank, kind="case", body=body, key=key, module=module)


def test_a_case_on_a_fixed_paper_stands_in_its_parts(app, cast, bank):
    event = make(cast, bank, paper_mode="fixed")
    version = case_of(bank, 3, "生活照护")
    single = min(questions_of(bank))
    with unit_of_work():
        picks = [fixed.Pick(version.question_id, 400), fixed.Pick(single, 600)]
        fixed.save(event, picks, examiner(cast), clock.now())
    publish(event, cast)
    slots = slots_of(papers_of(event)[0].id)
    assert [(slot.part, slot.tenths) for slot in slots] == [
        (0, 67),
        (1, 133),
        (2, 200),
        (None, 600),
    ]


def test_many_candidates_are_published_by_a_task_that_says_how_far_it_is(
    app, cast, bank, crowd, run_tasks, monkeypatch
):
    monkeypatch.setattr(allotting, "AT_ONCE", 3)
    monkeypatch.setattr("exams.papers.jobs.AT_ONCE", 3)
    monkeypatch.setattr("exams.papers.jobs.BATCH", 2)
    event = make(cast, bank)
    crowd(event, 7)
    publish(event, cast)
    assert (count_lacking(event.id), work_on(event).running) == (7, True)
    run_tasks()
    work = work_on(event)
    assert (work.state, work.done, work.total) == ("done", 6, 7)
    assert count_lacking(event.id) == 0
    counts = session().scalars(select(func.count(Slot.id)).group_by(Slot.paper_id)).all()
    assert counts == [100] * 7


def test_a_paper_made_on_the_spot_while_the_task_waits_stays(
    app, cast, bank, crowd, run_tasks, monkeypatch
):
    monkeypatch.setattr(allotting, "AT_ONCE", 3)
    event = make(cast, bank)
    entries = crowd(event, 5)
    publish(event, cast)
    with unit_of_work():
        attempt = start(entries[3].id, learner(entries[3].person_id), clock.now())
    run_tasks()
    papers = Counter(paper.entry_id for paper in papers_of(event))
    assert papers == {entry.id: 1 for entry in entries}
    own = session().scalar(select(Paper.id).where(Paper.entry_id == entries[3].id))
    assert attempt.paper_id == own
    assert session().scalar(select(func.count(Entry.id))) == 5
