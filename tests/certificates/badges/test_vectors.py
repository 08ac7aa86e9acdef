"""W3C's test vectors for ``eddsa-rdfc-2022``, and the published forms of keys and lists."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from certificates.badges import bitstring, contexts, integrity
from certificates.badges.integrity import check, digests, options, secured
from certificates.badges.multikey import base58, from_base58, from_multikey, multikey
from certificates.badges.strict import Refused

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text(encoding="utf-8"))
SIGNED = VECTORS["signed"]
CREATED = datetime(2023, 2, 24, 23, 36, 38, tzinfo=UTC)


def load(url, wanted=None):
    if url == "https://www.w3.org/ns/credentials/examples/v2":
        return {"contextUrl": None, "documentUrl": url, "document": VECTORS["examples_context"]}
    return contexts.load(url, wanted)


@pytest.fixture
def examples_allowed(monkeypatch):
    monkeypatch.setattr(integrity, "_ACCEPTED", (SIGNED["@context"],))
    monkeypatch.setattr(contexts, "load", load)
    monkeypatch.setattr(integrity.digests, "__defaults__", (load,))


def test_the_vector_is_made_byte_for_byte():
    bare = {name: value for name, value in SIGNED.items() if name != "proof"}
    proof = options(SIGNED["proof"]["verificationMethod"], CREATED)
    message = digests(bare, proof, load)
    assert message.hex() == VECTORS["combined"]
    secret = from_base58(VECTORS["private"])
    assert secret[:2] == b"\x80\x26"
    private = Ed25519PrivateKey.from_private_bytes(secret[2:])
    assert multikey(private.public_key()) == VECTORS["public"]
    assert secured(bare, proof, private.sign(message)) == SIGNED


@pytest.mark.usefixtures("examples_allowed")
def test_the_vector_is_accepted_and_any_change_to_it_refused():
    def keys(method):
        return from_multikey(method.partition("#")[2])

    check(SIGNED, keys)
    for name in ("name", "validFrom", "issuer"):
        with pytest.raises(Refused):
            check(SIGNED | {name: SIGNED[name] + "1"}, keys)
    with pytest.raises(Refused):
        check(SIGNED | {"proof": SIGNED["proof"] | {"created": "2023-02-24T23:36:39Z"}}, keys)


@given(st.binary(max_size=70))
def test_base58_comes_back(data):
    assert from_base58(base58(data)) == data


@given(st.sets(st.integers(0, bitstring.ENTRIES - 1), max_size=20))
def test_a_status_list_says_what_was_set_and_nothing_else(places):
    bits = bitstring.decode(bitstring.encode(places))
    assert len(bits) * 8 == 131_072
    assert all(bitstring.is_set(bits, place) for place in places)
    assert sum(byte.bit_count() for byte in bits) == len(places)


def test_place_0_is_the_leftmost_bit():
    assert bitstring.decode(bitstring.encode([0]))[0] == 0b1000_0000
    assert bitstring.decode(bitstring.encode([9]))[1] == 0b0100_0000


@pytest.mark.parametrize("text", ["", "z123", "u", "uAAAA", bitstring.encode([1])[:-4]])
def test_what_is_no_list_is_refused(text):
    with pytest.raises(Refused):
        bitstring.decode(text)


def test_a_short_list_is_refused_and_a_place_beyond_the_end(monkeypatch):
    bits = bitstring.decode(bitstring.encode([5]))
    with pytest.raises(Refused):
        bitstring.is_set(bits, 131_072)
    monkeypatch.setattr(bitstring, "ENTRIES", 1024)
    short = bitstring.encode([5])
    monkeypatch.undo()
    with pytest.raises(Refused):
        bitstring.decode(short)


def test_no_context_is_ever_fetched():
    for url in ("https://www.w3.org/2018/credentials/v1", "file:///etc/passwd"):
        with pytest.raises(contexts.JsonLdError):
            contexts.load(url)


def test_another_file_under_a_contexts_name_is_noticed(monkeypatch):
    name, _digest = contexts._FILES[contexts.CREDENTIALS]
    monkeypatch.setitem(contexts._FILES, contexts.CREDENTIALS, (name, "0" * 64))
    contexts.context.cache_clear()
    with pytest.raises(RuntimeError):
        contexts.context(contexts.CREDENTIALS)
