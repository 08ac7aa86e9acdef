"""The library of checklists: starter ones, and new versions. Callers commit."""

from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import func, select

from exams.marking.stations.models import StationTemplate
from exams.marking.stations.rules import Checklist
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import Invalid
from lms.core.signing import canonical

STARTER = Path(__file__).parent / "starter"


def load_starter_checklists(actor: Actor, now: datetime) -> int:
    """Add the checklists that ship with the product and are not there yet."""
    known = set(session().scalars(select(StationTemplate.code)))
    added = 0
    for path in sorted(STARTER.glob("*.yaml")):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8")):
            if entry["code"] not in known:
                add_template(entry, actor, now)
                added += 1
    return added


def add_template(entry: dict[str, Any], actor: Actor, now: datetime) -> StationTemplate:
    """Add a version of a checklist; the same text again adds nothing. Raises Invalid."""
    body = {name: entry[name] for name in ("way", "items", "vetoes")}
    checklist = Checklist.of(body, int(entry["tenths"]))
    if checklist.faults():
        raise Invalid(f"{entry['code']}: {', '.join(checklist.faults())}")
    digest = sha256(canonical({**entry})).hexdigest()
    last = session().scalar(
        select(StationTemplate)
        .where(StationTemplate.code == entry["code"])
        .order_by(StationTemplate.version.desc())
        .limit(1)
    )
    if last is not None and last.digest == digest:
        return last
    row = StationTemplate(
        code=entry["code"],
        version=last.version + 1 if last else 1,
        title=entry["title"],
        part=entry.get("part", "skills"),
        rung=int(entry["rung"]),
        module=entry["module"],
        tenths=int(entry["tenths"]),
        minutes=int(entry["minutes"]),
        body=body,
        source=entry["source"],
        digest=digest,
        created_by=actor.person_id,
        created_at=now,
    )
    session().add(row)
    session().flush()
    return row


def templates_for(part: str, rung: int) -> list[StationTemplate]:
    """The newest version of every checklist for a part and rung."""
    newest = select(func.max(StationTemplate.id)).group_by(StationTemplate.code)
    query = select(StationTemplate).where(
        StationTemplate.id.in_(newest),
        StationTemplate.part == part,
        StationTemplate.rung == rung,
    )
    return list(session().scalars(query.order_by(StationTemplate.module, StationTemplate.id)))
