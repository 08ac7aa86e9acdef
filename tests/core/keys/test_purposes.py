"""Nothing is signed but what is on the list, and no signature passes for another purpose."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.core.keys.purposes import LARGEST, PURPOSES, BadPurpose, signed_bytes

OURS = sorted(name for name, purpose in PURPOSES.items() if purpose.form is None)
PUBLISHED = sorted(set(PURPOSES) - set(OURS))
CHECKPOINT = b"training.example.cn/log\n42\nqINS1GRFhWHwdkUeqLEoP4yEMkTBBzxBkGwGQlVlVcs=\n"
SUCCESSOR = b"example.cn/log\nlog successor\nexample.cn/log+0a1b2c3d+" + b"A" * 44 + b"\n"


def jwt(header: object) -> bytes:
    return urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=") + b".e30"


@pytest.mark.parametrize(
    ("purpose", "message"),
    [
        ("checkpoint", CHECKPOINT),
        ("log-successor", SUCCESSOR),
        ("data-integrity", bytes(64)),
        ("jwt", jwt({"alg": "EdDSA"})),
    ],
)
def test_published_forms_are_signed_as_they_are(purpose, message):
    assert signed_bytes(purpose, message) == message


@pytest.mark.parametrize(
    ("purpose", "message"),
    [
        ("lms.anything/1", b"x"),
        ("", b""),
        ("checkpoint", CHECKPOINT + b"more\n"),
        ("checkpoint", CHECKPOINT.replace(b"42", b"042")),
        ("checkpoint", SUCCESSOR),
        ("log-successor", CHECKPOINT),
        ("log-successor", SUCCESSOR.replace(b"cn/log+", b"com/log+")),
        ("data-integrity", bytes(63)),
        ("data-integrity", b"lms.certificate/1\n".ljust(64, b"x")),
        ("jwt", jwt({"alg": "none"})),
        ("jwt", jwt(["EdDSA"])),
        ("jwt", b"!.e30"),
        ("jwt", b"lms.certificate/1"),
        ("lms.certificate/1", bytes(LARGEST + 1)),
    ],
)
def test_other_forms_and_purposes_are_refused(purpose, message):
    with pytest.raises(BadPurpose):
        signed_bytes(purpose, message)


@given(st.binary(max_size=80), st.binary(max_size=80), st.sampled_from(OURS), st.data())
def test_two_purposes_never_sign_the_same_bytes(one, two, purpose, data):
    other = data.draw(st.sampled_from([name for name in PURPOSES if name != purpose]))
    try:
        said = signed_bytes(other, two)
    except BadPurpose:
        return
    assert signed_bytes(purpose, one) != said


@given(st.binary(max_size=40), st.sampled_from(OURS), st.sampled_from(PUBLISHED))
def test_our_bytes_are_never_taken_for_a_published_form(message, ours, published):
    with pytest.raises(BadPurpose):
        signed_bytes(published, signed_bytes(ours, message))
