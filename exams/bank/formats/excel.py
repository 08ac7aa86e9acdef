"""Questions as a spreadsheet: our template and the common layouts, known by their headings."""

import re
from collections.abc import Sequence

from flask_babel import gettext as _

from exams.bank.formats import excel_kinds
from exams.bank.formats.excel_writing import HEADINGS, write, write_template
from exams.bank.formats.gathering import Gatherer, Piece
from exams.bank.formats.items import LETTERS, BadFile, Defaults, Reading, Unsupported
from exams.bank.models import Kind
from lms.core.sheets import SheetRow, Table, as_text, read_table

__all__ = ["HEADINGS", "read", "write", "write_template"]

_SYNONYMS = {
    "code": ("题目编号", "试题编号", "题目编码", "试题编码", "编码", "code"),
    "ordinal": ("题号", "序号", "编号", "no", "no."),
    "kind": ("题型", "题目类型", "试题类型", "类型", "type"),
    "stem": (
        "题干",
        "题目",
        "题目内容",
        "试题内容",
        "试题",
        "问题",
        "题目描述",
        "stem",
        "question",
    ),
    "options": ("选项", "备选项", "备选答案", "options"),
    "answer": ("答案", "正确答案", "标准答案", "参考答案", "正确选项", "answer", "key"),
    "explanation": ("解析", "答案解析", "试题解析", "题目解析", "讲解", "explanation"),
    "part": ("小题", "小题号", "小题序号", "子题", "子题号"),
    "share": ("小题份数", "份数"),
    "unit": ("单位", "unit"),
    "within": ("允许误差", "误差", "误差范围", "tolerance"),
    "exact": ("精确匹配", "区分大小写"),
    "others": ("干扰项", "多余选项"),
    "rubric": ("评分要点", "评分标准", "采分点", "得分点", "rubric"),
    "longest": ("字数上限", "最多字数", "字数"),
    "occupation": ("职业", "工种", "职业工种", "职业名称", "职业/工种", "occupation"),
    "points": ("分值", "分数", "得分", "score", "points"),
    "difficulty": ("难度", "难易度", "难易程度", "难度等级", "difficulty"),
    "knowledge": ("知识点", "考点", "考核点", "鉴定点", "knowledge"),
    "module": ("模块", "所属模块", "职业功能", "章节", "分类", "题目分类", "module"),
    "rung": ("技能等级", "职业等级", "等级", "级别", "鉴定等级", "rung"),
    "source": ("来源", "出处", "source"),
    "note": ("备注", "note"),
}
_FIELD_OF = {word: name for name, words in _SYNONYMS.items() for word in words}
_OPTION = re.compile(r"^(?:选项|备选项|备选答案|option)?\s*([A-J])\s*(?:选项|项)?$", re.IGNORECASE)
_NUMBERED = re.compile(r"^(?:选项|备选项|备选答案|option)\s*(10|[1-9])$", re.IGNORECASE)
_TITLE_ROWS = 6


def read(data: bytes, filename: str, defaults: Defaults) -> Reading:
    """Read a workbook or CSV file.

    Raises:
        BadSheet: the file is dangerous or damaged. BadFile: no heading for stem or answer.
    """
    table = _below_titles(read_table(data, filename))
    columns, unread = _columns(table.headings)
    if not {"stem", "answer"} <= set(columns):
        raise BadFile(_("没有找到“题干”和“答案”两列，请对照模板检查表头。"))
    reading = Reading("xlsx")
    reading.notes += [_("没有读取的列：%(name)s", name=name) for name in unread]
    if "points" in columns:
        reading.notes.append(_("“分值”由试卷决定，这一列没有导入。"))
    gather = Gatherer(reading, defaults)
    for row in table.rows:
        _read_row(row, columns, table, gather)
    gather.close()
    return reading


def _below_titles(table: Table) -> Table:
    """Skip the title lines that many sheets carry above their headings."""
    if {"stem", "answer"} <= set(_columns(table.headings)[0]):
        return table
    for index, row in enumerate(table.rows[:_TITLE_ROWS]):
        headings = tuple(as_text(value) for value in row.values)
        if {"stem", "answer"} <= set(_columns(headings)[0]):
            return Table(headings, row.number, table.rows[index + 1 :], table.formulas)
    return table


def _columns(headings: Sequence[str]) -> tuple[dict[str, int], list[str]]:
    """Field → column, options as ``A`` … ``J``; and the headings nobody knows."""
    columns: dict[str, int] = {}
    unread: list[str] = []
    for index, heading in enumerate(headings):
        plain = re.sub(r"[\s*＊]|[（(][^）)]*[）)]", "", heading).lower()
        lettered, numbered = _OPTION.match(plain), _NUMBERED.match(plain)
        if lettered:
            name = lettered[1].upper()
        elif numbered:
            name = LETTERS[int(numbered[1]) - 1]
        else:
            name = _FIELD_OF.get(plain, "")
        if name and name not in columns:
            columns[name] = index
        elif heading:
            unread.append(heading)
    return columns, unread


def _read_row(row: SheetRow, columns: dict[str, int], table: Table, gather: Gatherer) -> None:
    where = _("第 %(n)s 行", n=row.number)
    formulas = sorted(column for number, column in table.formulas if number == row.number)
    for column in formulas:
        name = table.headings[column] if column < len(table.headings) else str(column + 1)
        gather.fault(where, _("单元格里是公式，请改成文字。"), name)
    if formulas:
        return
    cells = {
        name: as_text(row.values[index]) if index < len(row.values) else ""
        for name, index in columns.items()
    }
    part = bool(cells.get("part", "").strip())
    try:
        simple = excel_kinds.simple_of(cells)
    except Unsupported as error:
        gather.unsupported(where, str(error), part)
    except excel_kinds.BadCell as error:
        known = error.column in columns
        name = table.headings[columns[error.column]] if known else error.column
        gather.fault(where, str(error), name, part)
    else:
        piece = Piece(where, _code(cells), simple, cells.get("explanation", ""), cells)
        take = gather.head if simple.kind == Kind.CASE else gather.part if part else gather.add
        take(piece)


def _code(cells: dict[str, str]) -> str:
    """A running number says nothing about which question it is; anything else does."""
    code = cells.get("code", "").strip()
    ordinal = cells.get("ordinal", "").strip()
    return code or ("" if ordinal.isdecimal() else ordinal)
