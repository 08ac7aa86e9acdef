"""What a tile of the wall says; plain values in and out."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class State(StrEnum):
    """Where a candidate stands at this moment, as the invigilator sees her."""

    LOST = "lost"
    PAUSED = "paused"
    ANSWERING = "answering"
    ADMITTED = "admitted"
    NOT_HERE = "not_here"
    TIME_UP = "time_up"
    HANDED_IN = "handed_in"
    EXPELLED = "expelled"


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a candidate. ``state`` is her last sitting's (None: not begun); ``how`` is
    the way it was closed; ``last_seen`` the newest sign of life."""

    admitted: bool
    state: str | None
    how: str
    paused: bool
    deadline: datetime | None
    last_seen: datetime | None


def state_of(seen: Seen, now: datetime, lost_after: timedelta) -> State:
    """The one word for a tile."""
    if seen.state is None:
        return State.ADMITTED if seen.admitted else State.NOT_HERE
    if seen.state == "expelled":
        return State.EXPELLED
    if seen.state != "open":
        return State.TIME_UP if seen.how == "timed_out" else State.HANDED_IN
    if seen.paused:
        return State.PAUSED
    if seen.deadline is not None and now > seen.deadline:
        return State.TIME_UP
    if seen.last_seen is None or now - seen.last_seen >= lost_after:
        return State.LOST
    return State.ANSWERING


def trouble(state: State, unsent: int, left: int, devices: int, late: int) -> int:
    """How soon somebody should look, 0 first: lost, then what is odd, then the rest by state."""
    if state is State.LOST:
        return 0
    if state is State.ANSWERING and (unsent or left or devices > 1):
        return 1
    order = (
        State.PAUSED, State.NOT_HERE, State.ADMITTED, State.ANSWERING, State.TIME_UP,
        State.HANDED_IN, State.EXPELLED,
    )  # fmt: skip
    return 2 + order.index(state) * 2 - (1 if late else 0)
