"""Answers as they were drawn last, with what they rested on and holes for what differs each time.

Bounded by size: what was not asked for longest goes first. Ten minutes after it was drawn an answer
is drawn anew with every check of seal, events and log, even if nothing changed.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from certificates.express.evidence import DIGEST, KEY
from certificates.rules import Status
from certificates.verification import Verdict
from lms.core import clock
from lms.core.assets import WORTHWHILE
from lms.core.i18n import time_in
from lms.core.keys.rings import PublicRing
from lms.core.moulds import Mould

LASTS = 600.0  # seconds
AS_OF, TOKEN = "as_of", "token"  # the holes
MOST_BYTES = 24 * 1024 * 1024
LONGEST = 128 * 1024  # characters of one answer
MOST_VARIANTS = 12  # of one certificate
_BESIDES = 4_000  # bytes that a certificate costs beside its answers
_LASTING = frozenset(
    {Status.VALID, Status.SUSPENDED, Status.REVOKED, Status.CORRECTED, Status.EXPIRED}
)


class Variant(NamedTuple):
    """What an answer to somebody without an account differs by; ``text`` in CSS pixels."""

    json: bool
    locale: str
    elder: bool
    text: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """An answer with holes, and when it was drawn (monotonic seconds)."""

    mould: Mould
    at: float


@dataclass(slots=True)
class Known:
    """A certificate's answers on a day, all from the same evidence and keys."""

    evidence: Sequence[Any]
    ring: PublicRing
    day: date
    drawn: dict[Variant, Drawn] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes, roughly."""
        return _BESIDES + sum(drawn.mould.size for drawn in self.drawn.values())

    def rests_on(self, evidence: Sequence[Any], ring: PublicRing, day: date) -> bool:
        """True if nothing that the answers were made from has changed."""
        return self.evidence == evidence and self.ring is ring and self.day == day


class Memo:
    """The answers of one app."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Known] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._known)

    @property
    def size(self) -> int:
        """Bytes, roughly."""
        return self._bytes

    def forget(self) -> None:
        """Forget everything."""
        with self._lock:
            self._known.clear()
            self._bytes = 0

    def find(
        self, code: str, variant: Variant, evidence: Sequence[Any], ring: PublicRing, day: date
    ) -> Mould | None:
        """The answer's mould, if it may be given again."""
        with self._lock:
            known = self._known.get(code)
            if known is None:
                return None
            self._known.move_to_end(code)
            drawn = known.drawn.get(variant)
        if drawn is None or time.monotonic() - drawn.at >= LASTS:
            return None
        return drawn.mould if known.rests_on(evidence, ring, day) else None

    def keep(self, asked: "Asked", made: Mould) -> None:
        """Remember an answer, and forget those that rest on something else."""
        with self._lock:
            known = self._known.pop(asked.code, None)
            self._bytes -= known.size if known else 0
            if known is None or not known.rests_on(asked.evidence, asked.ring, asked.day):
                known = Known(asked.evidence, asked.ring, asked.day)
            if len(known.drawn) >= MOST_VARIANTS:
                known.drawn.clear()
            known.drawn[asked.variant] = Drawn(made, time.monotonic())
            self._known[asked.code] = known
            self._bytes += known.size
            while self._bytes > MOST_BYTES:
                _code, gone = self._known.popitem(last=False)
                self._bytes -= gone.size


@dataclass(frozen=True, slots=True)
class Asked:
    """A check that goes the ordinary way, with what was read before it: whatever changes from then
    on makes its answer one that fits no later reading, so that it is never given again."""

    memo: Memo
    code: str
    variant: Variant
    evidence: Sequence[Any]
    ring: PublicRing
    day: date

    def keep(self, body: str, verdict: Verdict, token: str = "") -> None:
        """Remember the answer if it is one that may be given again."""
        if not self._may_keep(verdict) or not WORTHWHILE <= len(body) <= LONGEST:
            return
        written = moment(verdict.as_of, self.variant)
        if body.count(written) != 1:  # a text of the certificate's own says the same
            return
        holes = {written: AS_OF} | ({token: TOKEN} if token else {})
        self.memo.keep(self, Mould(body, holes))

    def _may_keep(self, verdict: Verdict) -> bool:
        key = self.ring.find(self.evidence[KEY])
        return (
            verdict.status in _LASTING
            and verdict.shown is not None
            and verdict.shown.digest == self.evidence[DIGEST]
            and clock.local_date(verdict.as_of) == self.day
            and key is not None
            and key.compromised_from is None
        )


def moment(at: datetime, variant: Variant) -> str:
    """An instant as it stands in the hole."""
    if variant.json:
        return f'"as_of":"{at.isoformat("T", "seconds")}"'
    return time_in(at, variant.locale)
