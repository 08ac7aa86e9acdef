"""Checklists as YAML, in the layout of those that ship: a list of mappings, marks in tenths.

Only the node tree is used, never constructed objects, so that every fault knows its line.
"""

import yaml
from flask_babel import gettext as _

from exams.bank.formats.items import BadFile, decoded
from exams.bank.formats.yaml_text import tree
from exams.marking.checklists.raw import HEAD, HEADINGS, ITEM, Cell, RawList, Read

_FIELDS = (*HEAD, "items", "vetoes")


def read(data: bytes) -> Read:
    """Every checklist of a file. Raises BadFile: not YAML, or not a list of checklists."""
    root = tree(decoded(data))
    if not isinstance(root, yaml.SequenceNode):
        raise BadFile(_("文件应是一个评分表的列表，每张以“- code:”开头。"))
    found = Read({name: name for name in HEADINGS} | {"veto": "vetoes"}, 1)
    for node in root.value:
        raw = RawList(_line(node))
        for name, value in _fields(node, _FIELDS, "", found):
            _put(raw, name, value, found)
        found.lists.append(raw)
    return found


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _put(raw: RawList, name: str, value: yaml.Node, found: Read) -> None:
    if name not in {"items", "vetoes"}:
        raw.cells[name] = _cell(value, name, found)
    elif not isinstance(value, yaml.SequenceNode):
        found.blame(_line(value), name, _("这里应是一个列表。"))
    elif name == "vetoes":
        raw.vetoes += [_cell(one, "veto", found) for one in value.value]
    else:
        raw.items += [
            {each: _cell(text, each, found) for each, text in _fields(one, ITEM, "items", found)}
            for one in value.value
        ]


def _fields(
    node: yaml.Node, known: tuple[str, ...], place: str, found: Read
) -> list[tuple[str, yaml.Node]]:
    """The known fields of a mapping, each once."""
    if not isinstance(node, yaml.MappingNode):
        found.blame(_line(node), place, _("应写成几行“字段: 内容”。"))
        return []
    fields: dict[str, yaml.Node] = {}
    for key, value in node.value:
        name = str(key.value)[:40]
        if name not in known:
            found.blame(_line(key), name, _("不认识的字段。"))
        elif name in fields:
            found.blame(_line(key), name, _("字段写了两次。"))
        else:
            fields[name] = value
    return list(fields.items())


def _cell(node: yaml.Node, name: str, found: Read) -> Cell:
    if not isinstance(node, yaml.ScalarNode):
        found.blame(_line(node), name, _("这里应是一行文字。"))
        return Cell("", _line(node))
    empty = node.tag == "tag:yaml.org,2002:null"
    return Cell("" if empty else str(node.value).strip(), _line(node))
