"""Questions in Aiken's format: a stem, lettered options, a line with the answer."""

import re

from flask_babel import gettext as _

from exams.bank.formats.choices import choice, finished
from exams.bank.formats.items import (
    MOST_ITEMS,
    BadFile,
    Defaults,
    Fault,
    Item,
    Reading,
    decoded,
    indexes_of,
)

_OPTION = re.compile(r"^\s*([A-Ja-jＡ-Ｊ])\s*[.)、．）:：]\s*(.*)$")
_ANSWER = re.compile(r"^\s*(?:ANSWER|正确答案|答案)\s*[:：]\s*(.*)$", re.IGNORECASE)


def read(data: bytes, defaults: Defaults) -> Reading:
    """Read a file of questions. Raises BadFile when it is not text."""
    reading = Reading("aiken")
    block: list[tuple[int, str]] = []
    for number, line in enumerate(decoded(data).split("\n"), start=1):
        if not line.strip():
            continue
        block.append((number, line.strip()))
        if _ANSWER.match(line):
            _read_block(block, defaults, reading)
            block = []
            if len(reading.items) > MOST_ITEMS:
                raise BadFile(_("一次最多导入 %(n)s 道题，请分成几份。", n=MOST_ITEMS))
    if block:
        reading.faults.append(Fault(_line(block[0][0]), _("这道题没有答案行（ANSWER: A）。")))
    return reading


def _line(number: int) -> str:
    return _("第 %(n)s 行", n=number)


def _read_block(block: list[tuple[int, str]], defaults: Defaults, reading: Reading) -> None:
    where = _line(block[0][0])
    stem: list[str] = []
    options: list[str] = []
    for number, line in block[:-1]:
        match = _OPTION.match(line)
        if match and indexes_of(match[1]) == [len(options)]:
            options.append(match[2])
        elif options:
            reading.faults.append(Fault(_line(number), _("选项应按 A、B、C… 的顺序，一行一个。")))
            return
        else:
            stem.append(line)
    answer = _ANSWER.match(block[-1][1])
    right = indexes_of(answer[1]) if answer else None
    if right is None:
        reading.faults.append(Fault(_line(block[-1][0]), _("答案应为选项字母。")))
        return
    draft = choice("\n".join(stem), options, right)
    reading.items.append(Item(where, "", finished(draft, "", {}, defaults)))
