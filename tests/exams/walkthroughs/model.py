"""The exam room on one page, without database, requests or clocks: what the server must agree with.

Written from docs/exam-room.md; it uses nothing of the product.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

GRACE = timedelta(seconds=120)


@dataclass
class Model:
    """One sitting."""

    attempt: int
    deadline: datetime
    holder: str = ""
    epoch: int = 0
    open: bool = True
    paused_at: datetime | None = None
    by_seq: dict[int, dict[str, Any]] = field(default_factory=dict)
    by_op: dict[str, dict[str, Any]] = field(default_factory=dict)
    epochs: dict[str, int] = field(default_factory=dict)  # what each phone believes
    extra: int = 0

    def enter(self, phone: str, take_over: bool, now: datetime) -> str:
        """A phone enters."""
        if not self.open:
            return "409 closed"
        if self.paused_at is None and now > self.deadline + GRACE:
            return "409 time-up"
        if self.holder != phone:
            if self.holder and not take_over:
                return "409 other-device"
            self.holder, self.epoch = phone, self.epoch + 1
        self.epochs[phone] = self.epoch
        return f"epoch {self.epoch}"

    @property
    def last_seq(self) -> int:
        """The highest number used."""
        return max(self.by_seq, default=0)

    def save(self, phone: str, batch: list[dict[str, Any]], now: datetime) -> str:
        """A batch arrives."""
        if len({step["seq"] for step in batch}) < len(batch):
            return "422 bad-steps"
        refusal = self._refusal(phone, now)
        return refusal or self._take(batch, now)

    def _refusal(self, phone: str, now: datetime) -> str:
        if not self.open:
            return "409 closed"
        if self.holder != phone or self.epochs.get(phone, 0) != self.epoch:
            return "409 other-device"
        if self.paused_at is not None:
            return "409 paused"
        return "409 time-up" if now > self.deadline + GRACE else ""

    def _take(self, batch: list[dict[str, Any]], now: datetime) -> str:
        late = now > self.deadline
        in_time = [
            step for step in batch
            if not late or (step["at"] is not None and _instant(step["at"]) <= self.deadline)
        ]  # fmt: skip
        if any(s["seq"] in self.by_seq and s["op"] not in self.by_op for s in in_time):
            return "409 sequence"
        for step in in_time:
            if step["op"] not in self.by_op:
                self.by_seq[step["seq"]] = self.by_op[step["op"]] = step
        acked = sorted(step["seq"] for step in in_time)
        refused = sorted(step["seq"] for step in batch if step not in in_time)
        words = [("acked", acked), ("late", acked if late else []), ("refused", refused)]
        told = [f"{name} {' '.join(map(str, numbers))}" for name, numbers in words if numbers]
        return " ".join(told) or "nothing"

    def hand_in(self, phone: str, batch: list[dict[str, Any]], now: datetime) -> str:
        """A phone hands in."""
        if not self.open:
            return "same receipt"
        refusal = self._refusal(phone, now)
        if refusal:
            return refusal
        taken = self._take(batch, now)
        if taken.startswith("409"):
            return taken
        self._close()
        return f"receipt {len(self.answered)} {taken}"

    def _close(self) -> None:
        self.open, self.paused_at = False, None

    def pause(self, now: datetime) -> str:
        """The clock is stopped."""
        if not self.open:
            return "409 closed"
        if self.paused_at is not None:
            return "409 already-paused"
        if now > self.deadline:
            return "409 time-up"
        self.paused_at = now
        return "done"

    def resume(self, now: datetime) -> str:
        """The clock goes on; the time it stood is given back."""
        if not self.open:
            return "409 closed"
        if self.paused_at is None:
            return "409 not-paused"
        self.deadline += now - self.paused_at
        self.paused_at = None
        return "done"

    def extend(self, minutes: int) -> str:
        """Minutes are added."""
        if self.extra + minutes > 240:
            return "422 invalid"
        self.extra += minutes
        if self.open:
            self.deadline += timedelta(minutes=minutes)
        return "done"

    def time_out(self, now: datetime) -> str:
        """The server looks at the clock."""
        if not self.open or self.paused_at is not None or now <= self.deadline + GRACE:
            return "nothing"
        self._close()
        return "done"

    @property
    def held(self) -> dict[int, dict[str, Any]]:
        """Position → the answer with the highest number."""
        return {s["position"]: s["answer"] for _seq, s in sorted(self.by_seq.items())}

    @property
    def answered(self) -> dict[str, dict[str, Any]]:
        """Positions where something is chosen."""
        return {str(place): a for place, a in self.held.items() if a["picked"]}

    @property
    def digest(self) -> str:
        """What the receipt must say."""
        body = {"answers": self.answered, "attempt": self.attempt}
        return sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _instant(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000).astimezone()
