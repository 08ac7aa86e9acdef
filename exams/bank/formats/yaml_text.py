"""Questions as YAML: the format of the starter bank, made to be read and edited by people.

Only the node tree is used, never constructed objects: every value is the text as typed, and
every fault knows its line. Anchors and aliases are refused, so nothing can unfold.
"""

from collections.abc import Iterable
from typing import Any

import yaml
from flask_babel import gettext as _

from exams.bank.formats import yaml_kinds
from exams.bank.formats.choices import TAGS
from exams.bank.formats.items import (
    MOST_ITEMS,
    BadFile,
    Fault,
    Item,
    Reading,
    Unsupported,
    Written,
    decoded,
)
from exams.bank.kinds import Simple
from exams.bank.models import CAREGIVER
from exams.bank.rules import Draft, tidy

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_DEEPEST = 8
_SHARED = ("occupation", "rung", "module", "difficulty", "source", "knowledge")
_FIELDS = frozenset({*TAGS, "code", "explanation", *yaml_kinds.FIELDS})
_HEAD = frozenset({*_SHARED, "bank", "title", "questions"})


def read(data: bytes) -> Reading:
    """Read a file of questions.

    Raises:
        BadFile: not YAML, or not a file of questions.
    """
    root = tree(decoded(data))
    reading = Reading("yaml")
    if not isinstance(root, yaml.MappingNode):
        raise BadFile(_("文件里没有 questions 列表。"))
    head = _fields(root, _HEAD, reading)
    listed = head.pop("questions", None)
    if not isinstance(listed, yaml.SequenceNode):
        raise BadFile(_("文件里没有 questions 列表。"))
    if len(listed.value) > MOST_ITEMS:
        raise BadFile(_("一次最多导入 %(n)s 道题，请分成几份。", n=MOST_ITEMS))
    shared = {name: _text(head[name]) for name in _SHARED if name in head}
    for node in listed.value:
        _read_one(node, shared, reading)
    return reading


def write(questions: Iterable[Written]) -> bytes:
    """Write questions so that ``read`` gives the same ones."""
    rows = [_row(question) for question in questions]
    text = yaml.dump(
        {"questions": rows}, Dumper=_DUMPER, allow_unicode=True, sort_keys=False, width=1000
    )
    return str(text).encode()


def tree(text: str) -> yaml.Node | None:
    """The nodes of a YAML text. Raises BadFile: not YAML, too deep, or with anchors."""
    try:
        depth = 0
        for event in yaml.parse(text, Loader=_LOADER):
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise BadFile(_("不接收带锚点或引用（& 与 *）的 YAML 文件。"))
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                raise BadFile(_("YAML 文件嵌套太深。"))
        return yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        if mark is None:
            raise BadFile(_("不是有效的 YAML 文件。")) from error
        raise BadFile(_("第 %(n)s 行不是有效的 YAML。", n=mark.line + 1)) from error


def _where(node: yaml.Node) -> str:
    return _("第 %(n)s 行", n=node.start_mark.line + 1)


def _fields(
    node: yaml.MappingNode, known: frozenset[str], reading: Reading
) -> dict[str, yaml.Node]:
    fields: dict[str, yaml.Node] = {}
    for key, value in node.value:
        name = str(key.value)
        if name not in known:
            reading.faults.append(Fault(_where(key), _("不认识的字段。"), name[:40]))
        elif name in fields:
            reading.faults.append(Fault(_where(key), _("字段写了两次。"), name))
        else:
            fields[name] = value
    return fields


def _text(node: yaml.Node | None) -> str:
    if not isinstance(node, yaml.ScalarNode) or node.tag == "tag:yaml.org,2002:null":
        return ""
    return str(node.value)


def _read_one(node: yaml.Node, shared: dict[str, str], reading: Reading) -> None:
    where = _where(node)
    if not isinstance(node, yaml.MappingNode):
        reading.faults.append(Fault(where, _("每道题应写成几行“字段: 内容”。")))
        return
    before = len(reading.faults)
    fields = _fields(node, _FIELDS, reading)
    values = {name: _value(value, name, reading) for name, value in fields.items()}
    if len(reading.faults) > before:
        return
    try:
        simple = yaml_kinds.simple_of(values)
    except Unsupported as error:
        reading.unsupported.append(Fault(where, str(error)))
    except ValueError as error:
        reading.faults.append(Fault(where, str(error), "answer"))
    else:
        texts = shared | {k: v for k, v in values.items() if isinstance(v, str)}
        reading.items.append(Item(where, texts.get("code", "").strip(), _draft(simple, texts)))


def _value(node: yaml.Node, name: str, reading: Reading) -> Any:
    """A text, a list of texts, or the parts of a case as mappings of these."""
    if name == "parts" and isinstance(node, yaml.SequenceNode):
        return [_part(part, reading) for part in node.value]
    if name in yaml_kinds.LISTS and isinstance(node, yaml.SequenceNode):
        if all(isinstance(each, yaml.ScalarNode) for each in node.value):
            return [_text(each) for each in node.value]
    elif isinstance(node, yaml.ScalarNode) and name not in yaml_kinds.LISTS and name != "parts":
        return _text(node)
    reading.faults.append(Fault(_where(node), _("内容的写法不对。"), name))
    return ""


def _part(node: yaml.Node, reading: Reading) -> dict[str, Any]:
    if not isinstance(node, yaml.MappingNode):
        reading.faults.append(Fault(_where(node), _("内容的写法不对。"), "parts"))
        return {}
    fields = _fields(node, yaml_kinds.FIELDS - {"parts"} | {"share"}, reading)
    return {name: _value(value, name, reading) for name, value in fields.items()}


def _draft(simple: Simple, values: dict[str, str]) -> Draft:
    rung = values.get("rung", "2").strip()
    return tidy(
        Draft(
            kind=simple.kind,
            stem=simple.stem,
            body=simple.body,
            key=simple.key,
            module=values.get("module", ""),
            difficulty=values.get("difficulty", "medium"),
            rung=int(rung) if rung.isdecimal() and len(rung) < 3 else 0,
            explanation=values.get("explanation", ""),
            knowledge=values.get("knowledge", ""),
            source=values.get("source", ""),
            note=values.get("note", ""),
            occupation=values.get("occupation", "") or CAREGIVER,
        )
    )


def _row(question: Written) -> dict[str, Any]:
    draft = question.draft
    row: dict[str, Any] = {
        "code": question.code,
        "type": str(draft.kind),
        "rung": draft.rung,
        "module": draft.module,
        "difficulty": str(draft.difficulty),
        "knowledge": draft.knowledge,
        "source": draft.source,
    }
    if draft.occupation != CAREGIVER:
        row["occupation"] = draft.occupation
    row |= yaml_kinds.row_of(Simple(draft.kind, draft.stem, draft.body, draft.key))
    row["explanation"] = draft.explanation
    if draft.note:
        row["note"] = draft.note
    return row
