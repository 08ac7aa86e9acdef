"""Shared by the readers: from what a file says of a question to a draft."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from exams.bank.formats import cells
from exams.bank.formats.items import LETTERS, Defaults, Unsupported
from exams.bank.formats.words import DIFFICULTY_OF, occupation_of, rung_of
from exams.bank.kinds import Simple, blanks_in, number_of, plain_number
from exams.bank.models import CAREGIVER, Kind
from exams.bank.rules import Draft, tidy

#: Tags by which our own exports carry a question's place in the bank.
TAGS = ("occupation", "module", "difficulty", "rung", "knowledge", "source", "note")
#: Tags that carry what a format has no place for in a question of some kind.
SHAPES = (
    "kind", "unit", "exact", "longest", "reference", "rubric", "case", "part", "share",
    "explanation",
)  # fmt: skip
LONGEST = {Kind.SHORT: 300, Kind.ESSAY: 2000}
GAP = "____"


def choice(
    stem: str, options: Sequence[str], right: Sequence[int], kind: Kind | None = None
) -> Simple:
    """A choice question; one right option makes it a single choice unless told otherwise."""
    kind = kind or (Kind.SINGLE if len(right) == 1 else Kind.MULTIPLE)
    return Simple(kind, stem, {"options": list(options)}, {"right": sorted(set(right))})


def judge(stem: str, right: bool) -> Simple:
    """A true/false question."""
    return Simple(Kind.JUDGE, stem, {}, {"right": right})


def numeric(stem: str, right: str, within: str, unit: str = "") -> Simple:
    """A question answered by a number."""
    return Simple(
        Kind.NUMERIC, stem, {"unit": unit} if unit else {}, {"right": right, "within": within}
    )


def fill(stem: str, blanks: Sequence[Sequence[str]], exact: bool = False) -> Simple:
    """A fill-in question; a stem without any blank gets one at its end."""
    stem = stem.replace("＿", "_")
    if not blanks_in(stem):
        stem = f"{stem} {GAP}"
    key = {"blanks": [list(blank) for blank in blanks], "exact": exact}
    return Simple(Kind.FILL, stem, {"blanks": blanks_in(stem)}, key)


def matching(stem: str, pairs: Sequence[tuple[str, str]], others: Sequence[str] = ()) -> Simple:
    """A matching question."""
    body, key = cells.matching_of(pairs, others)
    return Simple(Kind.MATCHING, stem, body, key)


def ordering(stem: str, items: Sequence[str]) -> Simple:
    """An ordering question whose items are given in their right order."""
    return Simple(
        Kind.ORDERING, stem, {"items": list(items)}, {"sequence": list(range(len(items)))}
    )


def open_text(
    kind: Kind, stem: str, reference: str, rubric: list[dict[str, object]], longest: str = ""
) -> Simple:
    """A question that a person marks.

    Raises:
        Unsupported: nothing says how to mark it.
    """
    if not reference.strip() and not rubric:
        raise Unsupported(_("问答题没有参考答案，也没有评分要点，评卷的人无从评起；请补上再导入。"))
    number = int(longest) if longest.isascii() and longest.isdigit() and len(longest) < 6 else 0
    body = {"longest": number if longest else LONGEST[kind]}
    return Simple(kind, stem, body, {"reference": reference, "rubric": rubric})


def number_range(low: str, high: str) -> tuple[str, str]:
    """Middle and tolerance of a range of numbers.

    Raises:
        ValueError: one of them is no number, or they stand the wrong way round.
    """
    least, most = number_of(low.strip()), number_of(high.strip())
    if least is None or most is None or least > most:
        raise ValueError(_("答案“%(value)s”不是数。", value=f"{low}..{high}"[:40]))
    return f"{(least + most) / 2:f}", f"{(most - least) / 2:f}"


def plain_decimal(text: str) -> str:
    """A number as text that may be written like ``1.5e2``; itself when it is none."""
    plain = plain_number(text)
    if number_of(plain) is None and len(plain) < 30:
        try:
            return f"{float(plain):.12f}".rstrip("0").rstrip(".")
        except (ValueError, OverflowError):
            return plain
    return plain


def finished(
    simple: Simple,
    explanation: str,
    tags: Mapping[str, str],
    defaults: Defaults,
    module: str = "",
) -> Draft:
    """The draft with what its tags say, else its category, else the defaults."""
    values = {name: tags.get(name, "").strip() for name in TAGS}
    return tidy(
        Draft(
            kind=simple.kind,
            stem=simple.stem,
            body=simple.body,
            key=simple.key,
            module=values["module"] or module or defaults.module,
            difficulty=DIFFICULTY_OF.get(
                values["difficulty"].lower(), values["difficulty"] or defaults.difficulty
            ),
            rung=(rung_of(values["rung"]) or 0) if values["rung"] else defaults.rung,
            explanation=explanation,
            knowledge=values["knowledge"],
            source=values["source"] or defaults.source,
            note=values["note"],
            occupation=occupation_of(values["occupation"]) or defaults.occupation,
        )
    )


def with_feedback(general: str, each: Sequence[str]) -> str:
    """The general explanation, then what was said to each option, so that nothing is lost."""
    said = [
        f"{LETTERS[n] if n < len(LETTERS) else n + 1}：{text.strip()}"
        for n, text in enumerate(each)
        if text.strip()
    ]
    return "\n".join(part for part in (general.strip(), *said) if part)


def tags_of(draft: Draft) -> list[tuple[str, str]]:
    """The tags by which a draft's place in the bank is written."""
    values = [(name, str(getattr(draft, name))) for name in TAGS]
    return [(name, value) for name, value in values if value and value != CAREGIVER]


def shape_tags(simple: Simple, native: frozenset[str] = frozenset()) -> list[tuple[str, str]]:
    """The tags that carry what a format has no place for; ``native`` names what it has."""
    body: dict[str, Any] = simple.body
    key: dict[str, Any] = simple.key
    found: list[tuple[str, str]] = []
    if simple.kind in (Kind.FILL, Kind.SHORT, Kind.ESSAY):
        found.append(("kind", str(simple.kind)))
    if simple.kind == Kind.NUMERIC and body.get("unit"):
        found.append(("unit", body["unit"]))
    if simple.kind == Kind.FILL and key["exact"]:
        found.append(("exact", "1"))
    if simple.kind in (Kind.SHORT, Kind.ESSAY):
        found.append(("longest", str(body["longest"])))
        found += [("reference", key["reference"])] if key["reference"] else []
        found += [("rubric", cells.rubric_text(key["rubric"]))] if key["rubric"] else []
    return [(name, value) for name, value in found if name not in native]


def open_kind(tags: Mapping[str, str]) -> Kind:
    """Short or essay, as a tag says; an essay when none does."""
    return Kind.SHORT if tags.get("kind") == Kind.SHORT else Kind.ESSAY
