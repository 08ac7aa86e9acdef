"""The tree against the definitions of RFC 6962 and against published vectors."""

from base64 import b64decode, b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from certificates.log import notes, tiles, tree

#: The eight leaves of the Certificate Transparency test vectors, and their roots.
LEAVES = [
    tree.leaf_hash(bytes.fromhex(leaf))
    for leaf in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}
SIZES = st.integers(1, 130)


def mth(leaves):
    """RFC 6962, 2.1, word for word."""
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return tree.node_hash(mth(leaves[:k]), mth(leaves[k:]))


def grown(size):
    held, growing = {}, tree.Growing()
    leaves = [tree.leaf_hash(f"leaf {n}".encode()) for n in range(size)]
    for leaf in leaves:
        held |= dict(growing.append(leaf))
    return leaves, held, growing


@pytest.mark.parametrize("size", ROOTS)
def test_roots_of_the_published_leaves(size):
    assert tree.root_of(LEAVES[:size]).hex() == ROOTS[size]


@given(SIZES)
def test_the_root_is_the_one_the_definition_gives(size):
    leaves, held, growing = grown(size)
    assert growing.root == mth(leaves) == tree.folded((0, size), held)
    assert tree.Growing.of(size, held).root == growing.root


@given(st.data())
def test_every_leaf_is_proved_and_no_other_in_its_place(data):
    size = data.draw(SIZES)
    index = data.draw(st.integers(0, size - 1))
    leaves, held, growing = grown(size)
    path = [tree.folded(run, held) for run in tree.path_runs(index, size)]
    assert tree.is_included(leaves[index], index, size, path, growing.root)
    other = data.draw(st.integers(0, size).filter(lambda n: n != index))
    assert not tree.is_included(leaves[index], other, size, path, growing.root)
    assert not tree.is_included(tree.leaf_hash(b"x"), index, size, path, growing.root)
    assert not tree.is_included(leaves[index], index, size, [*path, growing.root], growing.root)
    for n in range(len(path)):
        bent = [*path[:n], bytes(32), *path[n + 1 :]]
        assert not tree.is_included(leaves[index], index, size, bent, growing.root)


@given(st.data())
def test_a_grown_tree_is_proved_and_a_changed_one_is_not(data):
    second = data.draw(SIZES)
    first = data.draw(st.integers(1, second))
    leaves, held, growing = grown(second)
    old, new = tree.root_of(leaves[:first]), growing.root
    path = [tree.folded(run, held) for run in tree.consistency_runs(first, second)]
    assert tree.is_consistent((first, second), (old, new), path)
    forged = list(leaves)
    forged[data.draw(st.integers(0, first - 1))] = tree.leaf_hash(b"forged")
    assert not tree.is_consistent((first, second), (old, tree.root_of(forged)), path)
    assert not tree.is_consistent((first, second), (bytes(32), new), path)
    for n in range(len(path)):
        bent = [*path[:n], bytes(32), *path[n + 1 :]]
        assert not tree.is_consistent((first, second), (old, new), bent)


def test_nothing_is_consistent_with_a_larger_past():
    assert not tree.is_consistent((3, 2), (LEAVES[0], LEAVES[1]), [])
    assert tree.is_consistent((0, 5), (tree.EMPTY, LEAVES[0]), [])


def test_a_published_signed_note_opens_with_its_published_key():
    known = notes.verifier("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    text = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n"
    )
    data = b64decode(
        "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    )
    assert data[:4] == known.hash
    known.key.verify(data[4:], text.encode())


KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
CHECKPOINT = notes.Checkpoint("training.example.cn/log", 42, tree.leaf_hash(b"root"))
KNOWN = notes.Verifier(CHECKPOINT.origin, KEY.public_key())


def test_a_checkpoint_survives_its_note():
    assert (
        notes.opened(notes.signed_text(CHECKPOINT.text, [(KNOWN, KEY.sign)]), KNOWN) == CHECKPOINT
    )
    assert notes.verifier(KNOWN.text).text == KNOWN.text


@given(st.data())
def test_no_changed_byte_of_a_note_is_believed(data):
    note = notes.signed_text(CHECKPOINT.text, [(KNOWN, KEY.sign)])
    place = data.draw(st.integers(0, len(note) - 1))
    letter = data.draw(st.characters(min_codepoint=10, max_codepoint=126))
    bent = note[:place] + letter + note[place + 1 :]
    try:
        read = notes.opened(bent, KNOWN)
    except notes.BadNote:
        return
    assert read == CHECKPOINT  # only the unread last bits of the base64 may differ


def test_a_key_of_another_name_or_with_another_hash_is_no_key():
    name, named, key = KNOWN.text.split("+", 2)
    for text in (
        f"other+{named}+{key}",
        f"{name}+00000000+{key}",
        name,
        "",
        b64encode(b"x").decode(),
    ):
        with pytest.raises(notes.BadNote):
            notes.verifier(text)


@pytest.mark.parametrize(
    ("name", "number", "width"),
    [
        ("000", 0, 256),
        ("067", 67, 256),
        ("x001/x234/067", 1_234_067, 256),
        ("x001/000.p/12", 1000, 12),
    ],
)
def test_names_of_tiles(name, number, width):
    assert tiles.named(name) == tiles.Named(number, width)
    assert tiles.name_of(tiles.Named(number, width)) == name


@pytest.mark.parametrize(
    "name",
    ["", "0", "67", "x000/001", "1000", "000.p/0", "000.p/256", "000.p/012", "../000", "x1/000"],
)
def test_what_is_no_name_of_a_tile(name):
    assert tiles.named(name) is None
