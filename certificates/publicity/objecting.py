"""Objections: anybody makes them, two people decide. Callers commit."""

from datetime import datetime

from sqlalchemy import exists, select

from certificates.publicity.errors import NotPublic, TextNeeded, TwoPeople
from certificates.publicity.models import (
    Objection,
    ObjectionDecision,
    ObjectionFinding,
    PublicityEntry,
    PublicityList,
)
from certificates.publicity.policy import DECIDE_OBJECTIONS
from lms.core import audit, clock
from lms.core.access import Actor, Role
from lms.core.db import session
from lms.core.errors import Conflict, NotFound
from lms.core.notify import tell
from lms.core.vault import vault
from lms.people.api import role_holders

SHORTEST = 10
OUTCOMES = ("dismissed", "upheld")


def open_objections(entry_id: int) -> list[Objection]:
    """Those of a person that nobody has decided yet."""
    decided = exists().where(ObjectionDecision.objection_id == Objection.id)
    query = select(Objection).where(Objection.entry_id == entry_id, ~decided)
    return list(session().scalars(query.order_by(Objection.id)))


def object_to(entry_id: int, text: str, contact: str, now: datetime) -> Objection:
    """Take an objection; from now on this person, and she only, waits for its decision.

    Raises:
        NotPublic: the period is over. TextNeeded.
    """
    text = _said(text)[:1000]
    entry = _locked(entry_id)
    public = session().get_one(PublicityList, entry.list_id)
    if entry.state != "public" or clock.local_date(now) > public.ends_on:
        raise NotPublic
    objection = Objection(entry_id=entry.id, text=text, made_at=now)
    contact = " ".join(contact.split())[:120]
    if contact:
        objection.contact_sealed = vault().seal(contact, _place(entry.id, now))
    session().add(objection)
    session().flush()
    deciding = role_holders(public.issuer_id, [Role.EXAMINER], clock.local_date(now))
    for person_id in deciding:
        if person_id == entry.person_id:
            continue
        tell(
            person_id,
            "certificate.objection",
            f"objection:{objection.id}:{person_id}",
            f"/objections/{objection.id}",
            title=public.title,
        )
    return objection


def contact_of(objection: Objection) -> str:
    """How to reach whoever objected, if that was said."""
    if objection.contact_sealed is None:
        return ""
    place = _place(objection.entry_id, objection.made_at)
    return vault().open_text(objection.contact_sealed, place)


def find(
    objection_id: int, outcome: str, note: str, actor: Actor, now: datetime
) -> ObjectionFinding:
    """Write down what was found and what is proposed.

    Raises:
        TextNeeded. NotFound: beyond her scope, or about herself. Conflict: it is decided.
    """
    objection, _entry = _may_deal_with(objection_id, actor)
    if outcome not in OUTCOMES:
        raise Conflict
    finding = ObjectionFinding(
        objection_id=objection.id,
        outcome=outcome,
        note=_said(note)[:400],
        found_by=actor.person_id,
        found_at=now,
    )
    session().add(finding)
    session().flush()
    audit.record(actor, "certificate.objection.find", "objection", objection.id, outcome=outcome)
    return finding


def decide(objection_id: int, finding_id: int, actor: Actor, now: datetime) -> ObjectionDecision:
    """Agree with the newest finding. Upheld, the person is barred for good; dismissed, she goes
    on, once nothing else is open.

    Raises:
        TwoPeople: she made the finding. NotFound: beyond her scope, or about herself.
        Conflict: there is a newer one.
    """
    objection, entry = _may_deal_with(objection_id, actor)
    newest = session().scalar(
        select(ObjectionFinding)
        .where(ObjectionFinding.objection_id == objection.id)
        .order_by(ObjectionFinding.id.desc())
        .limit(1)
    )
    if newest is None or newest.id != finding_id:
        raise Conflict
    if newest.found_by == actor.person_id:
        raise TwoPeople
    decision = ObjectionDecision(
        objection_id=objection.id,
        finding_id=newest.id,
        outcome=newest.outcome,
        decided_by=actor.person_id,
        decided_at=now,
    )
    session().add(decision)
    if newest.outcome == "upheld" and entry.state == "public":
        entry.state, entry.note, entry.settled_at = "barred", newest.note[:200], now
        tell(
            entry.person_id,
            "certificate.barred",
            f"publicity:{entry.id}:barred",
            title=entry.title,
        )
    session().flush()
    audit.record(
        actor, "certificate.objection.decide", "objection", objection.id, outcome=newest.outcome
    )
    return decision


def _may_deal_with(objection_id: int, actor: Actor) -> tuple[Objection, PublicityEntry]:
    objection = session().get(Objection, objection_id)
    if objection is None:
        raise NotFound
    entry = _locked(objection.entry_id)
    DECIDE_OBJECTIONS.ensure(actor, Concerned(entry))
    if session().get(ObjectionDecision, objection.id) is not None:
        raise Conflict
    return objection, entry


class Concerned:
    """Whom an entry concerns, as the policy asks."""

    def __init__(self, entry: PublicityEntry) -> None:
        public = session().get_one(PublicityList, entry.list_id)
        self.person_id = entry.person_id
        self.issuer_id = public.issuer_id
        self.issuer_region = public.issuer_region


def _locked(entry_id: int) -> PublicityEntry:
    query = select(PublicityEntry).where(PublicityEntry.id == entry_id).with_for_update()
    entry = session().scalar(query.execution_options(populate_existing=True))
    if entry is None:
        raise NotFound
    return entry


def _said(text: str) -> str:
    text = " ".join(text.split())
    if len(text) < SHORTEST:
        raise TextNeeded
    return text


def _place(entry_id: int, at: datetime) -> str:
    return f"objection.contact:{entry_id}:{at.timestamp():.6f}"
