"""When to try again, when to leave a receiver alone, which hours are quiet; plain values only."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from lms.core.quiet import Quiet

RULE = "post.delivery"


def next_try(value: Mapping[str, Any], failures: int, now: datetime) -> datetime | None:
    """When to try again after so many failures, or None to give up. The steps are fixed: with
    chance in them nobody could say on the page when the next try is."""
    steps = value["retry_minutes"]
    return now + timedelta(minutes=steps[failures - 1]) if failures <= len(steps) else None


def pause_until(value: Mapping[str, Any], failures: int, now: datetime) -> datetime | None:
    """Until when a receiver is left alone after so many failures in a row, or None."""
    beyond = failures - value["pause_after"]
    if beyond < 0:
        return None
    steps = value["pause_minutes"]
    return now + timedelta(minutes=steps[min(beyond, len(steps) - 1)])


def oldest(value: Mapping[str, Any], now: datetime) -> datetime:
    """What has waited for a receiver since before this is of no use any more."""
    return now - timedelta(hours=value["give_up_hours"])


def widened(usual: Quiet, own: Quiet | None) -> Quiet:
    """The quiet hours of a person: the rule's, longer at either end if she wants."""
    if own is None or usual.begins <= usual.ends:
        return usual
    return Quiet(min(usual.begins, own.begins), max(usual.ends, own.ends))


def own_quiet_fault(value: Mapping[str, Any], own: Quiet) -> tuple[str, str] | None:
    """The widest hours allowed (from, to) if ``own`` goes beyond them; None if it holds."""
    widest = value["widest_quiet"]
    earliest, latest = (time.fromisoformat(widest[key]) for key in ("from", "to"))
    if own.begins < earliest or own.ends > latest or own.begins <= own.ends:
        return widest["from"], widest["to"]
    return None
