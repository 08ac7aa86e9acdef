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


def transcript_request(
    person_id: int, issuer_id: int, count: int = 2, **changes: object
) -> IssueRequest:
    """A request for a transcript of ``count`` entries of 2.5 hours, the last one of 8."""
    entries = [
        {
            "on": f"2026-{nth % 11 + 1:02d}-12",
            "category": "public" if nth % 3 == 2 else "professional",
            "tenths": 25,
            "source": f"失能老年人照护技术专题（{nth + 1}）",
            "organiser": "小店养老护理培训基地",
        }
        for nth in range(count - 1)
    ]
    entries.append(
        {
            "on": "2026-11-02",
            "category": "public",
            "tenths": 80,
            "source": "职业道德",
            "organiser": "",
        }
    )
    sums = {
        name: sum(int(str(e["tenths"])) for e in entries if e["category"] == name)
        for name in ("professional", "public")
    }
    facts = {
        "subject": "2026年继续教育学时",
        "from": "2026-01-01",
        "to": "2026-12-31",
        "tenths": sum(sums.values()),
        "entries": entries,
        "totals": [{"category": name, "tenths": n} for name, n in sums.items()],
    }
    values: dict[str, object] = {
        "source": f"test:ce:{next(_serials)}",
        "kind": "ce",
        "person_id": person_id,
        "issuer_id": issuer_id,
        "rung": None,
        "facts": facts,
        "issued_on": ISSUED_ON,
    }
    return IssueRequest(**(values | changes))


def issue_now(request: IssueRequest, actor: Actor = SYSTEM, now: datetime = NOW) -> Issued:
    """Issue in a unit of work of its own."""
    with unit_of_work():
        return issue(request, actor, now)
