"""The ground floor holds: facts cannot be rewritten, the trail is chained, clients can sign in."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from lms.core import audit
from lms.core.db import AppendOnlyError, session
from lms.core.uow import unit_of_work


def test_sql_itself_refuses_to_rewrite_a_fact(app):
    with pytest.raises(DatabaseError, match="append-only"), unit_of_work():
        session().execute(text("UPDATE audit_event SET action = 'x'"))


def test_the_orm_refuses_to_rewrite_a_fact(app):
    event = session().get_one(audit.AuditEvent, 1)
    with pytest.raises(AppendOnlyError), unit_of_work():
        session().get_one(audit.AuditEvent, 1).action = "x"
    assert audit.first_broken() is None
    assert event.chain


def test_health_needs_no_account(visitor):
    assert visitor.get("/healthz").json == {"status": "ok"}
    assert visitor.get("/readyz").json == {"status": "ready"}
