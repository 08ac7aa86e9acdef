"""What a channel is given and what it answers; plain values that a thread may hold."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

SENT, DELIVERED, AGAIN, REFUSED = "sent", "delivered", "again", "refused"


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where a parcel goes: a mail address, a phone number or an endpoint's address. ``secrets``
    are in order of age, the newest first."""

    address: str
    name: str = ""
    secrets: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message ready to go. ``ref`` stays the same however often it is sent; ``text`` is in the
    receiver's language; ``facts`` are what a machine reads."""

    ref: str
    kind: str
    subject: str
    text: str
    url: str
    facts: dict[str, Any]
    made_at: datetime
    locale: str
    receiver: Receiver
    settings_url: str = ""
    stop_url: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a try. ``sent``: the next office has it; ``delivered``: the receiver said so;
    ``again``: not now; ``refused``: never. ``blames_receiver`` is false when only this one message
    is at fault, so that others to the same receiver go on."""

    state: str
    reason: str = ""
    blames_receiver: bool = False

    @property
    def stops_here(self) -> bool:
        """True if nothing else should be tried at this receiver just now."""
        return self.state == AGAIN and self.blames_receiver


def unreachable(reason: str) -> Outcome:
    """Nobody there, or nobody who can help now."""
    return Outcome(AGAIN, reason, blames_receiver=True)


Hand = Callable[[Parcel], Outcome]


class Channel(Protocol):
    """A way outside. ``opened`` keeps a connection, if there is one, for several parcels; it does
    not raise, and neither does its hand: whatever goes wrong is an outcome."""

    def opened(self) -> AbstractContextManager[Hand]:
        """A hand that carries parcels while the block runs."""
