"""Questions as YAML: the format of the starter bank, made to be read and edited by people.

Only the node tree is used, never constructed objects: every value is the text as typed, and
every fault knows its line. Anchors and aliases are refused, so nothing can unfold.
"""

from collections.abc import Iterable
from typing import Any

import yaml
from flask_babel import gettext as _

from exams.bank.formats.items import (
    MOST_ITEMS,
    BadFile,
    Fault,
    Item,
    Reading,
    Written,
    decoded,
    indexes_of,
    letters_of,
)
from exams.bank.models import Kind
from exams.bank.rules import Draft, options_of, tidy
from lms.core.db import Json

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_DEEPEST = 8
_KINDS = frozenset({Kind.SINGLE, Kind.MULTIPLE, Kind.JUDGE})
_SHARED = ("rung", "module", "difficulty", "source", "knowledge")
_FIELDS = frozenset({*_SHARED, "code", "type", "stem", "options", "answer", "explanation", "note"})
_HEAD = frozenset({*_SHARED, "bank", "title", "questions"})
_TRUE, _FALSE = {"true", "yes", "对", "正确", "√"}, {"false", "no", "错", "错误", "×"}


def read(data: bytes) -> Reading:
    """Read a file of questions.

    Raises:
        BadFile: not YAML, or not a file of questions.
    """
    root = _tree(decoded(data))
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


def _tree(text: str) -> yaml.Node | None:
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
    for name, value in fields.items():
        wanted = yaml.SequenceNode if name == "options" else yaml.ScalarNode
        if not isinstance(value, wanted):
            reading.faults.append(Fault(_where(value), _("内容的写法不对。"), name))
    values = shared | {name: _text(value) for name, value in fields.items()}
    kind = values.get("type", "")
    if kind not in _KINDS:
        reading.unsupported.append(Fault(where, _("暂不支持的题型“%(kind)s”。", kind=kind[:20])))
        return
    draft = _draft(kind, values, fields.get("options"))
    if draft is None:
        reading.faults.append(
            Fault(where, _("答案的写法不对：选择题写字母，判断题写 true 或 false。"), "answer")
        )
    elif len(reading.faults) == before:
        reading.items.append(Item(where, values.get("code", "").strip(), tidy(draft)))


def _draft(kind: str, values: dict[str, str], listed: yaml.Node | None) -> Draft | None:
    answer = values.get("answer", "").strip()
    body: Json
    key: Json
    if kind == Kind.JUDGE:
        if answer.lower() not in _TRUE | _FALSE:
            return None
        body, key = {}, {"right": answer.lower() in _TRUE}
    else:
        options = listed.value if isinstance(listed, yaml.SequenceNode) else []
        right = indexes_of(answer)
        if right is None:
            return None
        body, key = {"options": [_text(option) for option in options]}, {"right": right}
    rung = values.get("rung", "2").strip()
    return Draft(
        kind=kind,
        stem=values.get("stem", ""),
        body=body,
        key=key,
        module=values.get("module", ""),
        difficulty=values.get("difficulty", "medium"),
        rung=int(rung) if rung.isdecimal() and len(rung) < 3 else 0,
        explanation=values.get("explanation", ""),
        knowledge=values.get("knowledge", ""),
        source=values.get("source", ""),
        note=values.get("note", ""),
    )


def _row(question: Written) -> dict[str, Any]:
    draft, right = question.draft, question.draft.key["right"]
    row: dict[str, Any] = {
        "code": question.code,
        "type": str(draft.kind),
        "rung": draft.rung,
        "module": draft.module,
        "difficulty": str(draft.difficulty),
        "knowledge": draft.knowledge,
        "source": draft.source,
        "stem": draft.stem,
    }
    if draft.kind != Kind.JUDGE:
        row["options"] = options_of(draft.body)
    row["answer"] = right if draft.kind == Kind.JUDGE else letters_of(right)
    row["explanation"] = draft.explanation
    if draft.note:
        row["note"] = draft.note
    return row
