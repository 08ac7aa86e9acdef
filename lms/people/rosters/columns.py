"""Headings and cells of a roster: plain values in, parsed values or a plain-words fault out."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext as _

from lms.core.ladder import Rung, rung_named
from lms.core.sheets import EXACT_NUMBER, Table, Value, as_text
from lms.people import identifiers as ids
from lms.people.posts import normal

#: canonical heading -> other headings in use
HEADINGS: dict[str, tuple[str, ...]] = {
    "姓名": ("名字", "职工姓名", "员工姓名", "name"),
    "证件号码": ("身份证号", "身份证号码", "证件号", "身份证", "公民身份号码", "idnumber"),
    "手机号": ("手机", "联系电话", "电话", "手机号码", "phone"),
    "用人单位代码": ("统一社会信用代码", "机构代码", "单位代码", "信用代码", "creditcode"),
    "岗位": ("职务", "工种", "岗位名称", "post"),
    "入职日期": ("入职时间", "到岗日期", "startdate"),
    "离职日期": ("离职时间", "离岗日期", "enddate"),
    "技能等级": ("等级", "职业等级", "职业技能等级", "level"),
}
NAME, ID, PHONE, HOME, POST, STARTED, ENDED, LEVEL = HEADINGS
REQUIRED = (NAME, ID, HOME, POST, STARTED)
_BLANK = {"", "-", "--", "—", "/", "无", "没有", "none", "n/a"}
_EXCEL_ZERO = date(1899, 12, 30)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, where, and how to cure it; ``value`` is masked."""

    row: int
    column: str
    reason: str
    value: str = ""


class CellError(ValueError):
    """A cell that cannot be used; the text says why and the cure."""


def find_columns(table: Table) -> tuple[dict[str, int], list[Fault]]:
    """Canonical heading → column index, and faults for headings missing or given twice."""
    known = {normal(name): field for field, others in HEADINGS.items() for name in (field, *others)}
    columns: dict[str, int] = {}
    faults: list[Fault] = []
    for index, heading in enumerate(table.headings):
        field = known.get(_bare(heading))
        if field is None:
            continue
        if field in columns:
            reason = _("这一列出现了两次，请只保留一列。")
            faults.append(Fault(table.heading_row, heading, reason))
        columns.setdefault(field, index)
    for field in REQUIRED:
        if field not in columns:
            reason = _("缺少这一列。请用模板，或在第一行写上这个表头。")
            faults.append(Fault(table.heading_row, field, reason))
    return columns, faults


def _bare(heading: str) -> str:
    return re.sub(r"\(.*?\)|[*:#]", "", normal(heading))


def is_blank(value: Value) -> bool:
    """True for an empty cell or one that says "none"."""
    return normal(as_text(value)) in _BLANK


def read_name(value: Value) -> str:
    """A name of 1–60 characters without digits."""
    text = re.sub(r"\s+", " ", as_text(value))
    if not text or len(text) > 60 or re.search(r"[0-9<>=@]", text):
        raise CellError(_("姓名应为 1 至 60 个字，不含数字和符号。"))
    return text


def read_id(value: Value) -> str:
    """A valid 18-character citizen id."""
    if isinstance(value, int | float) and abs(value) >= EXACT_NUMBER:
        raise CellError(
            _("号码被表格软件存成了数字，末几位已丢失。请把这一列设为“文本”再重新填写。")
        )
    number = ids.normal_id(_narrow(as_text(value)))
    if len(number) != 18:
        raise CellError(_("应为 18 位身份证号，现在是 %(n)s 位。", n=len(number)))
    if not ids.is_citizen_id(number):
        raise CellError(_("校验不通过，请对照身份证核对每一位。"))
    return number


def read_phone(value: Value) -> str:
    """A mainland mobile number."""
    number = ids.normal_phone(_narrow(as_text(value)))
    if not ids.is_mobile(number):
        raise CellError(_("手机号应为 1 开头的 11 位数字；没有可以留空。"))
    return number


def read_credit_code(value: Value) -> str:
    """A unified social credit code whose check character fits."""
    code = re.sub(r"[\s-]", "", _narrow(as_text(value))).upper()
    if not ids.is_credit_code(code):
        raise CellError(_("统一社会信用代码校验不通过，请对照登记证书核对 18 位代码。"))
    return code


def read_level(value: Value) -> int:
    """A rung of the ladder by name or certificate grade."""
    text = normal(as_text(value)).removeprefix("养老护理员")
    for spelled in (text, f"{text}工"):
        if (rung := rung_named(spelled)) is not None:
            return int(rung)
    names = "、".join(rung.name_zh for rung in Rung)
    raise CellError(_("没有这个等级。请填：%(names)s；没有可以留空。", names=names))


def read_date(value: Value) -> date:
    """A calendar day in any of the forms that offices type."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and 10_000 < value < 80_000:
        return _EXCEL_ZERO + timedelta(days=int(value))
    text = _narrow(as_text(value)).replace(" ", "")
    text = re.sub(r"T?00:00(:00)?$", "", text)
    match = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", text) or re.fullmatch(
        r"(\d{4})(\d{2})(\d{2})", text
    )
    try:
        if match:
            return date(*map(int, match.groups()))
    except ValueError:
        pass
    raise CellError(_("认不出这个日期。请写成 2026-11-23 这样的年月日。"))


def _narrow(text: str) -> str:
    """Full-width digits and letters as plain ones."""
    return "".join(chr(ord(c) - 0xFEE0) if "！" <= c <= "～" else c for c in text)


READERS: dict[str, Callable[[Value], Any]] = {
    NAME: read_name,
    ID: read_id,
    PHONE: read_phone,
    HOME: read_credit_code,
    STARTED: read_date,
    ENDED: read_date,
    LEVEL: read_level,
}


def masked(field: str, value: Value) -> str:
    """A cell's content as a fault may show it."""
    text = as_text(value)
    if field == ID:
        return ids.mask_id(text) if len(text) > 10 else text[:2] + "*" * max(len(text) - 2, 0)
    if field == PHONE:
        return ids.mask_phone(text) if len(text) > 7 else text[:1] + "*" * max(len(text) - 1, 0)
    if field == NAME:
        return ids.mask_name(text)
    return text[:40]
