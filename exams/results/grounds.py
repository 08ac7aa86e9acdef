"""Certificates rest on results: when one counts no more they are suspended, when it counts again
they come back. Callers commit."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy import select

from certificates import api as certificates
from exams.entries.models import Entry
from exams.results.models import LevelAward, Result
from exams.results.queries import standings_of
from exams.sittings.models import Attempt
from lms.core.access import Actor
from lms.core.db import session

SOURCE = "exams:result:"
#: causes, as the register knows them
VOIDED, CORRECTED = "voided", "corrected"


def queue_for(person_ids: Iterable[int]) -> None:
    """Let those who award people's levels and those who take results back wait for each other:
    a level is awarded once, and not for a result that is being made void."""
    entries = select(Entry.id).where(Entry.person_id.in_(sorted(set(person_ids))))
    session().execute(entries.order_by(Entry.id).with_for_update()).all()


def resting_on(attempt_id: int) -> list[int]:
    """Certificates that a result of this sitting went into; to be asked before it is changed."""
    rows = session().scalars(select(Result).where(Result.attempt_id == attempt_id)).all()
    if not rows:
        return []
    mine, person_id, rung = {row.id for row in rows}, rows[0].person_id, rows[0].rung
    query = select(LevelAward).where(LevelAward.person_id == person_id, LevelAward.rung == rung)
    awards = session().scalars(query).all()
    noted = {
        award.certificate_id
        for award in awards
        if mine & ({int(number) for number in award.result_ids.values()} | {award.result_id})
    }
    return sorted(noted | set(_unnoted(mine, person_id, rung, {one.result_id for one in awards})))


def hold_resting_on(attempt_id: int) -> list[int]:
    """The same, and nobody issues another one from it until this unit of work ends."""
    row = session().scalar(select(Result).where(Result.attempt_id == attempt_id).limit(1))
    if row is None:
        return []
    queue_for([row.person_id])
    certificates.hold(row.person_id, row.rung)
    return resting_on(attempt_id)


def _unnoted(mine: set[int], person_id: int, rung: int, noted: set[int]) -> Iterator[int]:
    """Certificates issued after publicity or by a batch that no award names yet: they rest on the
    newest pass of each part."""
    query = select(Result.id).where(
        Result.person_id == person_id, Result.rung == rung, Result.id.not_in(noted)
    )
    known = {f"{SOURCE}{number}": number for number in session().scalars(query)}
    issued = certificates.issued_for(sorted(known))
    if not issued:
        return
    passes = sorted(standings_of(person_id, rung), key=lambda one: (one.on, one.result_id))
    newest = set({one.part: one.result_id for one in passes}.values())
    for source, certificate_id in issued.items():
        if mine & (newest | {known[source]}):
            yield certificate_id


def awarded_before(person_id: int, rung: int, result_ids: Iterable[int]) -> bool:
    """True if a certificate was issued for just these sittings, whatever became of it or of their
    marks since: a suspended certificate is not issued a second time."""
    query = select(LevelAward).where(LevelAward.person_id == person_id, LevelAward.rung == rung)
    awards = [set(award.result_ids.values()) for award in session().scalars(query)]
    asked = set(result_ids)
    query_attempts = select(Result.id, Result.attempt_id).where(Result.id.in_(asked.union(*awards)))
    sat = dict(session().execute(query_attempts).tuples().all()) if awards else {}
    return any({sat[n] for n in award} == {sat[n] for n in asked} for award in awards if award)


def fall(attempt_id: int, cause: str, resting: list[int], actor: Actor, now: datetime) -> None:
    """Suspend what rested on the results of a sitting."""
    if resting:
        attempt = session().get_one(Attempt, attempt_id)
        page = f"/events/{attempt.entry.event_id}/entries/{attempt.entry_id}/watch"
        certificates.lose(resting, certificates.Ground(_ref(attempt_id), cause, page), actor, now)


def stand_again(attempt_id: int, cause: str, actor: Actor, now: datetime) -> None:
    """The cause is taken back; what was suspended for it alone is reinstated."""
    certificates.regain(_ref(attempt_id), cause, actor, now)


def _ref(attempt_id: int) -> str:
    return f"exams:attempt:{attempt_id}"
