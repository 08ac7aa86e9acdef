"""Carrying out a plan: all of it, in the present unit of work, with a handful of bulk writes."""

import secrets
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from lms.core import audit, notify
from lms.core.access import Actor, Role
from lms.core.db import session
from lms.core.errors import Conflict, Invalid
from lms.core.vault import vault
from lms.people import identifiers as ids
from lms.people.changes import announce_employment
from lms.people.models import (
    Account,
    EmploymentSpell,
    LevelClaim,
    Organisation,
    Person,
    RoleGrant,
)
from lms.people.queries import in_chunks
from lms.people.rosters.columns import LEVEL, PHONE, POST
from lms.people.rosters.facts import CHUNK, Facts, add_facts
from lms.people.rosters.plan import KnownSpell, RosterPlan, Step
from lms.people.rosters.policy import IMPORT_ROSTER, covers_place

SOURCE = "roster"


@dataclass(frozen=True, slots=True)
class Applied:
    """What an import did; ``registered`` are the people known for the first time."""

    counts: dict[str, int]
    registered: list[int]


def apply_roster(plan: RosterPlan, actor: Actor, now: datetime) -> Applied:
    """Write everything the plan says.

    Raises:
        Invalid: the plan has faults. Conflict: what is known has changed since it was made.
        NotFound: an employer is no longer in the actor's scope.
    """
    if plan.faults:
        raise Invalid(_("名单有错误，没有写入任何内容。"))
    places = _places(plan)
    for place in places.values():
        IMPORT_ROSTER.ensure(actor, place)
    if _facts_now(plan) != plan.facts:
        raise Conflict(_("名单涉及的人员信息刚刚有变化，请重新上传后再导入。"))
    try:
        registered = _write(plan, actor, now)
    except IntegrityError as error:
        raise Conflict(_("名单涉及的人员信息刚刚有变化，请重新上传后再导入。")) from error
    _tell_former_employers(plan, actor)
    audit.record(
        actor, "roster.import", "roster", plan.facts[:16],
        counts=plan.counts, organisations=sorted(places),
    )  # fmt: skip
    return Applied(plan.counts, registered)


def _places(plan: RosterPlan) -> dict[int, Organisation]:
    wanted = {step.row.organisation_id for step in plan.steps}
    found: dict[int, Organisation] = {}
    for chunk in in_chunks(sorted(wanted), CHUNK):
        query = select(Organisation).where(Organisation.id.in_(chunk))
        found |= {place.id: place for place in session().scalars(query)}
    return found


def _facts_now(plan: RosterPlan) -> str:
    facts = Facts()
    for chunk in in_chunks([step.row for step in plan.steps], CHUNK):
        add_facts(facts, [row.id_hash for row in chunk])
    return facts.digest


def _write(plan: RosterPlan, actor: Actor, now: datetime) -> list[int]:
    known = _register([s for s in plan.steps if s.person_id is None], now)
    people = {step.row.id_hash: step.person_id or known[step.row.id_hash] for step in plan.steps}
    _set_phones([step for step in plan.steps if step.person_id and PHONE in step.changes])
    stated = [row for step in plan.steps for row in _statements(step, people, actor, now)]
    old = [spell for step in plan.steps for spell in _superseded(step)]
    _bulk(update(EmploymentSpell), [{"id": s.id, "superseded_at": now} for s in old])
    _bulk(insert(EmploymentSpell), stated)
    claims = [
        {
            "person_id": people[step.row.id_hash],
            "rung": step.row.rung,
            "source": SOURCE,
            "recorded_at": now,
            "recorded_by": actor.person_id,
        }
        for step in plan.steps
        if step.row.rung and (step.person_id is None or LEVEL in step.changes)
    ]
    _bulk(insert(LevelClaim), claims)
    announce_employment(people.values())
    return list(known.values())


def _register(steps: list[Step], now: datetime) -> dict[str, int]:
    """Insert the people nobody knew, with waiting accounts; id hash → person id."""
    _bulk(insert(Person), [_person(step, now) for step in steps])
    known: dict[str, int] = {}
    for chunk in in_chunks([step.row.id_hash for step in steps], CHUNK):
        made = select(Person.id_hash, Person.id).where(Person.id_hash.in_(chunk))
        known |= {row.id_hash: row.id for row in session().execute(made)}
    accounts = [
        {"person_id": person_id, "status": "waiting", "created_at": now}
        for person_id in known.values()
    ]
    _bulk(insert(Account), accounts)
    return known


