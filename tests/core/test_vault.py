"""Sealed values open in their own place only, and any changed byte is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.core.vault import VaultError, load_vault


@pytest.fixture(scope="module")
def vault(tmp_path_factory):
    return load_vault(tmp_path_factory.mktemp("keys"))


@given(st.text())
def test_what_is_sealed_opens_again(vault, text):
    assert vault.open_text(vault.seal(text, "person.id:a"), "person.id:a") == text


def test_a_value_moved_to_another_row_does_not_open(vault):
    with pytest.raises(VaultError):
        vault.open(vault.seal("140105196803124046", "person.id:a"), "person.id:b")


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_a_flipped_byte_is_refused(vault, place, change):
    sealed = bytearray(vault.seal("13800000001", "x"))
    sealed[place % len(sealed)] ^= change
    with pytest.raises(VaultError):
        vault.open(bytes(sealed), "x")


def test_the_same_value_seals_differently_and_hashes_alike(vault):
    assert vault.seal("a", "x") != vault.seal("a", "x")
    assert vault.blind("a", "id") == vault.blind("a", "id") != vault.blind("a", "phone")


def test_the_ring_survives_a_restart(tmp_path):
    sealed = load_vault(tmp_path).seal("a", "x")
    assert load_vault(tmp_path).open_text(sealed, "x") == "a"
