"""Shared by the readers: from options and their answer to a draft."""

from collections.abc import Sequence
from html.parser import HTMLParser

from exams.bank.formats.items import LETTERS, Defaults
from exams.bank.formats.words import DIFFICULTY_OF, rung_of
from exams.bank.models import Kind
from exams.bank.rules import Draft, tidy

#: Tags by which our own exports carry what a format has no place for.
TAGS = ("module", "difficulty", "rung", "knowledge", "source", "note")
_LINES = frozenset({"p", "br", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6"})
_HEAVY = frozenset({"img", "audio", "video", "table", "svg", "math", "object", "iframe", "embed"})


def choice(
    stem: str, options: Sequence[str], right: Sequence[int], kind: Kind | None = None
) -> Draft:
    """A choice question; one right option makes it a single choice unless told otherwise."""
    kind = kind or (Kind.SINGLE if len(right) == 1 else Kind.MULTIPLE)
    return Draft(
        kind, stem, {"options": list(options)}, {"right": sorted(set(right))}, "", "medium", 2
    )


def judge(stem: str, right: bool) -> Draft:
    """A true/false question."""
    return Draft(Kind.JUDGE, stem, {}, {"right": right}, "", "medium", 2)


def finished(
    draft: Draft, explanation: str, tags: dict[str, str], defaults: Defaults, module: str = ""
) -> Draft:
    """The draft with what its tags say, else its category, else the defaults."""
    values = {name: tags.get(name, "").strip() for name in TAGS}
    return tidy(
        Draft(
            kind=draft.kind,
            stem=draft.stem,
            body=draft.body,
            key=draft.key,
            module=values["module"] or module or defaults.module,
            difficulty=DIFFICULTY_OF.get(
                values["difficulty"].lower(), values["difficulty"] or defaults.difficulty
            ),
            rung=(rung_of(values["rung"]) or 0) if values["rung"] else defaults.rung,
            explanation=explanation,
            knowledge=values["knowledge"],
            source=values["source"] or defaults.source,
            note=values["note"],
        )
    )


def with_feedback(general: str, each: Sequence[str]) -> str:
    """The general explanation, then what was said to each option, so that nothing is lost."""
    said = [f"{LETTERS[n]}：{text.strip()}" for n, text in enumerate(each) if text.strip()]
    return "\n".join(part for part in (general.strip(), *said) if part)


def tags_of(draft: Draft) -> list[tuple[str, str]]:
    """The tags by which a draft's place in the bank is written."""
    return [(name, str(getattr(draft, name))) for name in TAGS if str(getattr(draft, name))]


class _Plain(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.heavy = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HEAVY:
            self.heavy = self.heavy or tag
        if tag in _LINES and self.parts:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def plain_text(html: str) -> tuple[str, str]:
    """The text of an HTML fragment, and the first element that text cannot stand for."""
    reader = _Plain()
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    return "\n".join(line for line in lines if line), reader.heavy