def _person(step: Step, now: datetime) -> dict[str, Any]:
    row, ref = step.row, secrets.token_hex(16)
    return {
        "ref": ref,
        "name": row.name,
        "id_sealed": vault().seal(row.id_number, f"person.id:{ref}"),
        "id_hash": row.id_hash,
        "id_masked": ids.mask_id(row.id_number),
        "born_on": ids.birth_date(row.id_number),
        "sex": ids.sex_of(row.id_number),
        "created_at": now,
        **_phone(row.phone, row.phone_hash, ref),
    }


def _phone(phone: str | None, hashed: str | None, ref: str) -> dict[str, Any]:
    if phone is None:
        return {"phone_sealed": None, "phone_hash": None, "phone_masked": ""}
    return {
        "phone_sealed": vault().seal(phone, f"person.phone:{ref}"),
        "phone_hash": hashed,
        "phone_masked": ids.mask_phone(phone),
    }


def _set_phones(steps: list[Step]) -> None:
    for chunk in in_chunks(steps, CHUNK):
        wanted = [step.person_id for step in chunk]
        refs = {
            row.id: row.ref
            for row in session().execute(select(Person.id, Person.ref).where(Person.id.in_(wanted)))
        }
        rows = [
            {"id": s.person_id, **_phone(s.row.phone, s.row.phone_hash, refs[s.person_id])}
            for s in chunk
        ]
        _bulk(update(Person), rows)


def _superseded(step: Step) -> tuple[KnownSpell, ...]:
    """The statements that a step replaces."""
    if step.kind == "left" or (step.kind == "changed" and POST in step.changes):
        return (step.restates,) if step.restates else ()
    return step.closes


def _statements(
    step: Step, people: dict[str, int], actor: Actor, now: datetime
) -> list[dict[str, Any]]:
    """The new statements about employment that a step makes."""
    row, person_id = step.row, people[step.row.id_hash]
    recorded = {"recorded_at": now, "recorded_by": actor.person_id, "superseded_at": None}

    def state(spell: str, place: int, post: str, dates: tuple[date, date | None]) -> dict[str, Any]:
        return {
            "spell": spell,
            "person_id": person_id,
            "organisation_id": place,
            "post": post,
            "started_on": dates[0],
            "ended_on": dates[1],
            **recorded,
        }

    if step.kind in {"new", "moved"} and row.started_on is not None:
        fresh = state(
            secrets.token_hex(16), row.organisation_id, row.post, (row.started_on, row.ended_on)
        )
        last_day = row.started_on - timedelta(days=1)
        ended = [
            state(old.spell, old.organisation_id, old.post, (old.started_on, last_day))
            for old in step.closes
        ]
        return [*ended, fresh]
    return [
        state(old.spell, old.organisation_id, row.post, (old.started_on, row.ended_on))
        for old in _superseded(step)
    ]


def _tell_former_employers(plan: RosterPlan, actor: Actor) -> None:
    """HR of employers outside the actor's scope learn that people have moved on."""
    moved = Counter(spell.organisation_id for step in plan.steps for spell in step.closes)
    for chunk in in_chunks(sorted(moved), CHUNK):
        query = (
            select(RoleGrant.person_id, Organisation)
            .join(Organisation, Organisation.id == RoleGrant.organisation_id)
            .where(
                RoleGrant.organisation_id.in_(chunk),
                RoleGrant.role == Role.HR,
                RoleGrant.revoked_at.is_(None),
            )
        )
        for person_id, place in session().execute(query).all():
            if not covers_place(actor, place):
                notify.tell(
                    person_id,
                    "people.moved_away",
                    f"moved:{plan.facts[:24]}:{place.id}:{person_id}",
                    url=f"/staff?home={place.id}&status=left",
                    number=moved[place.id],
                    organisation=place.name,
                )


def _bulk(statement: Any, rows: list[dict[str, Any]]) -> None:
    for chunk in in_chunks(rows, CHUNK):
        session().execute(statement, chunk)
