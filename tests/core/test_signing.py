"""Signatures hold for the very bytes, and old keys verify for ever."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.core.signing import add_key, canonical, load_ring

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(st.dictionaries(st.text(), values, max_size=5))
def test_the_order_of_fields_does_not_matter(value):
    assert canonical(value) == canonical(dict(reversed(value.items())))


def test_floats_have_no_canonical_form():
    with pytest.raises(TypeError):
        canonical({"a": [{"b": 0.1}]})


def test_another_message_does_not_verify(tmp_path):
    ring = load_ring(tmp_path)
    kid, signature = ring.sign(b"one")
    assert ring.verify(kid, signature, b"one")
    assert not ring.verify(kid, signature, b"two")
    assert not ring.verify("0" * 16, signature, b"one")


def test_a_rotated_key_still_verifies_and_the_new_one_signs(tmp_path):
    old, signature = load_ring(tmp_path).sign(b"one")
    add_key(tmp_path, 2)
    ring = load_ring(tmp_path)
    assert ring.current != old
    assert ring.verify(old, signature, b"one")
