"""Reads of the log: checkpoints, proofs, and whether a certificate's events are all in it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select, tuple_

from certificates.log import tree
from certificates.log.leaves import Happened, leaf_text
from certificates.log.models import LogCheckpoint, LogLeaf, LogNode
from lms.core.db import session


@dataclass(frozen=True, slots=True)
class Proof:
    """That a leaf is under a signed root; ``path`` as in RFC 6962."""

    place: int
    data: str
    note: str
    size: int
    path: tuple[bytes, ...]


def newest_checkpoint() -> LogCheckpoint | None:
    """The largest tree that was signed."""
    return session().scalar(select(LogCheckpoint).order_by(LogCheckpoint.size.desc()).limit(1))


def nodes_at(places: Collection[tree.Place]) -> dict[tree.Place, bytes]:
    """The hashes of these subtrees; one statement, none for none."""
    if not places:
        return {}
    query = select(LogNode.level, LogNode.place, LogNode.hash).where(
        tuple_(LogNode.level, LogNode.place).in_(list(places))
    )
    return {(row.level, row.place): row.hash for row in session().execute(query)}


def hashes_of(runs: Sequence[tree.Run]) -> tuple[bytes, ...]:
    """The hashes over these runs of leaves; one statement."""
    held = nodes_at({place for run in runs for place in tree.places_of(run)})
    return tuple(tree.folded(run, held) for run in runs)


def inclusion(place: int, size: int) -> tuple[bytes, ...]:
    """The audit path of a leaf in the tree of ``size`` leaves."""
    return hashes_of(tree.path_runs(place, size))


def consistency(first: int, second: int) -> tuple[bytes, ...]:
    """The proof that the tree of ``first`` leaves begins that of ``second``."""
    return hashes_of(tree.consistency_runs(first, second))


def place_of(leaf_hash: bytes) -> int | None:
    """Where the leaf with this hash stands."""
    return session().scalar(
        select(LogNode.place).where(LogNode.level == 0, LogNode.hash == leaf_hash)
    )


def leaves_of(certificate_id: int) -> list[tuple[int, str]]:
    """(place, data) of the leaves of a certificate, oldest first."""
    query = select(LogLeaf.place, LogLeaf.data).where(LogLeaf.certificate_id == certificate_id)
    return [(row.place, row.data) for row in session().execute(query.order_by(LogLeaf.place))]


@dataclass(frozen=True, slots=True)
class Logged:
    """How a certificate stands in the log: ``intact`` is False as soon as its events and their
    leaves differ; ``proof`` is None while nothing of it is in the log yet."""

    intact: bool
    proof: Proof | None = None


def logged(certificate_id: int, happened: Sequence[Happened]) -> Logged:
    """Compare the events of a certificate with its leaves, and prove the newest; three statements.

    Events that came in bulk may wait for their place; a leaf without its event, or with another
    one, is a register that was changed.
    """
    leaves = leaves_of(certificate_id)
    if len(leaves) > len(happened):
        return Logged(False)
    said = [leaf_text(event) for event in happened[: len(leaves)]]
    if said != [data for _place, data in leaves]:
        return Logged(False)
    if not leaves:
        return Logged(True)
    return _proved(*leaves[-1])


def intact_of(happened: Mapping[int, Sequence[Happened]]) -> dict[int, bool]:
    """For many certificates, whether ``logged`` would call each intact; three statements."""
    leaves: dict[int, list[tuple[int, str]]] = {key: [] for key in happened}
    query = select(LogLeaf.certificate_id, LogLeaf.place, LogLeaf.data)
    mine = query.where(LogLeaf.certificate_id.in_(list(happened))).order_by(LogLeaf.place)
    for row in session().execute(mine):
        leaves[row.certificate_id].append((row.place, row.data))
    checkpoint = newest_checkpoint()
    size, root = (checkpoint.size, checkpoint.root) if checkpoint else (0, tree.EMPTY)
    newest = {key: mine[-1] for key, mine in leaves.items() if mine}
    within = [place for place, _data in newest.values() if place < size]
    runs = {place: [(place, place + 1), *tree.path_runs(place, size)] for place in within}
    held = nodes_at({at for some in runs.values() for run in some for at in tree.places_of(run)})
    return {
        key: _same(leaves[key], happened[key])
        and (key not in newest or _included(newest[key], runs, held, (size, root)))
        for key in happened
    }


def _same(leaves: Sequence[tuple[int, str]], happened: Sequence[Happened]) -> bool:
    return len(leaves) <= len(happened) and [data for _place, data in leaves] == [
        leaf_text(event) for event in happened[: len(leaves)]
    ]


def _included(
    newest: tuple[int, str],
    runs: Mapping[int, Sequence[tree.Run]],
    held: Mapping[tree.Place, bytes],
    signed: tuple[int, bytes],
) -> bool:
    place, data = newest
    try:
        leaf, *path = (tree.folded(run, held) for run in runs[place])
    except KeyError:
        return False
    known = tree.leaf_hash(data.encode())
    return leaf == known and tree.is_included(known, place, signed[0], path, signed[1])


def _proved(place: int, data: str) -> Logged:
    checkpoint = newest_checkpoint()
    if checkpoint is None or checkpoint.size <= place:
        return Logged(False)
    runs = [(place, place + 1), *tree.path_runs(place, checkpoint.size)]
    try:
        leaf, *path = hashes_of(runs)
    except KeyError:
        return Logged(False)
    known = tree.leaf_hash(data.encode())
    fits = leaf == known and tree.is_included(known, place, checkpoint.size, path, checkpoint.root)
    proof = Proof(place, data, checkpoint.note, checkpoint.size, tuple(path))
    return Logged(fits, proof if fits else None)
