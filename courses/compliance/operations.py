"""Exemptions: asked for with evidence, decided by a second person; callers commit."""

from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext as _
from sqlalchemy import select

from courses.compliance.models import Exemption, ExemptionStep
from courses.compliance.verdicts import CENTRAL, RULE
from lms.core import audit, clock
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import Conflict, DomainError, Invalid, NotFound
from lms.core.rules import rule_on


class SamePerson(DomainError):
    """Nobody decides on their own request."""

    code = "same-person"
    status = 403


@dataclass(frozen=True, slots=True)
class ExemptionRequest:
    """What HR or an officer asks for somebody."""

    person_id: int
    organisation_id: int
    year: int
    kind: str
    evidence: str
    starts_on: date | None = None
    ends_on: date | None = None


def propose_exemption(asked: ExemptionRequest, actor: Actor, now: datetime) -> Exemption:
    """Record a request; another one for the same year must be decided first.

    Raises:
        Invalid: unknown kind, no evidence, dates missing or the wrong way round.
        Conflict: a request of this year waits for its decision.
    """
    _check(asked, now)
    if any(step is None for _e, step in requests_of(asked.person_id, asked.year)):
        raise Conflict(_("已有一份免修申请在等待审批。"))
    row = Exemption(
        person_id=asked.person_id,
        organisation_id=asked.organisation_id,
        requirement=CENTRAL,
        year=asked.year,
        kind=asked.kind,
        starts_on=asked.starts_on,
        ends_on=asked.ends_on,
        evidence=asked.evidence.strip(),
        recorded_at=now,
        recorded_by=actor.person_id,
    )
    session().add(row)
    session().flush()
    audit.record(actor, "exemption.propose", "duty_exemption", row.id, kind=asked.kind)
    return row


def decide_exemption(
    exemption_id: int, step: str, reason: str, actor: Actor, now: datetime
) -> ExemptionStep:
    """Approve or refuse a request, or revoke an approval; the same step twice is one.

    Raises:
        SamePerson: the actor made the request, or it is about herself.
        Conflict: it was decided otherwise meanwhile. Invalid: a refusal without a reason.
    """
    asked = _locked(exemption_id)
    if actor.person_id in {asked.recorded_by, asked.person_id}:
        raise SamePerson(_("申请人不能审批自己的申请，请由另一位同事审批。"))
    if step != "approved" and not reason.strip():
        raise Invalid(_("不同意或撤销时，请写明原因。"))
    steps = {s.stage: s for s in _steps_of(exemption_id)}
    stage = 2 if step == "revoked" else 1
    if stage in steps:
        if steps[stage].step == step:
            return steps[stage]
        raise Conflict(_("这份申请已经审批过了。"))
    if stage == 2 and (1 not in steps or steps[1].step != "approved"):
        raise Conflict(_("只有已同意的免修才能撤销。"))
    row = ExemptionStep(
        exemption_id=exemption_id,
        stage=stage,
        step=step,
        reason=reason.strip()[:300],
        recorded_at=now,
        recorded_by=actor.person_id,
    )
    session().add(row)
    session().flush()
    audit.record(actor, f"exemption.{step}", "duty_exemption", exemption_id, reason=reason.strip())
    return row


def requests_of(person_id: int, year: int) -> list[tuple[Exemption, ExemptionStep | None]]:
    """A person's requests of a year, newest first, each with its last step."""
    query = (
        select(Exemption, ExemptionStep)
        .outerjoin(ExemptionStep, ExemptionStep.exemption_id == Exemption.id)
        .where(Exemption.person_id == person_id, Exemption.year == year)
        .order_by(Exemption.id.desc(), ExemptionStep.stage)
    )
    newest: dict[int, tuple[Exemption, ExemptionStep | None]] = {}
    for asked, step in session().execute(query):
        newest[asked.id] = (asked, step)
    return list(newest.values())


def exemption(exemption_id: int) -> Exemption:
    """A request. Raises NotFound when there is none."""
    row = session().get(Exemption, exemption_id)
    if row is None:
        raise NotFound
    return row


def _check(asked: ExemptionRequest, now: datetime) -> None:
    kinds: dict[str, int] = rule_on(RULE, clock.local_date(now)).value["exemptions"]
    if asked.kind not in kinds:
        raise Invalid(_("请选择免修的原因。"))
    if len(asked.evidence.strip()) < 4:
        raise Invalid(_("请写明证明材料，例如医院证明的日期和编号。"))
    if kinds[asked.kind] and (asked.starts_on is None or asked.ends_on is None):
        raise Invalid(_("请填写开始和结束日期。"))
    if (asked.starts_on is None) != (asked.ends_on is None):
        raise Invalid(_("开始和结束日期要同时填写。"))
    if asked.starts_on and asked.ends_on and asked.ends_on < asked.starts_on:
        raise Invalid(_("结束日期不能早于开始日期。"))


def _locked(exemption_id: int) -> Exemption:
    row = session().scalar(select(Exemption).where(Exemption.id == exemption_id).with_for_update())
    if row is None:
        raise NotFound
    return row


def _steps_of(exemption_id: int) -> list[ExemptionStep]:
    query = select(ExemptionStep).where(ExemptionStep.exemption_id == exemption_id)
    return list(session().scalars(query))
