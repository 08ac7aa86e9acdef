"""A certificate is suspended when what it was issued from counts no more, and reinstated when
that counts again. Packages above call these; the notary knows of a cause only its name and page.
Callers commit."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from certificates import rules
from certificates.grounds.models import LostGround, RegainedGround
from certificates.grounds.queries import open_by_ref, open_grounds
from certificates.models import Certificate
from certificates.operations import held, standing_of, step
from certificates.rules import Status
from lms.core import clock
from lms.core.access import Actor, Role
from lms.core.db import session
from lms.core.notify import tell
from lms.people.api import role_holders

_STANDS = (Status.VALID, Status.EXPIRED)


@dataclass(frozen=True, slots=True)
class Ground:
    """Something certificates rest on: its name, what befell it (``voided``, ``corrected``), and
    the page on which staff read about it."""

    ref: str
    cause: str
    url: str


def lose(certificate_ids: Iterable[int], ground: Ground, actor: Actor, now: datetime) -> int:
    """Suspend the certificates that rest on ``ground``, each once; how many were. Corrected ones
    stand for those that superseded them; revoked ones are left alone. Holder and issuer are
    told."""
    lost = 0
    for certificate_id in sorted({_newest(number) for number in certificate_ids}):
        row = held(certificate_id)
        status = standing_of(row, clock.local_date(now)).status
        known = {(one.ref, one.cause) for one in open_grounds(row.id)}
        if status not in (*_STANDS, Status.SUSPENDED) or (ground.ref, ground.cause) in known:
            continue
        event_id = None
        if status in _STANDS:
            step("suspended", row.id, rules.LOST_GROUND[ground.cause], actor, now)
            event_id = row.events[-1].id
            lost += 1
        one = LostGround(
            certificate_id=row.id, cause=ground.cause, ref=ground.ref, url=ground.url,
            event_id=event_id, by=actor.person_id, at=now,
        )  # fmt: skip
        session().add(one)
        session().flush()
        _tell_issuer(row, "certificate.ground.lost", one, now)
    return lost


def regain(ref: str, cause: str, actor: Actor, now: datetime) -> int:
    """Take back what was lost for a cause. A certificate whose suspension came from lost grounds,
    with none left, is reinstated; how many were."""
    back = 0
    for lost in open_by_ref(ref, cause):
        row = held(lost.certificate_id)
        done = RegainedGround(lost_id=lost.id, event_id=None, by=actor.person_id, at=now)
        others = [one for one in open_grounds(row.id) if one.id != lost.id]
        if not others and _suspended_by_ground(row):
            step("reinstated", row.id, rules.REGAINED_GROUND, actor, now)
            done.event_id = row.events[-1].id
            back += 1
        session().add(done)
        session().flush()
        _tell_issuer(row, "certificate.ground.regained", lost, now)
    return back


def _newest(certificate_id: int) -> int:
    """The certificate that stands for this one after corrections."""
    while True:
        query = select(Certificate.id).where(Certificate.supersedes_id == certificate_id)
        later = session().scalar(query)
        if later is None:
            return certificate_id
        certificate_id = later


def _suspended_by_ground(row: Certificate) -> bool:
    """True if the suspension that stands was made for a lost ground, not by somebody's word."""
    last = next(event for event in reversed(row.events) if event.kind != "reprinted")
    query = select(LostGround.id).where(LostGround.event_id == last.id)
    return last.kind == "suspended" and session().scalar(query) is not None


def _tell_issuer(row: Certificate, kind: str, lost: LostGround, now: datetime) -> None:
    for person_id in role_holders(row.issuer_id, [Role.EXAMINER], clock.local_date(now)):
        if person_id != row.person_id:
            key = f"ground:{lost.id}:{kind.rpartition('.')[2]}:{person_id}"
            tell(person_id, kind, key, f"/register/{row.code}", title=row.title, number=row.number)
