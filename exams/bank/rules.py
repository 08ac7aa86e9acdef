"""What a well-formed question is; plain values in and out."""

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any
from unicodedata import category

from flask_babel import gettext as _

from exams.bank.models import Difficulty, Kind
from lms.core.ladder import Rung
from lms.core.signing import canonical

#: Kinds that the automatic rules can mark.
AUTOMATIC = frozenset({Kind.SINGLE, Kind.MULTIPLE, Kind.JUDGE})
MOST_OPTIONS = 10
LONGEST_STEM = 4000


LONGEST_OPTION = 1000
LONGEST_EXPLANATION = 4000
_LONG = ("stem", "explanation", "note")
#: One-line fields and the longest each may be.
_SHORT = {"module": 30, "knowledge": 60, "source": 120}
#: Control characters, lone surrogates, private and unassigned places, odd line separators.
_UNSEEN = frozenset({"Cc", "Cs", "Cn", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Draft:
    """A question as somebody wrote it. ``body`` and ``key`` are as in ``bank.models``."""

    kind: str
    stem: str
    body: dict[str, Any]
    key: dict[str, Any]
    module: str
    difficulty: str
    rung: int
    explanation: str = ""
    knowledge: str = ""
    source: str = ""
    note: str = ""


def tidy(draft: Draft) -> Draft:
    """The same question with stray spaces, control characters and line ends put right."""
    body = dict(draft.body)
    if "options" in body:
        body["options"] = [tidy_text(str(option)) for option in body["options"]]
    texts = {name: tidy_text(getattr(draft, name)) for name in _LONG}
    texts |= {name: " ".join(tidy_text(getattr(draft, name)).split()) for name in _SHORT}
    return replace(draft, body=body, **texts)  # type: ignore[arg-type] # all of them are texts


def tidy_text(text: str) -> str:
    """Plain lines: no control characters, no lone surrogates, no space at either end."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "".join(c for c in lines if c == "\n" or category(c) not in _UNSEEN).strip()


def options_of(body: dict[str, Any]) -> list[str]:
    """The options of a question; none for true/false."""
    return list(body.get("options", []))


def digest(draft: Draft) -> str:
    """SHA-256 over everything that makes two versions the same question."""
    return sha256(
        canonical(
            {
                "kind": draft.kind,
                "stem": draft.stem,
                "body": draft.body,
                "key": draft.key,
                "explanation": draft.explanation,
                "module": draft.module,
                "difficulty": draft.difficulty,
                "rung": draft.rung,
                "knowledge": draft.knowledge,
                "source": draft.source,
                "note": draft.note,
            }
        )
    ).hexdigest()


def faults(draft: Draft) -> list[str]:
    """What is wrong with a question, in words; empty when it can be used."""
    found = []
    if not draft.stem.strip():
        found.append(_("题干不能为空。"))
    if len(draft.stem) > LONGEST_STEM:
        found.append(_("题干太长，请控制在 %(n)s 字以内。", n=LONGEST_STEM))
    if not draft.module.strip():
        found.append(_("请填写所属模块。"))
    found += _length_faults(draft)
    if draft.rung not in tuple(Rung):
        found.append(_("技能等级应为 1 到 8。"))
    if draft.difficulty not in tuple(Difficulty):
        found.append(_("难度应为 容易、中等 或 困难。"))
    if draft.kind not in tuple(Kind):
        return [*found, _("不认识的题型“%(kind)s”。", kind=draft.kind)]
    if draft.kind in (Kind.SINGLE, Kind.MULTIPLE):
        return found + _choice_faults(draft)
    if draft.kind == Kind.JUDGE and not isinstance(draft.key.get("right"), bool):
        found.append(_("判断题的答案应为 正确 或 错误。"))
    return found


def _length_faults(draft: Draft) -> list[str]:
    """Fields longer than their column."""
    found = []
    if max(len(draft.explanation), len(draft.note)) > LONGEST_EXPLANATION:
        found.append(_("解析太长，请控制在 %(n)s 字以内。", n=LONGEST_EXPLANATION))
    if any(len(option) > LONGEST_OPTION for option in map(str, options_of(draft.body))):
        found.append(_("选项太长，请控制在 %(n)s 字以内。", n=LONGEST_OPTION))
    if any(len(getattr(draft, name)) > longest for name, longest in _SHORT.items()):
        found.append(_("模块、知识点或来源太长。"))
    return found


def _choice_faults(draft: Draft) -> list[str]:
    options, right = options_of(draft.body), draft.key.get("right")
    if not 2 <= len(options) <= MOST_OPTIONS:
        return [_("选项应有 2 到 %(n)s 个。", n=MOST_OPTIONS)]
    found = []
    if any(not str(option).strip() for option in options):
        found.append(_("选项不能为空。"))
    if len({str(option).strip() for option in options}) < len(options):
        found.append(_("有两个选项的文字相同。"))
    if not isinstance(right, list) or not right or sorted(set(right)) != right:
        return [*found, _("请给出答案。")]
    if any(not 0 <= index < len(options) for index in right):
        found.append(_("答案指向了不存在的选项。"))
    if draft.kind == Kind.SINGLE and len(right) != 1:
        found.append(_("单选题只能有一个答案。"))
    return found
