"""Starting only pins: few statements, and two phones at once open one sitting on one paper."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import select

from exams.entries.models import Entry
from exams.papers.evidence import questions_on
from exams.papers.models import Paper
from exams.sittings.models import Attempt
from exams.sittings.starting import start
from lms.core import clock
from lms.core.db import db, session
from lms.core.uow import unit_of_work
from tests.factories.exams import fill_bank, learner, ready, theory_event
from tests.statements import count_statements


def test_a_start_asks_for_one_ready_paper_and_no_questions(site, cast):
    entry_id = ready(site.app, cast)
    with site.app.app_context(), count_statements() as seen, unit_of_work():
        start(entry_id, learner(cast.wang), clock.now())
    assert not any("question" in text or "FROM slot" in text for text in seen)
    assert sum("FROM paper" in text for text in seen) == 1


def test_two_phones_that_start_at_once_without_a_ready_paper_share_one(site, cast):
    """The slowest path, where the paper is made on the spot, under both locks."""
    with site.app.app_context(), unit_of_work():
        now = clock.now()
        event = theory_event(cast, fill_bank(cast, now), now)
        entry = Entry(
            event_id=event.id, person_id=cast.wang, ticket="T1", decision={}, rule_stamp="",
            registered_by=cast.zhou, registered_at=now,
        )  # fmt: skip
        session().add(entry)
        session().flush()
        entry_id = entry.id
    gate = Barrier(2)

    def phone(_n):
        with site.app.app_context():
            gate.wait()
            try:
                with unit_of_work():
                    return start(entry_id, learner(cast.wang), clock.now()).id
            finally:
                db.session.remove()

    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(phone, range(2))
    assert one == two
    with site.app.app_context():
        assert len(session().scalars(select(Attempt.id)).all()) == 1
        assert len(session().scalars(select(Paper.id)).all()) == 1


def test_two_candidates_that_start_at_once_get_papers_counted_one_after_the_other(site, cast):
    with site.app.app_context(), unit_of_work():
        now = clock.now()
        event = theory_event(cast, fill_bank(cast, now), now)
        people = (cast.wang, cast.zhao)
        for person in people:
            session().add(
                Entry(
                    event_id=event.id, person_id=person, ticket=f"T{person}", decision={},
                    rule_stamp="", registered_by=cast.zhou, registered_at=now,
                )
            )  # fmt: skip
        session().flush()
        ids = dict(session().execute(select(Entry.person_id, Entry.id)).all())
    gate = Barrier(2)

    def phone(person):
        with site.app.app_context():
            gate.wait()
            try:
                with unit_of_work():
                    start(ids[person], learner(person), clock.now())
            finally:
                db.session.remove()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(phone, people))
    with site.app.app_context():
        first, second = (questions_on(paper) for paper in session().scalars(select(Paper.id)).all())
    assert not first & second
