"""Our own verifier: nothing that was changed verifies, and the reason is said."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from certificates.badges import bitstring
from certificates.badges.baking import KEYWORD, bake, baked, unbaked
from certificates.badges.checking import check
from certificates.badges.integrity import options, secured
from certificates.badges.strict import Refused, b64, from_b64, parse
from lms.core.clock import now
from tests.certificates.badges.conftest import JWT
from tests.certificates.badges.tampering import changed_leaves

UNHURRIED = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
PNG = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0:~\x9bU"
    b"\0\0\0\nIDATx\xdac\x60\0\0\0\x02\0\x01\xe5\x27\xde\xfc\0\0\0\0IEND\xaeB\x60\x82"
)
BYTES = st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 2), st.integers(0, 255))


def mutated(text: str, change: tuple[float, int, int]) -> bytes:
    """One byte replaced, inserted or left out."""
    where, how, byte = change
    data = text.encode()
    place = int(where * len(data))
    rest = data[place:] if how == 1 else data[place + 1 :]
    return data[:place] + (b"" if how == 2 else bytes([byte])) + rest


def said(data: bytes) -> object:
    """What a text says as JSON; None if it says nothing."""
    try:
        return parse(data.decode())
    except (Refused, UnicodeDecodeError):
        return None


def refused(text: str, keys, lists, moment: datetime | None = None) -> str:
    with pytest.raises(Refused) as caught:
        check(text, keys, lists, moment or now())
    return caught.value.reason


@pytest.fixture(scope="module")
def signed(still):
    fetched, code = still.fetched, still.course.code
    credential = fetched.credential(code)
    text = fetched.text(f"/v/{code}/credential")
    return text, fetched.keys(credential), fetched.lists(credential)


@pytest.fixture(scope="module")
def token(still):
    return still.fetched.text(f"/v/{still.course.code}/credential", **JWT)


@pytest.fixture(scope="module")
def tokens(still):
    return still.fetched.lists(still.fetched.credential(still.course.code), **JWT)


@UNHURRIED
@given(BYTES)
def test_a_credential_with_any_byte_changed_is_refused(signed, change):
    text, keys, lists = signed
    other = mutated(text, change)
    assume(said(other) != parse(text))
    refused(other.decode(errors="replace"), keys, lists)


def test_a_credential_with_any_field_changed_left_out_or_added_is_refused(signed):
    text, keys, lists = signed
    assert check(text, keys, lists, now()).status == "valid"
    for what, changed in changed_leaves(json.loads(text)):
        assert refused(json.dumps(changed), keys, lists), what


@UNHURRIED
@given(BYTES)
def test_a_token_with_any_byte_changed_is_refused(signed, token, change):
    _text, keys, _lists = signed
    other = mutated(token, change)
    assume(other.strip() != token.encode())
    refused(other.decode(errors="replace"), keys, {})


@UNHURRIED
@given(BYTES, st.booleans(), st.sampled_from(["revocation", "suspension"]))
def test_a_status_list_with_any_byte_changed_is_refused(signed, tokens, change, as_token, purpose):
    text, keys, proofs = signed
    lists = tokens if as_token else proofs
    address = next(address for address in lists if f"/{purpose}/" in address)
    other = mutated(lists[address], change)
    assume(other.strip() != lists[address].encode())
    assume(as_token or said(other) != parse(lists[address]))
    refused(text, keys, lists | {address: other.decode(errors="replace")})


def test_lists_cannot_be_exchanged_for_each_other(signed):
    text, keys, lists = signed
    addresses = sorted(lists)
    for address in addresses:
        for other in addresses:
            if other != address:
                mixed = lists | {address: lists[other]}
                if "message" not in address:
                    assert refused(text, keys, mixed) == "the status list is another one"


def test_signed_members_under_another_name_are_refused(signed):
    text, keys, lists = signed
    for old, new in (('"id":', '"@id":'), ('"type":', '"@type":'), ("3.0.3.json", "3.0.2.json")):
        refused(text.replace(old, new), keys, lists)
    doubled = text.replace('"licenseNumber":', '"licenseNumber":"1","licenseNumber":', 1)
    assert refused(doubled, keys, lists) == "not JSON"


def test_keys_of_others_and_unknown_keys_are_refused(signed):
    text, keys, lists = signed
    assert refused(text, lambda _method: None, lists) == "signed with a key nobody here knows"
    document = json.loads(text)
    document["issuer"]["id"] = "did:web:cert.example.cn:issuers:999"
    assert (
        refused(json.dumps(document), keys, lists) == "signed with a key that is not the issuer's"
    )


def test_another_algorithm_or_a_token_that_says_less_is_refused(signed, token, still):
    _text, keys, _lists = signed
    head, payload, signature = token.split(".")
    assert check(token, keys, {}, now()).number == still.course.number
    for changes in ({"alg": "none"}, {"typ": "JWT"}, {"crit": ["exp"]}):
        header = json.loads(from_b64(head)) | changes
        other = f"{b64(json.dumps(header).encode())}.{payload}.{signature}"
        assert refused(other, keys, {}) == "not a token of the accepted form"
    assert refused(f"{head}.{payload}.", keys, {}) == "the signature does not fit"
    assert refused(f"{head}.{payload}", keys, {}) == "not a signed token"


def test_an_old_list_proves_a_revocation_but_no_validity(signed):
    text, keys, lists = signed
    later = datetime(2027, 1, 1, tzinfo=UTC)
    checked = check(text, keys, lists, later)
    assert checked.status == "unknown"
    assert checked.status_as_of is not None
    assert check(text, keys, {}, now()).status_as_of is None
    assert check(text, keys, {}, now()).status == "unknown"


def test_periods_are_read_before_anything_is_said_to_be_valid(signed):
    text, keys, lists = signed
    assert check(text, keys, {}, datetime(2026, 11, 1, tzinfo=UTC)).status == "not-yet"
    assert check(text, keys, {}, datetime(2027, 11, 20, tzinfo=UTC)).status == "expired"
    assert refused(text, keys, lists, datetime(2026, 11, 21, tzinfo=UTC)) == (
        "the status list is from the future"
    )


def test_a_document_too_large_or_too_deep_is_refused_at_once():
    for text in ("{" + " " * 600_000 + "}", '{"a":' * 5000, "[1]", "{", "NaN", '{"a":NaN}'):
        refused(text, lambda _method: None, {})


@pytest.mark.parametrize("depth", [50, 300, 480, 900])
def test_a_deep_document_is_refused_and_never_breaks_the_reader(signed, depth):
    text, keys, lists = signed
    deep = '{"a":' * depth + "1" + "}" * depth
    refused(text.replace('"name":', f'"more":{deep},"name":', 1), keys, lists)
    refused(text.replace('"hashed":', f'"more":{deep},"hashed":', 1), keys, lists)
    refused(text.replace('"@context":', f'"more":{deep},"@context":', 1), keys, lists)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2)
    ),
    max_leaves=4,
)


@UNHURRIED
@given(st.floats(0, 1, exclude_max=True), JSON)
def test_a_member_replaced_by_anything_is_refused(signed, where, other):
    text, keys, lists = signed
    document = json.loads(text)
    holders = [document, document["proof"], document["issuer"], document["credentialSubject"]]
    members = [(holder, name) for holder in holders for name in holder]
    holder, name = members[int(where * len(members))]
    assume(json.dumps(other) != json.dumps(holder[name]))
    holder[name] = other
    refused(json.dumps(document), keys, lists)


def test_a_proof_over_other_bytes_is_refused(signed):
    text, keys, lists = signed
    document = json.loads(text)
    bare = {name: value for name, value in document.items() if name != "proof"}
    again = secured(bare, options(document["proof"]["verificationMethod"], now()), b"\1" * 64)
    assert refused(json.dumps(again), keys, lists) == "the signature does not fit"


def test_a_picture_gives_back_what_was_baked_and_itself():
    picture = bake(PNG, "凭证")
    assert baked(picture) == "凭证"
    assert unbaked(picture) == PNG
    assert bake(picture, "b").count(KEYWORD) == 1
    assert baked(PNG) is None
    twice = bake(PNG, "a")
    chunk = twice[twice.index(KEYWORD) - 8 : twice.rindex(b"IEND") - 4]
    assert baked(twice.replace(chunk, chunk * 2)) is None


@given(BYTES)
def test_a_baked_chunk_with_any_byte_changed_is_not_read(change):
    picture = bake(PNG, "a credential")
    start = picture.index(KEYWORD)
    end = picture.rindex(b"IEND") - 4
    where, _how, byte = change
    place = start + int(where * (end - start))
    assume(picture[place] != byte)
    assert baked(picture[:place] + bytes([byte]) + picture[place + 1 :]) is None


def test_no_two_places_are_the_same_bit():
    assert len({bitstring.encode([place]) for place in range(64)}) == 64
