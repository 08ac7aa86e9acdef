"""Deciding about a doubtful check-in: accepted or struck, each a new fact with a reason."""

from datetime import datetime

from flask_babel import gettext as _

from courses.classroom import review
from courses.classroom.operations import attendance
from courses.classroom.operations.sessions import locked
from courses.classroom.review import Doubt
from courses.classroom.scan_models import DECISIONS, CheckInReview
from lms.core import audit
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import Conflict, Invalid, NotFound
from lms.core.notify import tell

LEARNER_PAGE = "/learn/central"


def decide(
    session_id: int, fact_id: int, decision: str, reason: str, actor: Actor, now: datetime
) -> CheckInReview:
    """Accept a check-in or strike it; another person may strike later what was accepted.

    Raises:
        NotFound: the check-in has no sign and no decision. Invalid: no reason.
        Conflict: it is the actor's own, or was taken back already.
    """
    row = locked(session_id)
    doubt = next((d for d in review.doubts_of(row) if d.fact.id == fact_id), None)
    if doubt is None or decision not in DECISIONS:
        raise NotFound
    if doubt.fact.person_id == actor.person_id:
        raise Conflict(_("自己的签到要请别人核实。"))
    if not reason.strip():
        raise Invalid(_("请写明核实的情况。"))
    if doubt.state in {"struck", "gone"}:
        raise Conflict(_("这条签到已经撤回。"))
    void_id = None
    if decision == "struck":
        void_id = attendance.take_back(session_id, fact_id, reason, actor, now).fact_id
        tell(
            doubt.fact.person_id, "central.struck", f"central.struck:{fact_id}", LEARNER_PAGE,
            title=row.title, reason=reason.strip()[:200],
        )  # fmt: skip
    return _append(session_id, doubt, decision, reason.strip(), void_id, actor, now)


def _append(
    session_id: int, doubt: Doubt, decision: str, reason: str, void_id: int | None,
    actor: Actor, now: datetime,
) -> CheckInReview:  # fmt: skip
    row = CheckInReview(
        session_id=session_id,
        fact_id=doubt.fact.id,
        number=len(doubt.decisions) + 1,
        decision=decision,
        signs=" ".join(sorted(doubt.kinds)),
        reason=reason[:200],
        void_id=void_id,
        recorded_at=now,
        recorded_by=actor.person_id,
    )
    session().add(row)
    session().flush()
    audit.record(
        actor, f"check-in.{decision}", "central_session", session_id,
        person=doubt.fact.person_id, reason=reason,
    )  # fmt: skip
    return row
