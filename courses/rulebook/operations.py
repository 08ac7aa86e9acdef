"""Changing a rule: one officer of the province proposes, another decides. Callers commit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from courses.rulebook.models import RulePreview, RuleProposal, RuleProposalStep
from courses.rulebook.rules import SHAPES
from lms.core import audit, clock, rules, tasks
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import Conflict, DomainError, Invalid, NotFound

PREVIEW = "rules.preview"


class OwnProposal(DomainError):
    """Nobody approves what she proposed herself."""

    code = "own-proposal"
    status = 403


@dataclass(frozen=True, slots=True)
class Draft:
    """What an officer proposes."""

    code: str
    value: Mapping[str, Any]
    effective_from: date
    source: str
    reason: str
    confirmed: bool = False


def propose(draft: Draft, actor: Actor, now: datetime) -> RuleProposal:
    """Record a proposal and queue the computation of who would change.

    Raises:
        Invalid: the rule takes effect before tomorrow, nothing changes, source or reason is
        missing. Conflict: another proposal for the rule is open. NotFound: no such rule.
    """
    if draft.code not in SHAPES:
        raise NotFound
    rules.hold(draft.code)
    newest = rules.rule_versions(draft.code)[-1]
    _check(draft, newest, now)
    if open_proposal(draft.code) is not None:
        raise Conflict(_("这条规则已有一份修改在等待审批。"))
    row = RuleProposal(
        code=draft.code,
        base_version=newest.version,
        effective_from=draft.effective_from,
        value=dict(draft.value),
        source=draft.source.strip()[:400],
        confirmed=draft.confirmed,
        reason=draft.reason.strip()[:300],
        recorded_at=now,
        recorded_by=actor.person_id,
    )
    session().add(row)
    session().flush()
    session().add(RulePreview(proposal_id=row.id, ref="", result={}, computed_at=None))
    compute_again(row.id, actor)
    audit.record(actor, "rules.propose", "rule_proposal", row.id, code=row.code)
    return row


def compute_again(proposal_id: int, actor: Actor) -> None:
    """Queue the computation of who would change under an open proposal."""
    proposal = proposal_of(proposal_id)
    if step_of(proposal_id) is not None:
        raise Conflict(_("这份修改已经处理过了。"))
    preview = session().get_one(RulePreview, proposal_id, with_for_update=True)
    preview.ref = tasks.start(PREVIEW, {"proposal": proposal.id}, actor).ref
    preview.computed_at = None
    session().flush()


def decide(
    proposal_id: int, step: str, reason: str, actor: Actor, now: datetime
) -> RuleProposalStep:
    """Approve or refuse a proposal, or withdraw one's own; the same step twice is one.

    Raises:
        OwnProposal: approving or refusing one's own. Conflict: it was decided otherwise, the rule
        has changed since, its day has come, or nobody has seen yet who would change.
        Invalid: no reason where one is needed.
    """
    proposal = proposal_of(proposal_id, lock=True)
    is_own = proposal.recorded_by == actor.person_id
    if is_own != (step == "withdrawn"):
        raise OwnProposal(_("自己提出的修改要由另一位同事审批；只有提出人可以撤回。"))
    known = step_of(proposal_id)
    if known is not None:
        if known.step == step:
            return known
        raise Conflict(_("这份修改已经处理过了。"))
    if step == "refused" and not reason.strip():
        raise Invalid(_("不同意时，请写明原因。"))
    row = RuleProposalStep(
        proposal_id=proposal_id,
        step=step,
        reason=reason.strip()[:300],
        version=_enact(proposal, actor, now) if step == "approved" else None,
        recorded_at=now,
        recorded_by=actor.person_id,
    )
    session().add(row)
    session().flush()
    audit.record(actor, f"rules.{step}", "rule_proposal", proposal_id, code=proposal.code)
    return row


def _enact(proposal: RuleProposal, actor: Actor, now: datetime) -> int:
    if rules.rule_versions(proposal.code)[-1].version != proposal.base_version:
        raise Conflict(_("提出之后，这条规则已经改过。请撤回后按新的规则重新提出。"))
    if proposal.effective_from <= clock.local_date(now):
        raise Conflict(_("生效日期已到，不能倒回去生效。请撤回后换一个日期重新提出。"))
    if session().get_one(RulePreview, proposal.id).computed_at is None:
        raise Conflict(_("影响还没有算完，请稍后再审批。"))
    made = rules.add_version(
        actor, proposal.code, proposal.value, proposal.effective_from, proposal.source,
        proposal.confirmed,
    )  # fmt: skip
    return made.version


def _check(draft: Draft, newest: rules.RuleVersion, now: datetime) -> None:
    if draft.effective_from <= clock.local_date(now):
        raise Invalid(_("生效日期最早是明天：规则不能倒回去生效。"))
    if draft.effective_from < newest.effective_from:
        raise Invalid(_("生效日期不能早于现有版本的生效日期。"))
    if dict(draft.value) == newest.value:
        raise Invalid(_("内容和现有版本完全一样。"))
    if not draft.source.strip():
        raise Invalid(_("请写明依据，例如文件名称和文号。"))
    if not draft.reason.strip():
        raise Invalid(_("请写明为什么修改。"))


def open_proposal(code: str) -> RuleProposal | None:
    """The proposal for a rule that waits for its decision."""
    return session().scalar(
        select(RuleProposal)
        .outerjoin(RuleProposalStep, RuleProposalStep.proposal_id == RuleProposal.id)
        .where(RuleProposal.code == code, RuleProposalStep.id.is_(None))
    )


def proposal_of(proposal_id: int, *, lock: bool = False) -> RuleProposal:
    """A proposal. Raises NotFound when there is none."""
    query = select(RuleProposal).where(RuleProposal.id == proposal_id)
    row = session().scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound
    return row


def step_of(proposal_id: int) -> RuleProposalStep | None:
    """How a proposal ended, if it did."""
    query = select(RuleProposalStep).where(RuleProposalStep.proposal_id == proposal_id)
    return session().scalar(query)
