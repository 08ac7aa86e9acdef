"""Questions as a spreadsheet: our template and the common layouts, known by their headings."""

import re
from collections.abc import Iterable, Sequence
from typing import IO

from flask_babel import gettext as _

from exams.bank.formats.choices import choice, finished, judge
from exams.bank.formats.items import (
    LETTERS,
    BadFile,
    Defaults,
    Fault,
    Item,
    Reading,
    Written,
    indexes_of,
    letters_of,
)
from exams.bank.formats.words import DIFFICULTIES, KIND_OF, KINDS, verdict_of
from exams.bank.models import Kind
from exams.bank.rules import Draft, options_of
from lms.core.exports import write_xlsx
from lms.core.ladder import Rung
from lms.core.sheets import SheetRow, Table, as_text, read_table

HEADINGS = (
    "题目编号", "题型", "模块", "知识点", "难度", "技能等级", "题干",
    *(f"选项{letter}" for letter in LETTERS), "答案", "解析", "来源", "备注",
)  # fmt: skip
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
    "points": ("分值", "分数", "得分", "score", "points"),
    "difficulty": ("难度", "难易度", "难易程度", "难度等级", "difficulty"),
    "knowledge": ("知识点", "考点", "考核点", "鉴定点", "knowledge"),
    "module": ("模块", "所属模块", "职业功能", "章节", "分类", "题目分类", "module"),
    "rung": ("技能等级", "等级", "级别", "鉴定等级", "rung"),
    "source": ("来源", "出处", "source"),
    "note": ("备注", "note"),
}
_FIELD_OF = {word: name for name, words in _SYNONYMS.items() for word in words}
_OPTION = re.compile(r"^(?:选项|备选项|备选答案|option)?\s*([A-J])\s*(?:选项|项)?$", re.IGNORECASE)
_NUMBERED = re.compile(r"^(?:选项|备选项|备选答案|option)\s*(10|[1-9])$", re.IGNORECASE)
#: In a single cell: ``A.甲 B.乙``, one a line, or divided by bars.
_LETTERED = re.compile(r"(?:^|[\s;；|])([A-J])\s*[.、．:：)）]\s*")
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
    for row in table.rows:
        _read_row(row, columns, table, defaults, reading)
    return reading


def write(out: IO[bytes], questions: Iterable[Written]) -> None:
    """Write questions so that ``read`` gives the same ones."""
    write_xlsx(out, HEADINGS, (_row(question) for question in questions), _notes())


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


def _read_row(
    row: SheetRow, columns: dict[str, int], table: Table, defaults: Defaults, reading: Reading
) -> None:
    where = _("第 %(n)s 行", n=row.number)
    formulas = sorted(column for number, column in table.formulas if number == row.number)
    if formulas:
        for column in formulas:
            name = table.headings[column] if column < len(table.headings) else str(column + 1)
            reading.faults.append(Fault(where, _("单元格里是公式，请改成文字。"), name))
        return
    cells = {
        name: as_text(row.values[index]) if index < len(row.values) else ""
        for name, index in columns.items()
    }
    word = cells.get("kind", "").strip().lower()
    if word and word not in KIND_OF:
        reading.unsupported.append(Fault(where, _("暂不支持的题型“%(kind)s”。", kind=word[:20])))
        return
    options, gap = _options(cells)
    if gap:
        reading.faults.append(Fault(where, _("前面的选项是空的，后面的却有内容。"), gap))
        return
    draft = _question(cells, options, KIND_OF.get(word))
    if draft is None:
        reading.faults.append(
            Fault(where, _answer_advice(cells), table.headings[columns["answer"]])
        )
        return
    done = finished(draft, cells.get("explanation", ""), cells, defaults)
    reading.items.append(Item(where, _code(cells), done))


def _answer_advice(cells: dict[str, str]) -> str:
    if not cells["answer"].strip():
        return _("请给出答案。")
    return _(
        "看不懂答案“%(value)s”：选择题写字母，判断题写 正确 或 错误。", value=cells["answer"][:20]
    )


def _code(cells: dict[str, str]) -> str:
    """A running number says nothing about which question it is; anything else does."""
    code = cells.get("code", "").strip()
    ordinal = cells.get("ordinal", "").strip()
    return code or ("" if ordinal.isdecimal() else ordinal)


def _options(cells: dict[str, str]) -> tuple[list[str], str]:
    """The options, and the letter of the first one missing before a later one."""
    given = [(letter, cells.get(letter, "").strip()) for letter in LETTERS]
    while given and not given[-1][1]:
        given.pop()
    if given:
        return [text for _letter, text in given], next((n for n, text in given if not text), "")
    return _split_options(cells.get("options", "")), ""


def _split_options(text: str) -> list[str]:
    found = list(_LETTERED.finditer(text))
    if found and [match[1] for match in found] == list(LETTERS[: len(found)]):
        ends = [match.start() for match in found[1:]] + [len(text)]
        return [
            text[match.end() : end].strip(" ;；|\n") for match, end in zip(found, ends, strict=True)
        ]
    divider = next((d for d in ("\n", "|", "；", ";") if d in text), None)
    return [part.strip() for part in text.split(divider) if part.strip()] if divider else []


def _question(cells: dict[str, str], options: list[str], kind: Kind | None) -> Draft | None:
    answer, stem = cells["answer"].strip(), cells["stem"]
    right = indexes_of(answer)
    if kind == Kind.JUDGE or (kind is None and not options):
        verdict = verdict_of(answer)
        if verdict is None and right is not None and len(right) == 1 and right[0] < len(options):
            verdict = verdict_of(options[right[0]])
        return None if verdict is None else judge(stem, verdict)
    if right is None and answer in options:
        right = [options.index(answer)]
    return None if right is None else choice(stem, options, right, kind)


def _row(question: Written) -> list[object]:
    draft, right = question.draft, question.draft.key["right"]
    options = options_of(draft.body)
    options += [""] * (len(LETTERS) - len(options))
    answer = ("正确" if right else "错误") if draft.kind == Kind.JUDGE else letters_of(right)
    return [
        question.code,
        KINDS[Kind(draft.kind)][0],
        draft.module,
        draft.knowledge,
        next(words[0] for level, words in DIFFICULTIES.items() if level == draft.difficulty),
        Rung(draft.rung).name_zh,
        draft.stem,
        *options,
        answer,
        draft.explanation,
        draft.source,
        draft.note,
    ]


def _notes() -> list[list[object]]:
    return [
        ["列", "怎么填"],
        ["题目编号", "可以不填。填了同一编号再导入时，就是修改那道题（产生新版本，仍要审核）。"],
        ["题型", "单选题、多选题、判断题。"],
        ["模块", "如 职业道德、基础知识、生活照护、基础照护、康复服务。"],
        ["难度", "容易、中等、困难；不填按中等。"],
        ["技能等级", "如 初级工、五级；不填按导入时选的等级。"],
        ["选项A…", "从 A 开始依次填，最多 10 个；判断题不填。"],
        ["答案", "单选填一个字母，多选填几个字母（如 ABD），判断填 正确 或 错误。"],
        ["解析", "考后给考生看的说明。备注只有出题人看得到。"],
    ]
