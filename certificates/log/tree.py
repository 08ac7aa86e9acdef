"""Merkle trees as in RFC 6962 and RFC 9162; plain values in and out.

A tree of ``size`` leaves is kept as its complete subtrees: ``(level, index)`` names the one over
the leaves ``index << level`` up to ``(index + 1) << level``. Whatever a proof needs is a run of
leaves, and every run is folded from a few of those subtrees.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

#: The root of a tree without leaves.
EMPTY = sha256(b"").digest()
Place = tuple[int, int]
Run = tuple[int, int]


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two subtrees."""
    return sha256(b"\x01" + left + right).digest()


def places_of(run: Run) -> list[Place]:
    """The complete subtrees that a run of leaves is folded from, left to right."""
    start, end = run
    places = []
    while start < end:
        level = (end - start).bit_length() - 1
        places.append((level, start >> level))
        start += 1 << level
    return places


def folded(run: Run, held: Mapping[Place, bytes]) -> bytes:
    """The hash over a run of leaves. Raises KeyError for a subtree that is not held."""
    hashes = [held[place] for place in places_of(run)]
    if not hashes:
        return EMPTY
    right = hashes.pop()
    while hashes:
        right = node_hash(hashes.pop(), right)
    return right


def path_runs(index: int, size: int) -> list[Run]:
    """The runs whose hashes prove that leaf ``index`` is in a tree, from the leaf upward."""
    runs: list[Run] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            runs.append((middle, end))
            end = middle
        else:
            runs.append((start, middle))
            start = middle
    return runs[::-1]


def consistency_runs(first: int, second: int) -> list[Run]:
    """The runs whose hashes prove that the tree of ``first`` leaves begins that of ``second``."""
    if not 0 < first < second:
        return []
    runs: list[Run] = []
    start, end, whole = 0, second, True
    while first - start != end - start:
        middle = start + _split(end - start)
        if first <= middle:
            runs.append((middle, end))
            end = middle
        else:
            runs.append((start, middle))
            start, whole = middle, False
    return ([] if whole else [(start, end)]) + runs[::-1]


def _split(size: int) -> int:
    """The largest power of two below ``size``."""
    return 1 << (size - 1).bit_length() - 1


def is_included(
    leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes
) -> bool:  # fmt: skip
    """RFC 9162, 2.1.3.2: does ``path`` lead from the leaf's hash to the root?"""
    if not 0 <= index < size:
        return False
    here, last, reached = index, size - 1, leaf
    for step in path:
        if last == 0:
            return False
        if here & 1 or here == last:
            reached = node_hash(step, reached)
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            reached = node_hash(reached, step)
        here, last = here >> 1, last >> 1
    return last == 0 and reached == root


def is_consistent(
    sizes: tuple[int, int], roots: tuple[bytes, bytes], path: Sequence[bytes]
) -> bool:
    """RFC 9162, 2.1.4.2: is the first tree the beginning of the second?"""
    (first, second), (old, new) = sizes, roots
    if not 0 < first <= second:
        return first == 0 <= second and not path and old == EMPTY
    if first == second:
        return not path and old == new
    steps = [old, *path] if first & (first - 1) == 0 else list(path)
    if not steps:
        return False
    here, last = first - 1, second - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    reached_old = reached_new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if here & 1 or here == last:
            reached_old, reached_new = node_hash(step, reached_old), node_hash(step, reached_new)
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            reached_new = node_hash(reached_new, step)
        here, last = here >> 1, last >> 1
    return last == 0 and (reached_old, reached_new) == (old, new)


@dataclass(slots=True)
class Growing:
    """A tree to which leaves are appended; ``peaks`` are its complete subtrees, left to right."""

    size: int = 0
    peaks: list[tuple[Place, bytes]] = field(default_factory=list)

    @classmethod
    def of(cls, size: int, held: Mapping[Place, bytes]) -> "Growing":
        """The tree of ``size`` leaves. Raises KeyError for a subtree that is not held."""
        return cls(size, [(place, held[place]) for place in places_of((0, size))])

    def append(self, leaf: bytes) -> list[tuple[Place, bytes]]:
        """Add the hash of a leaf; every subtree it completes, itself first."""
        place, reached = (0, self.size), leaf
        made = [(place, reached)]
        while self.peaks and self.peaks[-1][0][0] == place[0]:
            _place, left = self.peaks.pop()
            place, reached = (place[0] + 1, place[1] >> 1), node_hash(left, reached)
            made.append((place, reached))
        self.peaks.append((place, reached))
        self.size += 1
        return made

    @property
    def root(self) -> bytes:
        """The hash over all leaves."""
        return folded((0, self.size), dict(self.peaks))


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over hashes of leaves, worked out from nothing."""
    tree = Growing()
    for leaf in leaves:
        tree.append(leaf)
    return tree.root
