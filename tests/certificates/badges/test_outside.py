"""Verifiers not written here accept our credentials and refuse whatever was changed."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable

import pytest
from openbadgeslib.baking import extract_png
from openbadgeslib.ob3 import OB3LdpVerifier, OB3Verifier
from openbadgeslib.ob3.verifier import OB3VerificationError

from certificates.operations import correct, reinstate, revoke, suspend
from lms.core.access import SYSTEM
from lms.core.uow import unit_of_work
from tests.certificates.badges.conftest import JWT
from tests.certificates.badges.tampering import changed_leaves
from tests.factories.certificates import NOW
from tests.factories.keys import rotate

SOON = "2026-12-01T00:00:00Z"


@pytest.fixture
def act(site):
    def run(step: Callable, issued) -> None:
        with site.app.app_context(), unit_of_work():
            step(issued.certificate_id, "成绩造假，查实", SYSTEM, NOW)

    return run


def test_digital_bazaar_accepts_ours(outside, still, cast):
    ours = [
        still.fetched.credential(one.code) for one in (still.skill, still.course, still.transcript)
    ]
    path = f"/certificates/{still.skill.code}/badge.json"
    ours.append(json.loads(still.browser(cast.wang).get(path).text))
    for credential in ours:
        said = outside.ask(credential, still.fetched.documents(credential), SOON)
        assert said == {"verified": True, "reason": "", "statusVerified": True, "set": []}


def test_digital_bazaar_reads_every_status(outside, fetched, skill, course, act):
    def bits(issued):
        credential = fetched.credential(issued.code)
        said = outside.ask(credential, fetched.documents(credential), SOON)
        assert said["verified"]
        assert said["statusVerified"]
        return said["set"]

    act(suspend, skill)
    assert bits(skill) == ["suspension"]
    act(reinstate, skill)
    assert bits(skill) == []
    act(revoke, skill)
    assert bits(skill) == ["revocation"]
    act(correct, course)
    assert bits(course) == ["revocation", "message"]


def test_digital_bazaar_refuses_whatever_was_changed(outside, still):
    fetched = still.fetched
    credential = fetched.credential(still.course.code)
    documents = fetched.documents(credential)
    assert outside.ask(credential, documents, SOON)["verified"]
    for what, changed in itertools.islice(changed_leaves(credential), 0, None, 2):
        assert not outside.ask(changed, documents, SOON)["verified"], what


def test_digital_bazaar_refuses_a_changed_status_list_and_a_strange_key(outside, still):
    fetched = still.fetched
    credential = fetched.credential(still.skill.code)
    documents = fetched.documents(credential)
    address = credential["credentialStatus"][0]["statusListCredential"]
    for what, changed in changed_leaves(documents[address]):
        said = outside.ask(credential, documents | {address: changed}, SOON)
        assert not said["statusVerified"], what
    issuer = credential["issuer"]["id"]
    strange = json.loads(json.dumps(documents[issuer]))
    method = strange["verificationMethod"][0]
    method["publicKeyMultibase"] = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
    assert not outside.ask(credential, documents | {issuer: strange}, SOON)["verified"]


def test_digital_bazaar_accepts_old_credentials_after_a_rotation(outside, site, fetched, skill):
    old = fetched.credential(skill.code)
    rotate(site.app)
    new = fetched.credential(skill.code)
    assert old["proof"]["verificationMethod"] != new["proof"]["verificationMethod"]
    for credential in (old, new):
        assert outside.ask(credential, fetched.documents(credential), SOON)["verified"]


def test_openbadgeslib_accepts_both_forms_with_their_status(fetched, skill, course, act):
    def download(address: str) -> bytes:
        return fetched.text(address, **JWT).encode()

    for issued in (skill, course):
        credential = fetched.credential(issued.code)
        did = credential["issuer"]["id"]
        by_proof = OB3LdpVerifier.for_issuer_did(did).verify(
            credential, check_status=True, download=download
        )
        token = fetched.text(f"/v/{issued.code}/credential", **JWT)
        by_token = OB3Verifier.for_issuer_did(did, download=download).verify(
            token, check_status=True, download=download
        )
        assert by_proof.id == by_token.id == credential["id"]
    act(suspend, skill)
    act(revoke, course)
    for issued in (skill, course):
        credential = fetched.credential(issued.code)
        verifier = OB3LdpVerifier.for_issuer_did(credential["issuer"]["id"])
        with pytest.raises(OB3VerificationError, match="is set at index"):
            verifier.verify(credential, check_status=True, download=download)


def test_openbadgeslib_refuses_whatever_was_changed(still):
    fetched, skill = still.fetched, still.skill

    def download(address: str) -> bytes:
        return fetched.text(address, **JWT).encode()

    credential = fetched.credential(skill.code)
    did = credential["issuer"]["id"]
    verifier = OB3LdpVerifier.for_issuer_did(did)
    for _what, changed in itertools.islice(changed_leaves(credential), 0, None, 11):
        with pytest.raises(OB3VerificationError):
            verifier.verify(changed, download=download)
    token = fetched.text(f"/v/{skill.code}/credential", **JWT)
    by_token = OB3Verifier.for_issuer_did(did, download=download)
    for place in range(0, len(token) - 1, 37):
        other = "A" if token[place] != "A" else "B"
        with pytest.raises(OB3VerificationError):
            by_token.verify(token[:place] + other + token[place + 1 :])


def test_openbadgeslib_reads_the_baked_picture(still, cast):
    skill = still.skill
    picture = still.browser(cast.wang).get(f"/certificates/{skill.code}/badge.png").data
    text = extract_png(picture, keyword=b"openbadgecredential")
    assert json.loads(text)["credentialSubject"]["licenseNumber"] == skill.number
