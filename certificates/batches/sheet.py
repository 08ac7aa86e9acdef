"""Headings and cells of an issue sheet: plain values in, an asked award or a plain-words fault."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _

from lms.core.errors import Invalid
from lms.core.ladder import Rung, rung_named
from lms.core.sheets import EXACT_NUMBER, SheetRow, Table, Value, as_text

#: canonical heading -> other headings in use
HEADINGS: dict[str, tuple[str, ...]] = {
    "姓名": ("名字", "学员姓名", "考生姓名", "name"),
    "证件号码": ("身份证号", "身份证号码", "证件号", "身份证", "idnumber"),
    "证书种类": ("种类", "证书类型", "kind"),
    "等级": ("技能等级", "职业技能等级", "level"),
    "名称": ("培训名称", "课程名称", "培训课程", "subject"),
    "学时": ("学时数", "hours"),
    "开始日期": ("开始时间", "from"),
    "结束日期": ("结束时间", "结业日期", "to"),
    "有效期至": ("有效期", "validto"),
    "公示开始": ("公示开始日期", "publicfrom"),
    "公示结束": ("公示结束日期", "publicto"),
    "业务编号": ("来源编号", "source"),
}
NAME, ID, KIND, LEVEL, SUBJECT, HOURS = list(HEADINGS)[:6]
FROM, TO, VALID_TO, PUBLIC_FROM, PUBLIC_TO, SOURCE = list(HEADINGS)[6:]
REQUIRED = (NAME, ID)
KINDS = {
    "skill": ("职业技能等级证书", "技能等级", "skill"),
    "course": ("培训结业证书", "结业证书", "course"),
    "central": ("集中培训证明", "集中培训", "central"),
}
MOST_ROWS = 20_000
_LONGEST_HEADING = 80
_SOURCE = re.compile(r"[0-9A-Za-z_.\-/]{1,60}")


class CellFault(ValueError):
    """A cell that cannot be used."""

    def __init__(self, column: str, text: str) -> None:
        super().__init__(text)
        self.column, self.text = column, text


@dataclass(frozen=True, slots=True)
class Asked:
    """A line as asked for; ``fault`` is (column, text) when it cannot be used."""

    row: int
    name: str = ""
    id_number: str = ""
    person_id: int | None = None
    kind: str = ""
    rung: int | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    valid_to: date | None = None
    public: tuple[date, date] | None = None
    source: str = ""
    fault: tuple[str, str] | None = None


def asked_in(table: Table) -> list[Asked]:
    """Every line of a sheet. Raises Invalid when its headings will not do."""
    if len(table.rows) > MOST_ROWS:
        raise Invalid(_("一次最多 20000 行，请分成几份上传。"))
    columns = _columns(table)
    return [_asked(row, columns, table.formulas) for row in table.rows]


def _columns(table: Table) -> dict[str, int]:
    known = {name.lower(): head for head, others in HEADINGS.items() for name in (head, *others)}
    columns: dict[str, int] = {}
    for index, heading in enumerate(table.headings):
        name = known.get(
            re.sub(r"[\s*＊:：]|[(（].*?[)）]", "", heading[:_LONGEST_HEADING]).lower()
        )
        if name in columns:
            raise Invalid(_("“%(c)s”这一列出现了两次，请只保留一列。", c=name))
        if name:
            columns[name] = index
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        raise Invalid(_("缺少列：%(c)s。请用模板。", c="、".join(missing)))
    return columns


def _asked(row: SheetRow, columns: dict[str, int], formulas: frozenset[tuple[int, int]]) -> Asked:
    def cell(name: str) -> Value:
        index = columns.get(name)
        return row.values[index] if index is not None and index < len(row.values) else None

    name, id_number = as_text(cell(NAME))[:60], re.sub(r"\s", "", as_text(cell(ID))).upper()[:18]
    try:
        for heading, index in columns.items():
            if (row.number, index) in formulas:
                raise CellFault(heading, _("请不要使用公式，改为填写结果。"))
        value = cell(ID)
        if isinstance(value, float | int) and value >= EXACT_NUMBER:
            raise CellFault(ID, _("号码被表格软件改成了数字，末几位已丢失，请按文本重填。"))
        if not name:
            raise CellFault(NAME, _("请填写姓名。"))
        if not id_number:
            raise CellFault(ID, _("请填写证件号码。"))
        kind, rung = _kind_and_rung(as_text(cell(KIND)), as_text(cell(LEVEL)))
        return Asked(
            row.number,
            name,
            id_number,
            None,
            kind,
            rung,
            _facts(kind, cell),
            _day(cell(VALID_TO), VALID_TO),
            _public(cell),
            _source(as_text(cell(SOURCE))),
        )
    except CellFault as fault:
        return Asked(row.number, name, id_number, fault=(fault.column, fault.text))


def _kind_and_rung(kind_text: str, level_text: str) -> tuple[str, int | None]:
    kind = next((k for k, words in KINDS.items() if kind_text in words), None)
    if kind is None and kind_text:
        raise CellFault(KIND, _("种类应为职业技能等级证书、培训结业证书或集中培训证明。"))
    kind = kind or ("skill" if level_text else "course")
    if kind != "skill":
        if level_text:
            raise CellFault(LEVEL, _("只有职业技能等级证书填写等级。"))
        return kind, None
    rung = rung_named(level_text)
    if rung is None or rung is Rung.APPRENTICE:
        raise CellFault(LEVEL, _("等级应为初级工至首席技师，或五级至一级。"))
    return kind, int(rung)


def _facts(kind: str, cell: Any) -> dict[str, Any]:
    if kind == "skill":
        return {}
    subject = as_text(cell(SUBJECT))
    if not 2 <= len(subject) <= 60:
        raise CellFault(SUBJECT, _("请填写名称，2 至 60 个字。"))
    facts: dict[str, Any] = {"subject": subject}
    hours = as_text(cell(HOURS))
    if hours:
        if not re.fullmatch(r"\d{1,4}(\.\d)?", hours):
            raise CellFault(HOURS, _("学时应为数字，最多一位小数。"))
        facts["tenths"] = round(float(hours) * 10)
    begin, end = _day(cell(FROM), FROM), _day(cell(TO), TO)
    if begin and end and end < begin:
        raise CellFault(TO, _("结束日期早于开始日期。"))
    days = {"from": begin, "to": end}
    return facts | {name: day.isoformat() for name, day in days.items() if day}


def _public(cell: Any) -> tuple[date, date] | None:
    begin, end = _day(cell(PUBLIC_FROM), PUBLIC_FROM), _day(cell(PUBLIC_TO), PUBLIC_TO)
    if begin is None and end is None:
        return None
    if begin is None or end is None or end < begin:
        raise CellFault(PUBLIC_TO, _("公示开始和结束日期要一起填写，结束不早于开始。"))
    return begin, end


def _day(value: Value, column: str) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = re.sub(r"[./年月]", "-", as_text(value)).removesuffix("日")
    if not text:
        return None
    try:
        year, month, day = (int(part) for part in text.split("-"))
        return date(year, month, day)
    except (ValueError, OverflowError) as error:
        raise CellFault(column, _("日期应写成 2026-11-23。")) from error


def _source(text: str) -> str:
    if text and not _SOURCE.fullmatch(text):
        raise CellFault(SOURCE, _("业务编号只能用字母、数字和 - _ . /，最多 60 位。"))
    return text
