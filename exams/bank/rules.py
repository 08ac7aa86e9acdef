"""What a well-formed question is; plain values in and out. Shapes by kind are in ``kinds``."""

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from flask_babel import gettext as _

from exams.bank import kinds
from exams.bank.kinds import AUTOMATIC, LONGEST_STEM, options_of, tidy_text
from exams.bank.models import CAREGIVER, Difficulty, Kind
from exams.bank.soundness import shape_faults
from lms.core.ladder import Rung
from lms.core.signing import canonical

__all__ = ["AUTOMATIC", "Draft", "digest", "faults", "options_of", "tidy", "tidy_text"]

LONGEST_EXPLANATION = 4000
_LONG = ("explanation", "note")
#: One-line fields and the longest each may be.
_SHORT = {"module": 30, "knowledge": 60, "source": 120, "occupation": 30}


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
    occupation: str = CAREGIVER


def tidy(draft: Draft) -> Draft:
    """The same question with stray spaces, control characters and line ends put right, and with
    everything that must not betray its key in its neutral order."""
    body, key = kinds.tidied(draft.kind, draft.body, draft.key)
    if draft.kind == Kind.FILL:
        body["blanks"] = kinds.blanks_in(kinds.tidy_stem(draft.kind, draft.stem))
    texts = {name: tidy_text(getattr(draft, name)) for name in _LONG}
    texts |= {name: kinds.one_line(getattr(draft, name)) for name in _SHORT}
    texts["stem"] = kinds.tidy_stem(draft.kind, draft.stem)
    return replace(draft, body=body, key=key, **texts)  # type: ignore[arg-type] # all are texts


def digest(draft: Draft) -> str:
    """SHA-256 over everything that makes two versions the same question."""
    named = {
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
    if draft.occupation != CAREGIVER:  # as digests were before questions had an occupation
        named["occupation"] = draft.occupation
    return sha256(canonical(named)).hexdigest()


def faults(draft: Draft) -> list[str]:
    """What is wrong with a tidied question, in words; empty when it can be used."""
    found = []
    if not draft.stem.strip():
        found.append(_("题干不能为空。"))
    if len(draft.stem) > LONGEST_STEM:
        found.append(_("题干太长，请控制在 %(n)s 字以内。", n=LONGEST_STEM))
    if not draft.module.strip():
        found.append(_("请填写所属模块。"))
    if not draft.occupation.strip():
        found.append(_("请填写职业。"))
    found += _length_faults(draft)
    if draft.rung not in tuple(Rung):
        found.append(_("技能等级应为 1 到 8。"))
    if draft.difficulty not in tuple(Difficulty):
        found.append(_("难度应为 容易、中等 或 困难。"))
    if draft.kind not in tuple(Kind):
        return [*found, _("不认识的题型“%(kind)s”。", kind=draft.kind)]
    return found + shape_faults(draft.kind, draft.stem, draft.body, draft.key)


def _length_faults(draft: Draft) -> list[str]:
    """Fields longer than their column."""
    found = []
    if max(len(draft.explanation), len(draft.note)) > LONGEST_EXPLANATION:
        found.append(_("解析太长，请控制在 %(n)s 字以内。", n=LONGEST_EXPLANATION))
    if any(len(getattr(draft, name)) > longest for name, longest in _SHORT.items()):
        found.append(_("模块、知识点或来源太长。"))
    return found
