"""Correcting a key: one person proposes, another approves, every sitting is marked again by adding
marks. Callers commit."""

import secrets
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from exams.bank.queries import Asked, faces_of, keys_of
from exams.entries.models import Entry, ExamEvent
from exams.marking.concluding import (
    CLOSED,
    append_marks,
    by_rule,
    conclude,
    newest_marks,
    paper_of,
    policy_of,
    voided,
)
from exams.marking.corrections.keys import parse_key
from exams.marking.corrections.models import KeyCorrection, KeyDecision, Remarking
from exams.marking.corrections.queries import asked_of, is_used
from exams.marking.errors import OwnExam, SamePerson
from exams.marking.models import Script
from exams.marking.policy import CORRECT
from exams.results.concluding import supersede
from exams.results.models import Result
from exams.results.queries import standing
from exams.results.rules import total as sum_of
from exams.sittings.models import Attempt
from exams.sittings.queries import folded
from lms.core import audit
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import Conflict, Invalid, NotFound


def propose(
    event: ExamEvent, asked: Asked, way: str, text: str, reason: str, actor: Actor, now: datetime
) -> KeyCorrection:
    """Propose how a question of an event shall be marked from now on.

    Raises:
        NotFound: no paper of the event asks it. Invalid: the text is no key for it. OwnExam.
    """
    CORRECT.ensure(actor, event)
    _ensure_outsider(event.id, actor)
    if not is_used(event.id, asked):
        raise NotFound
    key: dict[str, Any] = {}
    if way == "key":
        face, old = faces_of([asked])[asked], keys_of([asked])[asked]
        parsed = parse_key(face.kind, face.body, old.key, text)
        if parsed is None:
            raise Invalid(_("看不懂这个答案，请按提示填写；连线、排序和主观题只能全员给分或作废。"))
        key = parsed
    row = KeyCorrection(
        ref=secrets.token_hex(16),
        event_id=event.id,
        question_version_id=asked[0],
        part=-1 if asked[1] is None else asked[1],
        way=way,
        key=key,
        reason=reason,
        proposed_by=actor.person_id,
        proposed_at=now,
    )
    session().add(row)
    session().flush()
    audit.record(actor, "exams.key.propose", "key_correction", row.id, way=way)
    return row


def _ensure_outsider(event_id: int, actor: Actor) -> None:
    """Raise OwnExam for somebody whose own result the correction could change."""
    hers = select(Entry.id).where(Entry.event_id == event_id, Entry.person_id == actor.person_id)
    if session().scalar(hers.limit(1)) is not None:
        raise OwnExam


def decide(
    correction: KeyCorrection, approved: bool, note: str, actor: Actor, now: datetime
) -> None:
    """A second person's word; once.

    Raises:
        SamePerson: it is her own proposal. Conflict: decided already. OwnExam.
    """
    CORRECT.ensure(actor, session().get_one(ExamEvent, correction.event_id))
    _ensure_outsider(correction.event_id, actor)
    if actor.person_id == correction.proposed_by:
        raise SamePerson
    locked = select(KeyCorrection.id).where(KeyCorrection.id == correction.id).with_for_update()
    session().execute(locked)
    if session().get(KeyDecision, correction.id, populate_existing=True) is not None:
        raise Conflict(_("这份更正已经有决定了。"))
    session().add(
        KeyDecision(
            correction_id=correction.id,
            approved=approved,
            note=note,
            decided_by=actor.person_id,
            decided_at=now,
        )
    )
    session().flush()
    what = "exams.key.approve" if approved else "exams.key.refuse"
    audit.record(actor, what, "key_correction", correction.id)


def remark(correction: KeyCorrection, attempt_id: int, actor: Actor, now: datetime) -> bool:
    """Mark one sitting again by an approved correction: marks are added, a changed result is
    superseded. False if that was done before."""
    attempt = (
        session()
        .scalars(
            select(Attempt)
            .where(Attempt.id == attempt_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        .one()
    )
    if session().get(Remarking, (correction.id, attempt_id)) is not None:
        return False
    old = session().scalar(select(Result).where(Result.attempt_id == attempt_id, standing()))
    new = None
    fresh, total = remarked(attempt, asked_of(correction), now)
    stamp = f"exams.key@{correction.id}"
    paper = paper_of(attempt)
    append_marks(paper, fresh, f"rekey:{correction.id}", stamp, actor, now)
    _drop_from_queue(correction, attempt_id)
    if attempt.state in CLOSED:
        new = conclude(attempt, actor, now)
    elif (
        attempt.state != "expelled"
        and old is not None
        and sum_of(paper.marked(total)) != old.tenths
    ):
        new = supersede(old, paper.marked(total), actor, now)
    session().add(
        Remarking(
            correction_id=correction.id,
            attempt_id=attempt_id,
            old_result_id=old.id if old else None,
            new_result_id=new.id if new else None,
            marked_at=now,
        )
    )
    session().flush()
    return True


def remarked(
    attempt: Attempt, asked: Asked, now: datetime, corrections: dict[Asked, Any] | None = None
) -> tuple[dict[int, int], dict[int, int]]:
    """(marks to add, all marks then) by slot; ``corrections`` stand for those in force."""
    paper = paper_of(attempt)
    paper.corrections.update(corrections or {})
    given = newest_marks([attempt.id]).get(attempt.id, {})
    answers, policy = folded(attempt.id), policy_of(paper.event, now)
    fresh: dict[int, int] = {}
    for slot in paper.slots:
        if slot.asked == asked and not paper.by_people(slot) and paper.way(slot) != "void":
            fresh[slot.id] = by_rule(paper, slot, answers.get(slot.position), policy)
    known = given | fresh
    if all(s.id in known or paper.way(s) == "void" for s in paper.slots):
        shares = voided(paper, known, set())
        fresh |= {slot: t for slot, t in shares.items() if given.get(slot) != t}
    return fresh, given | fresh


def _drop_from_queue(correction: KeyCorrection, attempt_id: int) -> None:
    """Full marks and voided questions need no reader any more."""
    if correction.way == "key":
        return
    query = select(Script).where(
        Script.attempt_id == attempt_id,
        Script.question_version_id == correction.question_version_id,
        Script.part == correction.part,
    )
    for script in session().scalars(query):
        script.state = "done"
    session().flush()
