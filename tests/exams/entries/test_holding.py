"""A start and a withdrawal at the same moment: one of them happens."""

from __future__ import annotations

import threading
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from exams.entries.models import Entry
from exams.entries.registering import extend, withdraw
from exams.sittings.queries import last_attempt
from exams.sittings.starting import start
from lms.core import clock
from lms.core.db import db, session
from lms.core.errors import DomainError, NotFound
from lms.core.uow import unit_of_work
from tests.factories.exams import examiner, learner, ready

PATIENCE = 0.5  # seconds that the second one gets to slip in, if nothing holds it


@contextmanager
def between(app, after, what):
    """Right after this thread's first statement with ``after`` in it let another thread do
    ``what``, unless it is held up; wait for its end at last."""
    mine, others = threading.get_ident(), []

    def work():
        with app.app_context():
            try:
                with unit_of_work():
                    what()
            except DomainError:
                pass
            finally:
                db.session.remove()

    def look(_connection, _cursor, statement, *_more):
        if threading.get_ident() == mine and not others and after in statement:
            others.append(threading.Thread(target=work))
            others[0].start()
            others[0].join(PATIENCE)

    event.listen(db.engine, "after_cursor_execute", look)
    try:
        yield others
    finally:
        event.remove(db.engine, "after_cursor_execute", look)
        for other in others:
            other.join()


def test_withdrawing_and_starting_at_once_do_not_both_happen(app, cast):
    entry_id = ready(app, cast)
    actor, now = examiner(cast), clock.now()
    begin = lambda: start(entry_id, learner(cast.wang), now)  # noqa: E731
    with between(app, "FROM attempt", begin) as others, unit_of_work():
        withdraw(session().get_one(Entry, entry_id), actor, now)
    assert others
    session().expire_all()
    assert session().get_one(Entry, entry_id).withdrawn_at is not None
    assert last_attempt(entry_id) is None


def test_nobody_starts_who_was_withdrawn_a_moment_ago(app, cast):
    entry_id = ready(app, cast)
    now = clock.now()
    with app.app_context(), unit_of_work():  # known to the session as it was before
        known = session().get_one(Entry, entry_id)
        session().expunge(known)
    with unit_of_work():
        withdraw(session().get_one(Entry, entry_id), examiner(cast), now)
    with pytest.raises(NotFound), unit_of_work():
        start(entry_id, learner(cast.wang), now)


def test_minutes_given_by_two_at_once_add_up(app, cast):
    entry_id = ready(app, cast)
    actor, now = examiner(cast), clock.now()

    def five():
        extend(session().get_one(Entry, entry_id), 5, "停电", actor, now)

    with between(app, "FROM exam_entry", five) as others, unit_of_work():
        five()
    assert others
    session().expire_all()
    assert session().get_one(Entry, entry_id).extra_minutes == 10
