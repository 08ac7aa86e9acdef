"""Which blueprint an event's papers follow, and organisations' own blueprints; reads only."""

from collections.abc import Collection
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import func, select

from exams.entries.models import ExamEvent, Part
from exams.papers import errors
from exams.papers.models import BlueprintVersion
from exams.papers.queries import pinned_blueprint, plan_for
from exams.papers.rules import Blueprint, parse, weights_of
from lms.core.db import session
from lms.core.errors import Invalid
from lms.core.rules import RuleVersion


def plan_of(event: ExamEvent, on: date) -> tuple[Blueprint, str]:
    """The blueprint of a theory event and its stamp: pinned once it is published; before, the
    organisation's own version that was chosen, or the rung's rule in force.

    Raises:
        NoPlan; Invalid: the plan's weights do not sum to 100, or are still a draft.
    """
    if event.status != "draft":
        return pinned_blueprint(event.blueprint), event.blueprint
    rule = plan_for(event.rung, Part.THEORY, on)
    if event.blueprint_id is not None:
        return _own_plan(session().get_one(BlueprintVersion, event.blueprint_id), rule)
    if rule is None:
        raise errors.NoPlan
    return parse(rule.value), rule.stamp


def _own_plan(own: BlueprintVersion, rule: RuleVersion | None) -> tuple[Blueprint, str]:
    """An organisation's own plan, if its weights are still those of the rung's table."""
    plan = parse(own.value)
    if rule is not None and plan.weights != weights_of(rule.value):
        raise Invalid(
            _("这个等级的权重表有了新版本，请按新表修改组卷方案“%(title)s”。", title=own.title)
        )
    return plan, own.stamp


def newest_blueprints(organisation_ids: Collection[int]) -> list[BlueprintVersion]:
    """The newest version of every blueprint of these organisations, by rung and title."""
    newest = (
        select(func.max(BlueprintVersion.id))
        .where(BlueprintVersion.organisation_id.in_(organisation_ids))
        .group_by(BlueprintVersion.code)
    )
    query = select(BlueprintVersion).where(BlueprintVersion.id.in_(newest))
    ordered = query.order_by(BlueprintVersion.rung, BlueprintVersion.title, BlueprintVersion.id)
    return list(session().scalars(ordered))


def versions_of(code: str) -> list[BlueprintVersion]:
    """Every version of a blueprint, newest first."""
    query = select(BlueprintVersion).where(BlueprintVersion.code == code)
    return list(session().scalars(query.order_by(BlueprintVersion.version.desc())))
