"""What a sheet of numbers or codes asks, and what is wrong with it. Nothing is looked up."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from certificates import rules
from certificates.verification import plain
from lms.core.sheets import EXACT_NUMBER, SheetRow, Table, as_text

MOST_ASKED = 5_000
HEADINGS = ("证书编号或查验码", "持证人")
_KNOWN_AS = {
    0: {"证书编号或查验码", "证书编号", "编号", "查验码", "number", "code", "certificatenumber"},
    1: {"持证人", "姓名", "持证人姓名", "持证人姓名或证件号后四位", "holder", "name"},
}
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class SheetFault:
    """A cell that cannot be answered: where, what it says, the cure."""

    row: int
    column: str
    value: str
    cure: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One line of the sheet; ``code`` or ``number`` is what it asks for."""

    row: int
    typed: str
    code: str | None
    number: str | None
    holder: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What a sheet asks, or the faults that keep it from being answered."""

    asked: tuple[Asked, ...]
    faults: tuple[SheetFault, ...]


def plan(table: Table) -> Plan:
    """Read a sheet. A number is asked for once, so that a sheet is no way to guess a holder."""
    columns = _columns(table)
    if 0 not in columns:
        cure = _("第一行要有“证书编号或查验码”这一列。")
        return Plan((), (SheetFault(table.heading_row, HEADINGS[0], "", cure),))
    if len(table.rows) > MOST_ASKED:
        cure = _("一次最多查 5000 行，请分成几份。")
        said = str(len(table.rows))
        return Plan((), (SheetFault(table.rows[MOST_ASKED].number, HEADINGS[0], said, cure),))
    asked: list[Asked] = []
    faults: list[SheetFault] = []
    first: dict[str, int] = {}
    for row in table.rows:
        line, wrong = _line(row, columns, table.formulas)
        if line is not None:
            key = line.code or line.number or ""
            before = first.setdefault(key, row.number)
            if before != row.number:
                cure = _("与第 %(n)s 行重复，请删去一行。", n=before)
                wrong = [SheetFault(row.number, HEADINGS[0], line.typed, cure)]
            asked.append(line)
        faults += wrong
    return Plan(tuple(asked), tuple(faults))


def _columns(table: Table) -> dict[int, int]:
    """Which of our columns stands where in the sheet."""
    names = [plain(heading).lower() for heading in table.headings]
    found = {}
    for ours, known in _KNOWN_AS.items():
        place = next((n for n, name in enumerate(names) if name in known), None)
        if place is not None:
            found[ours] = place
    return found


def _line(
    row: SheetRow, columns: Mapping[int, int], formulas: frozenset[tuple[int, int]]
) -> tuple[Asked | None, list[SheetFault]]:
    """What a row asks, or why it cannot be asked."""
    cells = {
        ours: row.values[place] if place < len(row.values) else None
        for ours, place in columns.items()
    }
    faults = [
        SheetFault(row.number, HEADINGS[ours], "", _("这里是公式，请改成值。"))
        for ours, place in columns.items()
        if (row.number, place) in formulas
    ]
    typed, holder = (as_text(cells.get(ours)) for ours in (0, 1))
    code, number = rules.normal_code(typed), rules.normal_number(typed)
    raw = cells.get(0)
    cure = None
    if faults:
        return None, faults
    if not number:
        cure = _("请填写编号或查验码。")
    elif isinstance(raw, int | float) and not isinstance(raw, bool) and abs(raw) >= EXACT_NUMBER:
        cure = _("表格软件已丢掉末几位数字，请把这一列设成文本后重填。")
    elif len(typed) > _LONGEST:
        cure = _("太长了，不是证书编号，也不是查验码。")
    if cure:
        return None, [SheetFault(row.number, HEADINGS[0], typed[:_LONGEST], cure)]
    if code is None and not holder:
        cure = _("按编号查，要填持证人姓名或证件号后四位。")
    elif len(holder) > _LONGEST:
        cure = _("太长了，请填姓名或证件号后四位。")
    if cure:
        return None, [SheetFault(row.number, HEADINGS[1], holder[:_LONGEST], cure)]
    return Asked(row.number, typed, code, None if code else number, holder), []
