"""Awards go public, and fall away again. Callers commit."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, select, text

from certificates import facts as facts_of
from certificates.facts import IssueRequest
from certificates.issuing import Issued, issue, issuer_on
from certificates.models import Certificate
from certificates.publicity import rules
from certificates.publicity.errors import NoPublicityRule
from certificates.publicity.models import PublicityEntry, PublicityList
from lms.core import audit, clock
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import NotFound
from lms.core.notify import tell
from lms.core.rules import RuleMissing, RuleVersion, rule_on
from lms.people.api import person_cards

_SHOWN_OF_ID = 6
_LOCK = 7_201_608  # names the advisory lock that orders openings on PostgreSQL


@dataclass(frozen=True, slots=True)
class Group:
    """Whose awards are published together: an exam event, a batch."""

    key: str
    title: str


@dataclass(frozen=True, slots=True)
class Pending:
    """An award that is public, or was: where, until when, and what became of it."""

    entry_id: int
    ref: str
    ends_on: date
    state: str


def publicity_rule(on: date) -> RuleVersion:
    """The rule in force. Raises NoPublicityRule."""
    try:
        return rule_on("certificates.publicity", on)
    except RuleMissing as missing:
        raise NoPublicityRule from missing


def days_for(kind: str, on: date) -> int:
    """Working days an award of this kind is public before its certificate; 0 for none."""
    return int(publicity_rule(on).value["working_days"].get(kind, 0))


def last_public_day(opened_on: date, days: int) -> date:
    """By the calendar as known now."""
    try:
        calendar = rule_on("calendar.working_days", opened_on).value
    except RuleMissing:
        calendar = {}
    return rules.last_day(opened_on, days, calendar)


def award(request: IssueRequest, group: Group, actor: Actor, now: datetime) -> Issued | Pending:
    """Issue at once where the rule asks for no publicity, else make the award public; asked again
    for the same source, say what became of it.

    Raises:
        What ``issue`` raises: an award that could not be issued does not go public either.
    """
    days = days_for(request.kind, request.issued_on)
    entry = _entry(request.source)
    if days == 0 and entry is None:
        return issue(request, actor, now)
    facts_of.check_request(request)
    if session().get_bind().dialect.name == "postgresql":
        session().execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _LOCK})
    known = session().scalar(select(Certificate).where(Certificate.source == request.source))
    if known is not None:
        facts_of.same_award(known, request)
        return Issued(known.id, known.code, known.number)
    entry = _entry(request.source)
    if entry is None or entry.state == "withdrawn":
        entry = _publish(request, group, max(days, 1), entry, actor, now)
    public = session().get_one(PublicityList, entry.list_id)
    return Pending(entry.id, public.ref, public.ends_on, entry.state)


def _entry(source: str) -> PublicityEntry | None:
    return session().scalar(select(PublicityEntry).where(PublicityEntry.source == source))


def _publish(
    request: IssueRequest,
    group: Group,
    days: int,
    before: PublicityEntry | None,
    actor: Actor,
    now: datetime,
) -> PublicityEntry:
    """A new entry, or the withdrawn one on a list of today's."""
    person = person_cards([request.person_id]).get(request.person_id)
    if person is None:
        raise NotFound
    public = _list_of_the_day(request, group, days, actor, now)
    masked = person.id_masked
    entry = before or PublicityEntry(source=request.source, created_at=now)
    entry.list_id, entry.state, entry.note, entry.settled_at = public.id, "public", "", None
    entry.person_id, entry.kind, entry.rung = request.person_id, request.kind, request.rung
    entry.title, entry.holder_name = facts_of.title_of(request), person.name
    entry.id_masked = masked[:_SHOWN_OF_ID] + "*" * max(len(masked) - _SHOWN_OF_ID, 0)
    entry.facts, entry.valid_to = dict(request.facts), request.valid_to
    session().add(entry)
    session().flush()
    tell(
        request.person_id,
        "certificate.public",
        f"publicity:{entry.id}:{public.id}",
        f"/publicity/{public.ref}",
        title=entry.title,
        until=public.ends_on.isoformat(),
    )
    return entry


def _list_of_the_day(
    request: IssueRequest, group: Group, days: int, actor: Actor, now: datetime
) -> PublicityList:
    on = clock.local_date(now)
    issuer, _filing = issuer_on(
        request.issuer_id, request.rung, request.issued_on, facts_of.occupation_of(request)
    )
    known = session().scalar(
        select(PublicityList).where(
            PublicityList.issuer_id == request.issuer_id,
            PublicityList.group_key == group.key,
            PublicityList.opened_on == on,
        )
    )
    if known is not None:
        return known
    public = PublicityList(
        ref=secrets.token_hex(12),
        issuer_id=request.issuer_id,
        issuer_region=issuer.region,
        group_key=group.key,
        title=group.title[:120],
        opened_on=on,
        days=days,
        ends_on=last_public_day(on, days),
        rule_stamp=publicity_rule(on).stamp,
        created_at=now,
    )
    session().add(public)
    session().flush()
    audit.record(actor, "certificate.publicity.open", "publicity_list", public.id, days=days)
    return public


def hold(person_id: int, rung: int) -> None:
    """Wait for whoever is issuing what is public for a person and a rung, and let nobody begin to
    until this unit of work ends: asked before one looks for the certificates there are."""
    session().scalars(_public(person_id, rung).with_for_update()).all()


def withdraw(person_id: int, rung: int, reason: str, actor: Actor, now: datetime) -> int:
    """Take a person's awards of a rung off the lists, since what they rest on has changed; how
    many there were. Certificates already issued are not touched."""
    entries = session().scalars(_public(person_id, rung).with_for_update()).all()
    for entry in entries:
        entry.state, entry.note, entry.settled_at = "withdrawn", reason[:200], now
        audit.record(
            actor, "certificate.publicity.withdraw", "publicity_entry", entry.id, reason=reason
        )
    session().flush()
    return len(entries)


def is_pending(person_id: int, rung: int) -> bool:
    """True while an award of the rung is public or waits for the end of its objections."""
    return session().scalar(_public(person_id, rung).limit(1)) is not None


def _public(person_id: int, rung: int) -> Select[tuple[PublicityEntry]]:
    return select(PublicityEntry).where(
        PublicityEntry.person_id == person_id,
        PublicityEntry.rung == rung,
        PublicityEntry.state == "public",
    )
