"""From single questions in a file's order to items: the parts of a case go to their case."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _

from exams.bank.formats.choices import finished
from exams.bank.formats.items import Defaults, Fault, Item, Reading
from exams.bank.kinds import Simple
from exams.bank.models import Kind


@dataclass(slots=True)
class Piece:
    """A question as it stands in a file, not yet tidied. ``module`` is that of its category."""

    where: str
    code: str
    simple: Simple
    explanation: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    module: str = ""


@dataclass(slots=True)
class _Case:
    head: Piece
    parts: list[dict[str, Any]] = field(default_factory=list)
    keys: list[dict[str, Any]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    refusal: str = ""
    faulty: bool = False


class Gatherer:
    """Takes pieces in order; a case is an open head that takes the parts after it."""

    def __init__(self, reading: Reading, defaults: Defaults) -> None:
        self.reading, self.defaults = reading, defaults
        self._case: _Case | None = None

    def head(self, piece: Piece) -> None:
        """A case begins: its stem; the parts follow."""
        self.close()
        self._case = _Case(piece)

    def add(self, piece: Piece) -> None:
        """A question of its own; ends the case before it."""
        self.close()
        draft = finished(piece.simple, piece.explanation, piece.tags, self.defaults, piece.module)
        self.reading.items.append(Item(piece.where, piece.code, draft))

    def part(self, piece: Piece) -> None:
        """The next part of the open case."""
        if self._case is None:
            self.fault(piece.where, _("这道小题前面没有案例题。"))
            return
        simple = piece.simple
        share = piece.tags.get("share", "").strip() or "1"
        number = int(share) if share.isascii() and share.isdigit() and len(share) < 6 else 0
        self._case.parts.append(
            {"kind": str(simple.kind), "stem": simple.stem, "body": simple.body, "share": number}
        )
        self._case.keys.append(simple.key)
        if piece.explanation.strip():
            self._case.said.append(f"{len(self._case.parts)}：{piece.explanation.strip()}")

    def fault(self, where: str, reason: str, column: str = "", part: bool = False) -> None:
        """Something wrong; in a part it keeps the whole case out."""
        self.reading.faults.append(Fault(where, reason, column))
        if part and self._case:
            self._case.faulty = True
        elif not part:
            self.close()

    def unsupported(self, where: str, reason: str, part: bool = False) -> None:
        """Something there is no kind for; in a part it keeps the whole case out."""
        if part and self._case:
            self._case.refusal = self._case.refusal or reason
        else:
            self.close()
            self.reading.unsupported.append(Fault(where, reason))

    def close(self) -> None:
        """No more parts."""
        case, self._case = self._case, None
        if case is None or case.faulty:
            return
        head = case.head
        wanted = head.tags.get("case", "")
        if case.refusal:
            reason = _("其中一道小题：%(reason)s", reason=case.refusal)
            self.reading.unsupported.append(Fault(head.where, reason))
            return
        if wanted.isdecimal() and int(wanted) != len(case.parts):
            reason = _("案例题应有 %(n)s 道小题，文件里只找到 %(found)s 道。", n=wanted,
                       found=len(case.parts))  # fmt: skip
            self.reading.faults.append(Fault(head.where, reason))
            return
        body = dict(head.simple.body) | {"parts": case.parts}
        simple = Simple(Kind.CASE, head.simple.stem, body, {"parts": case.keys})
        explanation = "\n".join(part for part in (head.explanation, *case.said) if part)
        draft = finished(simple, explanation, head.tags, self.defaults, head.module)
        self.reading.items.append(Item(head.where, head.code, draft))
