"""What corrected keys do to marks; plain values in and out, marks in tenths."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

WAYS = ("key", "full", "void")


@dataclass(frozen=True, slots=True)
class Corrected:
    """A correction in force for one question of an event."""

    way: str
    key: Mapping[str, Any] = field(default_factory=dict)


def void_share(tenths: int, got: int, most: int) -> int:
    """What a question that does not count adds: as large a share of its marks as the candidate
    has of all others (a half rounded up), so that the paper is worth 100 as before."""
    return (2 * tenths * got + most) // (2 * most) if most else tenths


def void_marks(voided: Mapping[int, int], given: Mapping[int, tuple[int, int]]) -> dict[int, int]:
    """Slot → tenths for voided slots (slot → most), from the others' (slot → tenths, most)."""
    got = sum(tenths for tenths, _most in given.values())
    most = sum(most for _tenths, most in given.values())
    return {slot: void_share(tenths, got, most) for slot, tenths in voided.items()}
