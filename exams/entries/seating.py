"""Seats and the number of invigilators; plain values in and out."""

from collections.abc import Collection, Mapping, Sequence


def free_seats(
    rooms: Sequence[tuple[int, int]], taken: Mapping[int, Collection[int]]
) -> list[tuple[int, int]]:
    """(room, seat) still free, room by room in the order given, seats counted from 1."""
    return [
        (room_id, seat)
        for room_id, seats in rooms
        for seat in range(1, seats + 1)
        if seat not in taken.get(room_id, ())
    ]


def seat_everyone(
    waiting: Sequence[int], rooms: Sequence[tuple[int, int]], taken: Mapping[int, Collection[int]]
) -> dict[int, tuple[int, int]]:
    """A free seat for each who waits, first come first seated; whoever is left out stands."""
    return dict(zip(waiting, free_seats(rooms, taken), strict=False))


def invigilators_needed(candidates: int, each: int, least: int) -> int:
    """One for every ``each`` candidates, never fewer than ``least``; none for an empty room."""
    return max(least, -(-candidates // each)) if candidates else 0
