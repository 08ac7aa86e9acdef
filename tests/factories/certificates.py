"""Certificates for tests."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime

from certificates.api import Issued, IssueRequest, issue
from lms.core.access import SYSTEM, Actor
from lms.core.uow import unit_of_work

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
ISSUED_ON = date(2026, 11, 20)
_serials = itertools.count(1)


def skill_request(person_id: int, issuer_id: int, rung: int = 2, **changes: object) -> IssueRequest:
    """A request for a skill certificate with a source of its own."""
    values: dict[str, object] = {
        "source": f"test:skill:{next(_serials)}",
        "kind": "skill",
        "person_id": person_id,
        "issuer_id": issuer_id,
        "rung": rung,
        "facts": {},
        "issued_on": ISSUED_ON,
    }
    return IssueRequest(**(values | changes))


def course_request(person_id: int, issuer_id: int, **changes: object) -> IssueRequest:
    """A request for a course certificate, valid for a year."""
    values: dict[str, object] = {
        "source": f"test:course:{next(_serials)}",
        "kind": "course",
        "person_id": person_id,
        "issuer_id": issuer_id,
        "rung": None,
        "facts": {"subject": "养老护理员岗前培训", "tenths": 320},
        "issued_on": ISSUED_ON,
        "valid_to": date(2027, 11, 19),
    }
    return IssueRequest(**(values | changes))


def issue_now(request: IssueRequest, actor: Actor = SYSTEM, now: datetime = NOW) -> Issued:
    """Issue in a unit of work of its own."""
    with unit_of_work():
        return issue(request, actor, now)
