"""The library of checklists: starter ones, and new versions. Callers commit."""

from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import func, or_, select

from exams.marking.stations.models import StationTemplate, TemplateOwner, TemplateRetired
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


def proposed(offered: list[StationTemplate]) -> set[int]:
    """The ids to begin with: an evaluator's own where it has any for a module, else what ships."""
    owners = select(TemplateOwner.template_id)
    ids = [template.id for template in offered]
    own = set(session().scalars(owners.where(TemplateOwner.template_id.in_(ids))))
    covered = {template.module for template in offered if template.id in own}
    return {t.id for t in offered if t.id in own or t.module not in covered}


def add_template(
    entry: dict[str, Any], actor: Actor, now: datetime, organisation_id: int | None = None
) -> StationTemplate:
    """Add a version of a checklist, of one evaluator's own if it is given; the same text again
    adds nothing. Raises Invalid."""
    entry = _named(entry, organisation_id)
    body = {name: entry[name] for name in ("way", "items", "vetoes")}
    checklist = Checklist.of(body, int(entry["tenths"]))
    if checklist.faults():
        raise Invalid(f"{entry['code']}: {', '.join(checklist.faults())}")
    digest = _digest(entry)
    last = session().scalar(
        select(StationTemplate)
        .where(StationTemplate.code == entry["code"])
        .order_by(StationTemplate.version.desc())
        .limit(1)
    )
    if last is not None and last.digest == digest and not _is_retired(last):
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
    if organisation_id is not None:
        session().add(TemplateOwner(template_id=row.id, organisation_id=organisation_id))
        session().flush()
    return row


def _named(entry: dict[str, Any], organisation_id: int | None) -> dict[str, Any]:
    """With the code it has in the library: two evaluators may use the same one."""
    if organisation_id is None:
        return entry
    return entry | {"code": f"{organisation_id}/{entry['code']}"}


def _digest(entry: dict[str, Any]) -> str:
    return sha256(canonical({**entry})).hexdigest()


def _is_retired(template: StationTemplate) -> bool:
    return session().get(TemplateRetired, template.id) is not None


def retire_template(
    entry: dict[str, Any], actor: Actor, now: datetime, organisation_id: int
) -> int:
    """Offer an evaluator's checklist with this text no more; returns how many versions that was
    (none if another upload's withdrawal did so before)."""
    entry = _named(entry, organisation_id)
    query = select(StationTemplate).where(
        StationTemplate.code == entry["code"], StationTemplate.digest == _digest(entry)
    )
    gone = [template for template in session().scalars(query) if not _is_retired(template)]
    for template in gone:
        row = TemplateRetired(template_id=template.id, retired_by=actor.person_id, retired_at=now)
        session().add(row)
    session().flush()
    return len(gone)


def templates_for(
    part: str, rung: int, organisation_id: int | None = None
) -> list[StationTemplate]:
    """The newest version of every checklist for a part and rung that was not withdrawn: those that
    ship, and those of the evaluator if one is given."""
    retired = select(TemplateRetired.template_id)
    newest = (
        select(func.max(StationTemplate.id))
        .where(StationTemplate.id.not_in(retired))
        .group_by(StationTemplate.code)
    )
    query = (
        select(StationTemplate)
        .outerjoin(TemplateOwner, TemplateOwner.template_id == StationTemplate.id)
        .where(
            StationTemplate.id.in_(newest),
            StationTemplate.part == part,
            StationTemplate.rung == rung,
            or_(
                TemplateOwner.template_id.is_(None),
                TemplateOwner.organisation_id == (organisation_id or 0),
            ),
        )
    )
    return list(session().scalars(query.order_by(StationTemplate.module, StationTemplate.id)))
