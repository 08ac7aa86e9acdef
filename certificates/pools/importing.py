"""Importing, closing and voiding. Callers commit."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import insert, select, text

from certificates import rules
from certificates.errors import ReasonNeeded
from certificates.models import Certificate
from certificates.pools import rules as pool_rules
from certificates.pools.claiming import pool_end
from certificates.pools.gaps import in_order
from certificates.pools.models import NumberPool, NumberRange, VoidedNumber
from certificates.pools.policy import MANAGE_POOLS, PoolOf
from certificates.pools.rules import BEGIN, Fault, Line, Run
from lms.core import audit
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import Conflict, Invalid, NotFound
from lms.core.rules import RuleMissing, rule_on
from lms.core.sheets import Table, as_text
from lms.people.api import organisation_facts

_LOCK = 7_201_607  # names the advisory lock that orders imports on PostgreSQL
_HEADINGS = {
    "begin": {"起始编号", "编号", "起号", "开始编号", "证书编号", "number", "from", "begin"},
    "end": {"截止编号", "止号", "结束编号", "终止编号", "to", "end"},
}


class NumbersRefused(Invalid):
    """An import that has faults; nothing of it was taken."""

    code = "numbers-refused"
    text = _l("编号有问题，一个也没有导入。请按提示改好后重新导入。")

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__()
        self.faults = faults


@dataclass(frozen=True, slots=True)
class NewPool:
    """What is asked for: whose numbers, for what, where they come from, when to warn."""

    issuer_id: int
    kind: str
    rung: int | None
    title: str
    warn_at: int


def lines_in(table: Table) -> list[Line]:
    """The lines of a sheet. Raises Invalid without a column of numbers."""
    columns = {
        name: index
        for index, heading in enumerate(table.headings)
        for name, known in _HEADINGS.items()
        if "".join(heading.split()).lower() in known
    }
    if "begin" not in columns:
        raise Invalid(_("表里没有“起始编号”这一列。"))

    def cell(values: Sequence[object], name: str) -> str:
        index = columns.get(name)
        return as_text(values[index]) if index is not None and index < len(values) else ""  # type: ignore[arg-type]

    return [
        Line(row.number, cell(row.values, "begin"), cell(row.values, "end")) for row in table.rows
    ]


def import_pool(asked: NewPool, lines: Sequence[Line], actor: Actor, now: datetime) -> NumberPool:
    """Take the numbers, all or none.

    Raises:
        NumbersRefused: with every fault by row and column. NotFound: no such issuer, or not hers.
    """
    issuer = organisation_facts(asked.issuer_id)
    if issuer is None:
        raise NotFound
    MANAGE_POOLS.ensure(actor, PoolOf(asked.issuer_id, issuer.region))
    if not lines or len(lines) > pool_rules.MOST_LINES:
        raise Invalid(_("请填写 1 至 20000 行编号。"))
    if session().get_bind().dialect.name == "postgresql":
        session().execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _LOCK})
    normal = [
        replace(line, begin=rules.normal_number(line.begin), end=rules.normal_number(line.end))
        for line in lines
    ]
    runs, faults = pool_rules.read_lines(normal, _level(asked, now))
    faults += [fault for row, run in runs if (fault := _known(row, run)) is not None]
    if faults:
        raise NumbersRefused(sorted(faults, key=lambda fault: fault.row))
    pool = _store(asked, [run for _row, run in runs], actor, now)
    audit.record(actor, "certificate.pool.import", "number_pool", pool.id, ranges=len(runs))
    return pool


def _level(asked: NewPool, now: datetime) -> str | None:
    if asked.kind != "skill":
        return None
    try:
        levels = rule_on("certificates.number.skill", now.date()).value.get("levels") or {}
    except RuleMissing:
        return None
    return levels.get(str(asked.rung))


def _known(row: int, run: Run) -> Fault | None:
    """A fault if a number of the run is in a pool, or on a certificate, already."""
    clash = session().scalar(
        select(NumberRange.id)
        .where(
            NumberRange.head == run.head,
            NumberRange.width == run.width,
            NumberRange.first <= run.last,
            NumberRange.last >= run.first,
        )
        .limit(1)
    )
    if clash is not None:
        return Fault(row, BEGIN, _("这些编号已经在别的号段里，不能重复导入。"), run.begins)
    number = borne_in(run)
    if number is not None:
        return Fault(row, BEGIN, _("编号 %(n)s 已经发过证书。", n=number), run.begins)
    return None


def borne_in(run: Run) -> str | None:
    """A number of the run that a certificate bears already."""
    between = in_order(Certificate.number).between(run.begins, run.ends)
    found = session().scalars(select(Certificate.number).where(between))
    return next((number for number in found if len(number) == len(run.begins)), None)


def _store(asked: NewPool, runs: Sequence[Run], actor: Actor, now: datetime) -> NumberPool:
    pool = NumberPool(
        issuer_id=asked.issuer_id,
        kind=asked.kind,
        rung=asked.rung,
        title=asked.title,
        warn_at=asked.warn_at,
        created_by=actor.person_id,
        created_at=now,
    )
    session().add(pool)
    session().flush()
    session().execute(
        insert(NumberRange),
        [
            {
                "pool_id": pool.id,
                "position": position,
                "head": run.head,
                "width": run.width,
                "first": run.first,
                "last": run.last,
                "used": 0,
            }
            for position, run in enumerate(runs)
        ],
    )
    return pool


def close_pool(pool: NumberPool, reason: str, actor: Actor, now: datetime) -> None:
    """Take no more numbers from a pool; they stay out of reach of the rule for ever.

    Raises:
        ReasonNeeded. Conflict: it is closed already.
    """
    reason = _reason(reason)
    if pool.closed_at is not None:
        raise Conflict
    pool.closed_at, pool.closed_by, pool.closed_reason = now, actor.person_id, reason
    session().flush()
    audit.record(actor, "certificate.pool.close", "number_pool", pool.id, reason=reason)


def void_number(
    typed: str, issuer_id: int, reason: str, actor: Actor, now: datetime
) -> VoidedNumber:
    """Say that no certificate will bear this number, and why.

    Raises:
        ReasonNeeded. Invalid: it is in none of the issuer's pools. Conflict: a certificate bears
        it, or it was voided before.
    """
    number, reason = rules.normal_number(typed), _reason(reason)
    if not _is_of(number, issuer_id):
        raise Invalid(_("这个编号不在本机构的号段里。"))
    borne = select(Certificate.id).where(Certificate.number == number)
    if session().scalar(borne) is not None:
        raise Conflict(_("这个编号已经发过证书，不能作废。"))
    if session().get(VoidedNumber, number) is not None:
        raise Conflict(_("这个编号已经作废。"))
    row = VoidedNumber(
        number=number,
        issuer_id=issuer_id,
        reason=reason,
        voided_by=actor.person_id,
        voided_at=now,
    )
    session().add(row)
    session().flush()
    audit.record(actor, "certificate.number.void", "number", number, reason=reason)
    return row


def _is_of(number: str, issuer_id: int) -> bool:
    if pool_end(number) is None:
        return False
    head, width, serial = pool_rules.split(number)
    query = (
        select(NumberRange.id)
        .join(NumberPool, NumberPool.id == NumberRange.pool_id)
        .where(
            NumberPool.issuer_id == issuer_id,
            NumberRange.head == head,
            NumberRange.width == width,
            NumberRange.first <= serial,
            NumberRange.last >= serial,
        )
        .with_for_update(of=NumberPool)
    )
    return session().scalar(query) is not None


def _reason(reason: str) -> str:
    reason = " ".join(reason.split())[:200]
    if len(reason) < rules.SHORTEST_REASON:
        raise ReasonNeeded
    return reason
