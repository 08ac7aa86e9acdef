"""Claiming hours and deciding on claims; recording study leave. Callers commit."""

from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext as _
from sqlalchemy import select

from courses.claims import evidence
from courses.claims.models import CreditClaim, CreditClaimStep, StudyLeave
from courses.credits import operations as ledger
from lms.core import audit, clock
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import Conflict, DomainError, Invalid, NotFound
from lms.core.notify import tell
from lms.core.rules import rule_on
from lms.people.api import spells_as_known

RULE = "credits.ledger"
OLDEST_YEARS = 1  # hours of this year and the one before can be claimed


class OwnClaim(DomainError):
    """Nobody decides on her own hours or on what she filed for another."""

    code = "own-claim"
    status = 403


@dataclass(frozen=True, slots=True)
class ClaimDraft:
    """What somebody says she did: ``units`` of a kind; ``picture`` is an uploaded file."""

    kind: str
    title: str
    organiser: str
    held_on: date
    units: int
    evidence: str
    picture: bytes | None = None


def claim(person_id: int, draft: ClaimDraft, actor: Actor, now: datetime) -> CreditClaim:
    """File a claim.

    Raises:
        Invalid: unknown kind, a day ahead or too long ago, too many units, no evidence, no
        employer. BadEvidence: the picture cannot be used.
    """
    _check_day(draft.held_on, clock.local_date(now))
    rule = rule_on(RULE, draft.held_on)
    line = rule.value["conversions"].get(draft.kind)
    _check(draft, line)
    tenths = min(draft.units * line["tenths"], line["most_tenths"])
    stays = [
        s
        for s in spells_as_known([person_id])
        if s.ended_on is None or s.ended_on >= clock.local_date(now)
    ]
    if not stays:
        raise Invalid(_("现在没有在任何单位任职，请先由单位登记。"))
    place = evidence.new_place()
    picture = evidence.clean(draft.picture) if draft.picture else None
    row = CreditClaim(
        person_id=person_id,
        organisation_id=stays[-1].organisation_id,
        region=stays[-1].region,
        kind=draft.kind,
        title=draft.title.strip()[:120],
        organiser=draft.organiser.strip()[:120],
        held_on=draft.held_on,
        units=draft.units,
        category=line["category"],
        tenths=tenths,
        rule=rule.stamp,
        evidence=draft.evidence.strip()[:300],
        evidence_place=place,
        evidence_sealed=evidence.sealed(picture, place) if picture else None,
        recorded_at=now,
        recorded_by=actor.person_id,
    )
    session().add(row)
    session().flush()
    audit.record(actor, "credit.claim", "credit_claim", row.id, kind=row.kind, tenths=tenths)
    return row


def decide(claim_id: int, step: str, reason: str, actor: Actor, now: datetime) -> CreditClaimStep:
    """Approve, refuse, withdraw or take an approval back; the same step twice is one.

    An approval posts the hours to the ledger once; taking it back reverses them.

    Raises:
        OwnClaim: deciding on one's own hours or filing. Conflict: decided otherwise meanwhile.
        Invalid: no reason for a refusal or for taking back.
    """
    row = _locked(claim_id)
    is_own = actor.person_id in {row.person_id, row.recorded_by}
    if is_own != (step == "withdrawn"):
        raise OwnClaim(_("自己申请的学时要由另一位同事审核；只有申请人可以撤回。"))
    if step in {"refused", "taken_back"} and not reason.strip():
        raise Invalid(_("不同意或撤销时，请写明原因。"))
    stage = 2 if step == "taken_back" else 1
    steps = {s.stage: s for s in steps_of(claim_id)}
    if stage in steps:
        if steps[stage].step == step:
            return steps[stage]
        raise Conflict(_("这份申请已经审核过了。"))
    if stage == 2 and (1 not in steps or steps[1].step != "approved"):
        raise Conflict(_("只有已通过的申请才能撤销。"))
    made = CreditClaimStep(
        claim_id=claim_id,
        stage=stage,
        step=step,
        reason=reason.strip()[:300],
        recorded_at=now,
        recorded_by=actor.person_id,
    )
    session().add(made)
    _move_hours(row, step, reason, actor, now)
    session().flush()
    audit.record(actor, f"credit.claim.{step}", "credit_claim", claim_id, reason=reason.strip())
    if step != "withdrawn":
        tell(row.person_id, f"credit.claim.{step}", f"claim:{claim_id}:{step}",
             f"/learn/hours/claims/{claim_id}", title=row.title)  # fmt: skip
    return made


def _move_hours(row: CreditClaim, step: str, reason: str, actor: Actor, now: datetime) -> None:
    key = f"claim:{row.id}"
    if step == "approved":
        ledger.post_hours(
            row.person_id, row.category, row.tenths, row.held_on.year, key, actor, now, row.title
        )
    elif step == "taken_back":
        entry = ledger.entry_of(key)
        if entry is not None:
            ledger.reverse(entry.id, reason, actor, now)


def record_leave(
    person_id: int, organisation_id: int, year: int, tenths: int, note: str,
    actor: Actor, now: datetime,
) -> StudyLeave:  # fmt: skip
    """Record hours of study leave in tenths. Raises Invalid when they make no sense."""
    if not 0 < tenths <= 20_000:
        raise Invalid(_("请填学时数，最多一位小数，例如 8 或 7.5。"))
    row = StudyLeave(
        person_id=person_id, organisation_id=organisation_id, year=year, tenths=tenths,
        note=note.strip()[:200], recorded_at=now, recorded_by=actor.person_id,
    )  # fmt: skip
    session().add(row)
    session().flush()
    audit.record(actor, "leave.record", "study_leave", row.id, tenths=tenths)
    return row


def steps_of(claim_id: int) -> list[CreditClaimStep]:
    """Decisions on a claim, in order."""
    query = select(CreditClaimStep).where(CreditClaimStep.claim_id == claim_id)
    return list(session().scalars(query.order_by(CreditClaimStep.stage)))


def _locked(claim_id: int) -> CreditClaim:
    row = session().scalar(select(CreditClaim).where(CreditClaim.id == claim_id).with_for_update())
    if row is None:
        raise NotFound
    return row


def _check_day(held_on: date, today: date) -> None:
    if held_on > today:
        raise Invalid(_("日期不能晚于今天。"))
    if held_on.year < today.year - OLDEST_YEARS:
        raise Invalid(_("只能申请今年和去年的学时。"))


def _check(draft: ClaimDraft, line: dict[str, object] | None) -> None:
    if line is None:
        raise Invalid(_("请选择学时的种类。"))
    if not 0 < draft.units <= 400:
        raise Invalid(_("数量应为 1 到 400 的整数。"))
    if not draft.title.strip() or not draft.organiser.strip():
        raise Invalid(_("请写明内容和举办单位。"))
    if not draft.evidence.strip() and not draft.picture:
        raise Invalid(_("请写明证明材料，或拍一张证明的照片。"))
