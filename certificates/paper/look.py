"""How a paper looks beyond its facts: layout, colours, words and pictures of an issuing body."""

from dataclasses import dataclass, field

ACCENT, LINE = "#a5281b", "#c9ab74"
PICTURES = ("seal", "logo", "signature")
#: words a design may change; ``body`` may name {时间} {内容} {学时} {机构}
WORDS = ("title", "english", "body", "note", "seal_note", "signer")


@dataclass(frozen=True, slots=True)
class Look:
    """One look. ``base`` names the folder of sheets, which never changes once papers were drawn
    with it; empty words and absent pictures mean the base's own."""

    base: int = 1
    layout: str = "portrait"
    frame: str = "classic"
    accent: str = ACCENT
    line: str = LINE
    words: dict[str, str] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)

    def word(self, name: str, usual: str) -> str:
        """The body's own word, or the usual one."""
        return self.words.get(name) or usual


PLAIN = Look()
