"""What a newcomer to the demo finds in the caregiver's wallet, and on the public list."""

from datetime import datetime, timedelta

from certificates.facts import IssueRequest
from certificates.issuing import issue
from certificates.publicity.opening import Group, Pending, award, days_for
from lms.core.access import SYSTEM
from lms.people.api import DemoWorld

_COURSE = "院内感染防控专题培训"
_PUBLIC = 3  # people on the list
_RUNG = 2


def fill_wallet(world: DemoWorld, now: datetime) -> int:
    """A course certificate of the demo's caregiver; how many were issued."""
    person_id = world.logins.get("caregiver")
    if person_id is None:
        return 0
    ended = world.today - timedelta(days=21)
    facts = {
        "subject": _COURSE, "tenths": 80, "to": ended.isoformat(),
        "from": (ended - timedelta(days=1)).isoformat(),
    }  # fmt: skip
    source = f"demo:course:{person_id}"
    request = IssueRequest(source, "course", person_id, world.base_id, None, facts, ended)
    issue(request, SYSTEM, now)
    return 1


def open_publicity(world: DemoWorld, now: datetime) -> int:
    """A few people whose level is public since today, by the rule of yesterday; how many."""
    on = world.today - timedelta(days=1)
    if days_for("skill", on) == 0:
        return 0
    named = set(world.logins.values())
    people = [m for m in world.staff if m.person_id not in named and (m.rung or 0) < _RUNG]
    group = Group("demo:public", f"{world.year} 年初级工认定结果公示")
    made = [
        award(
            IssueRequest(
                f"demo:public:{member.person_id}", "skill", member.person_id, world.evaluator_id,
                _RUNG, {}, on,
            ),
            group, SYSTEM, now,
        )
        for member in people[:_PUBLIC]
    ]  # fmt: skip
    return sum(isinstance(one, Pending) for one in made)
