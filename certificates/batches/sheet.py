"""Headings and cells of an issue sheet: plain values in, an asked award or a plain-words fault."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from certificates.batches.remarks import Remark, remark
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
    "公示依据": ("公示文号", "公示公告", "publicby"),
    "业务编号": ("来源编号", "source"),
}
NAME, ID, KIND, LEVEL, SUBJECT, HOURS = list(HEADINGS)[:6]
FROM, TO, VALID_TO, PUBLIC_FROM, PUBLIC_TO, PUBLIC_SOURCE, SOURCE = list(HEADINGS)[6:]
SHORTEST_SOURCE, LONGEST_SOURCE = 4, 80
REQUIRED = (NAME, ID)
KINDS = {
    "skill": ("职业技能等级证书", "技能等级", "skill"),
    "course": ("培训结业证书", "结业证书", "course"),
    "central": ("集中培训证明", "集中培训", "central"),
}
MOST_ROWS = 20_000
_LONGEST_HEADING = 80
_SOURCE = re.compile(r"[0-9A-Za-z_.\-/]{1,60}")
_COLUMN_WORDS = {
    NAME: _l("姓名"), ID: _l("证件号码"), KIND: _l("证书种类"), LEVEL: _l("等级"),
    SUBJECT: _l("名称"), HOURS: _l("学时"), FROM: _l("开始日期"), TO: _l("结束日期"),
    VALID_TO: _l("有效期至"), PUBLIC_FROM: _l("公示开始"), PUBLIC_TO: _l("公示结束"),
    PUBLIC_SOURCE: _l("公示依据"), SOURCE: _l("业务编号"),
}  # fmt: skip


def column_said(column: str) -> str:
    """A heading in the reader's language, with the heading itself, which stands in the sheet."""
    word = str(_COLUMN_WORDS.get(column, column))
    return word if word == column else f"{word} ({column})"


class CellFault(ValueError):
    """A cell that cannot be used."""

    def __init__(self, column: str, code: str) -> None:
        super().__init__(code)
        self.column, self.remark = column, remark(code)


@dataclass(frozen=True, slots=True)
class Asked:
    """A line as asked for; ``fault`` is (column, remark) when it cannot be used. ``public`` is from
    when to when, and by which document, it claims to have been public elsewhere."""

    row: int
    name: str = ""
    id_number: str = ""
    person_id: int | None = None
    kind: str = ""
    rung: int | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    valid_to: date | None = None
    public: tuple[date, date, str] | None = None
    source: str = ""
    fault: tuple[str, Remark] | None = None


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
                raise CellFault(heading, "formula")
        value = cell(ID)
        if isinstance(value, float | int) and value >= EXACT_NUMBER:
            raise CellFault(ID, "id-number")
        if not name:
            raise CellFault(NAME, "name-missing")
        if not id_number:
            raise CellFault(ID, "id-missing")
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
        return Asked(row.number, name, id_number, fault=(fault.column, fault.remark))


def _kind_and_rung(kind_text: str, level_text: str) -> tuple[str, int | None]:
    kind = next((k for k, words in KINDS.items() if kind_text in words), None)
    if kind is None and kind_text:
        raise CellFault(KIND, "kind")
    kind = kind or ("skill" if level_text else "course")
    if kind != "skill":
        if level_text:
            raise CellFault(LEVEL, "level-not-skill")
        return kind, None
    rung = rung_named(level_text)
    if rung is None or rung is Rung.APPRENTICE:
        raise CellFault(LEVEL, "level")
    return kind, int(rung)


def _facts(kind: str, cell: Any) -> dict[str, Any]:
    if kind == "skill":
        return {}
    subject = as_text(cell(SUBJECT))
    if not 2 <= len(subject) <= 60:
        raise CellFault(SUBJECT, "subject")
    facts: dict[str, Any] = {"subject": subject}
    hours = as_text(cell(HOURS))
    if hours:
        if not re.fullmatch(r"\d{1,4}(\.\d)?", hours):
            raise CellFault(HOURS, "hours")
        facts["tenths"] = round(float(hours) * 10)
    begin, end = _day(cell(FROM), FROM), _day(cell(TO), TO)
    if begin and end and end < begin:
        raise CellFault(TO, "ends-before")
    days = {"from": begin, "to": end}
    return facts | {name: day.isoformat() for name, day in days.items() if day}


def _public(cell: Any) -> tuple[date, date, str] | None:
    begin, end = _day(cell(PUBLIC_FROM), PUBLIC_FROM), _day(cell(PUBLIC_TO), PUBLIC_TO)
    source = " ".join(as_text(cell(PUBLIC_SOURCE)).split())
    if begin is None and end is None and not source:
        return None
    if begin is None or end is None or end < begin:
        raise CellFault(PUBLIC_TO, "public-pair")
    if not SHORTEST_SOURCE <= len(source) <= LONGEST_SOURCE:
        raise CellFault(PUBLIC_SOURCE, "public-source")
    return begin, end, source


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
        raise CellFault(column, "date") from error


def _source(text: str) -> str:
    if text and not _SOURCE.fullmatch(text):
        raise CellFault(SOURCE, "source")
    return text
