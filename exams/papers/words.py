"""What the bank lacks, in words."""

from collections.abc import Iterable

from flask_babel import gettext as _

from exams.bank.forms import KIND_LABELS
from exams.bank.models import Kind
from exams.papers.feasibility import Overuse, Shortfall


def describe(missing: Iterable[Shortfall]) -> str:
    """A shortage in words."""
    return " ".join(_shortfall(shortfall) for shortfall in missing)


def _shortfall(s: Shortfall) -> str:
    text = _(
        "需要 %(needed)s 道%(level)s%(module)s%(kind)s，题库只有 %(available)s 道。",
        needed=s.needed,
        level=_level(s.difficulty),
        module=s.module,
        kind=kind_word(s.kind),
        available=s.available,
    )
    if s.spent:
        text += _("（已除去这些考生原来考过的 %(n)s 道）", n=s.spent)
    return text


def describe_overuse(found: Iterable[Overuse], percent: int) -> str:
    """Where the exposure limit cannot be kept, in words."""
    return " ".join(
        _(
            "%(level)s%(module)s%(kind)s每份要 %(n)s 道，题库有 %(available)s 道："
            "有的题会出现在 %(least)s%% 的试卷里，超过 %(percent)s%%。",
            level=_level(o.difficulty),
            module=o.module,
            kind=kind_word(o.kind),
            n=o.per_paper,
            available=o.available,
            least=o.least,
            percent=percent,
        )
        for o in found
    )


def marks(tenths: int) -> str:
    """Tenths as marks, without a needless nought."""
    return f"{tenths / 10:g}"


def kind_word(kind: str) -> str:
    """A kind of question as people call it."""
    return str(KIND_LABELS.get(Kind(kind), kind))


def _level(difficulty: str | None) -> str:
    levels = {"easy": _("容易的"), "medium": _("中等的"), "hard": _("困难的")}
    return levels.get(difficulty or "", "")
