"""Bytes are canonical: one value, one byte string."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.core.signing import canonical

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
