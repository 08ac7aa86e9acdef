"""Organisations' own blueprints: what a form says, and new versions. Callers commit."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import gettext as _

from exams.bank.models import Difficulty, Kind
from exams.entries.models import Part
from exams.papers.errors import NoPlan
from exams.papers.models import BlueprintVersion
from exams.papers.plans import versions_of
from exams.papers.policy import BLUEPRINT
from exams.papers.queries import plan_for
from exams.papers.rules import Quota, parse, weights_of
from lms.core import audit, clock
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import Invalid

#: The columns of a form's row: any difficulty first.
LEVELS = ("any", *map(str, Difficulty))
MOST = 200


@dataclass(frozen=True, slots=True)
class Table:
    """A blueprint as a form shows it: texts, so that what was typed is never lost.

    ``marks``: kind → marks of each question; ``counts``: (kind, module, level) → how many.
    """

    marks: dict[str, str]
    counts: dict[tuple[str, str, str], str]

    def tenths_of(self, module: str) -> int:
        """What a module's questions come to as typed; nonsense counts nothing."""
        total = Decimal(0)
        for (kind, where, _level), text in self.counts.items():
            if where == module:
                total += _number(text) * _number(self.marks.get(kind, ""))
        return int(total * 10)


def weights_for(rung: int, now: datetime) -> tuple[dict[str, int], dict[str, Any], str]:
    """A rung's weight table, its whole rule, and the rule's stamp.

    Raises:
        NoPlan; Invalid: the table is still a draft, or does not sum to 100.
    """
    rule = plan_for(rung, Part.THEORY, clock.local_date(now))
    if rule is None:
        raise NoPlan
    return weights_of(rule.value), rule.value, rule.stamp


def table_of(quotas: tuple[Quota, ...]) -> Table:
    """A blueprint's quotas as a form shows them. A kind with questions of several marks shows
    those of its first quota."""
    marks: dict[str, str] = {}
    counts: dict[tuple[str, str, str], int] = {}
    for quota in quotas:
        marks.setdefault(quota.kind, f"{quota.tenths / 10:g}")
        cell = quota.kind, quota.module, quota.difficulty or LEVELS[0]
        counts[cell] = counts.get(cell, 0) + quota.count
    return Table(marks, {cell: str(count) for cell, count in counts.items()})


def table_from(form: Mapping[str, str], modules: list[str]) -> Table:
    """What was typed."""
    counts = {
        (str(kind), module, level): form.get(f"n-{kind}-{n}-{level}", "").strip()
        for kind in Kind
        for n, module in enumerate(modules)
        for level in LEVELS
    }
    marks = {str(kind): form.get(f"marks-{kind}", "").strip() for kind in Kind}
    return Table(
        {kind: text for kind, text in marks.items() if text},
        {cell: text for cell, text in counts.items() if text},
    )


def value_of(table: Table, rung: int, rule: Mapping[str, Any]) -> dict[str, Any]:
    """A typed table as rule data: the weights and minutes are the rule's.

    Raises:
        Invalid: a number that is none, or modules that do not add up to their weights.
    """
    by_kind: dict[str, tuple[dict[str, int], dict[str, dict[str, int]]]] = {}
    for (kind, module, level), text in table.counts.items():
        count = _count(text)
        if not count:
            continue
        anyhow, levelled = by_kind.setdefault(kind, ({}, {}))
        if level == LEVELS[0]:
            anyhow[module] = count
        else:
            levelled.setdefault(module, {})[level] = count
    sections = []
    for kind in (str(kind) for kind in Kind if str(kind) in by_kind):
        tenths = _tenths(table.marks.get(kind, ""))
        for quotas in by_kind[kind]:
            if quotas:
                sections.append({"kind": kind, "tenths": tenths, "quotas": quotas})
    value = {
        "rung": rung,
        "part": str(Part.THEORY),
        "minutes": int(rule.get("minutes", 90)),
        "weights": dict(rule["weights"]),
        "sections": sections,
    }
    parse(value)
    return value


def create(
    organisation_id: int, title: str, rung: int, table: Table, actor: Actor, now: datetime
) -> BlueprintVersion:
    """The first version of an organisation's own blueprint.

    Raises:
        Invalid, NoPlan: as ``value_of`` and ``weights_for``.
    """
    _weights, rule, stamp = weights_for(rung, now)
    row = BlueprintVersion(
        organisation_id=organisation_id,
        code=secrets.token_hex(4),
        version=1,
        title=_title(title),
        rung=rung,
        value=value_of(table, rung, rule),
        based_on=stamp,
        saved_by=actor.person_id,
        saved_at=now,
    )
    return _keep(row, actor)


def revise(
    known: BlueprintVersion, title: str, table: Table, actor: Actor, now: datetime
) -> BlueprintVersion:
    """The next version; events that pinned an earlier one keep it. Raises as ``create``."""
    BLUEPRINT.ensure(actor, known)
    _weights, rule, stamp = weights_for(known.rung, now)
    row = BlueprintVersion(
        organisation_id=known.organisation_id,
        code=known.code,
        version=versions_of(known.code)[0].version + 1,
        title=_title(title),
        rung=known.rung,
        value=value_of(table, known.rung, rule),
        based_on=stamp,
        saved_by=actor.person_id,
        saved_at=now,
    )
    return _keep(row, actor)


def _keep(row: BlueprintVersion, actor: Actor) -> BlueprintVersion:
    BLUEPRINT.ensure(actor, row)
    session().add(row)
    session().flush()
    audit.record(actor, "exams.blueprint.save", "blueprint", row.id, stamp=row.stamp)
    return row


def _title(text: str) -> str:
    title = " ".join(text.split())
    if not 2 <= len(title) <= 120:
        raise Invalid(_("方案名称请写 2 到 120 个字。"))
    return title


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return Decimal(0)
    return number if number.is_finite() and 0 <= number <= 1000 else Decimal(0)


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > MOST:
        raise Invalid(
            _("题数应为 0 到 %(n)s 的整数，现在有一格是“%(text)s”。", n=MOST, text=text[:20])
        )
    return int(text)


def _tenths(text: str) -> int:
    number = _number(text) * 10
    if number < 1 or number != int(number):
        raise Invalid(_("用到的题型都要写每题分值，最多一位小数。"))
    return int(number)
