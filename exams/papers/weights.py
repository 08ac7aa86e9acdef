"""Import of a rung's weight table as the next version of its rule. Callers commit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _

from exams.entries.models import Part
from exams.papers.policy import IMPORT
from exams.papers.queries import CODES
from exams.papers.rules import check_weights, parse
from lms.core import audit, clock
from lms.core.access import Actor
from lms.core.errors import Invalid
from lms.core.ladder import Rung
from lms.core.rules import add_version

KNOWN = frozenset(
    {"rung", "weights", "sections", "minutes", "source", "effective_from", "confirmed"}
)


@dataclass(frozen=True, slots=True)
class TablePlan:
    """A weight table that may be imported."""

    code: str
    value: dict[str, Any]
    effective_from: date
    source: str
    confirmed: bool


def plan_table(data: object) -> TablePlan:
    """Check what a file says.

    Raises:
        Invalid: not a table, weights that do not sum to 100 (with the numbers), questions that do
        not add up to them, or no source.
    """
    if not isinstance(data, dict) or not isinstance(data.get("weights"), dict):
        raise Invalid(_("文件里要有 rung（等级）和 weights（模块：权重）。"))
    if unknown := sorted(set(map(str, data)) - KNOWN):
        raise Invalid(_("不认识的项目：%(names)s。", names="、".join(unknown)))
    source = str(data.get("source") or "").strip()
    if not source:
        raise Invalid(_("请写明权重表的出处（source）。"))
    since = data.get("effective_from", clock.today())
    if type(since) is not date:
        raise Invalid(_("生效日期请写成 2026-11-23。"))
    value, code = _value(data)
    return TablePlan(code, value, since, source[:400], data.get("confirmed") is True)


def _value(data: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    rung, weights = data.get("rung"), data["weights"]
    code = CODES.get(Rung(rung)) if rung in tuple(Rung) else None
    if code is None:
        raise Invalid(_("等级应为 2 到 6。"))
    if not all(isinstance(weight, int) for weight in weights.values()):
        raise Invalid(_("权重应为整数。"))
    value = {
        "rung": rung,
        "part": str(Part.THEORY),
        "minutes": data.get("minutes", 90),
        "weights": {str(module): weight for module, weight in weights.items()},
        "sections": data.get("sections", []),
    }
    check_weights(value["weights"])
    if value["sections"]:
        try:
            parse(value)
        except (KeyError, TypeError, ValueError, AttributeError) as fault:
            raise Invalid(_("题量（sections）的写法不对：%(fault)s", fault=fault)) from fault
    return value, f"exams.blueprint.{code}"


def import_table(plan: TablePlan, actor: Actor) -> str:
    """Append the table as the next version of its rule; its stamp."""
    IMPORT.ensure(actor)
    rule = add_version(
        actor, plan.code, plan.value, plan.effective_from, plan.source, plan.confirmed
    )
    audit.record(actor, "exams.blueprint.import", "rule", 0, stamp=rule.stamp)
    return rule.stamp
