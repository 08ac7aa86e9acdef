"""Credentials of certificates: what strangers and holders get, and where the statuses stand."""

from __future__ import annotations

import dataclasses
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from click.testing import CliRunner
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from certificates.badges import bitstring, places
from certificates.badges.baking import baked
from certificates.badges.checking import check
from certificates.badges.integrity import check as check_proof
from certificates.badges.keys import keys_in
from certificates.badges.models import BadgePlace
from certificates.badges.places import assign, places_of
from certificates.keeping.cli import keys as keys_command
from certificates.models import Certificate
from certificates.operations import correct, reinstate, revoke, suspend
from lms.core.access import SYSTEM
from lms.core.clock import now
from lms.core.db import session
from lms.core.signing import ring
from lms.core.uow import unit_of_work
from tests.certificates.badges.conftest import BASE, JWT
from tests.factories.certificates import NOW, course_request, issue_now, skill_request
from tests.factories.keys import rotate
from tests.site import Site
from tests.statements import count_statements

SECRET = ("王桂兰", "140105196803124046", "4046", "19680312")


def act(site, step, issued):
    with site.app.app_context(), unit_of_work():
        return step(issued.certificate_id, "成绩造假，查实", SYSTEM, NOW)


def status(fetched, issued, **headers):
    credential = fetched.credential(issued.code)
    text = fetched.text(f"/v/{issued.code}/credential", **headers)
    lists = fetched.lists(credential, **headers)
    checked = check(text, fetched.keys(credential), lists, now())
    return checked.status, checked.message


def test_a_stranger_reads_no_more_than_on_the_verification_page(still):
    fetched, skill, visitor = still.fetched, still.skill, still.fetched.client
    token = fetched.text(f"/v/{skill.code}/credential", **JWT)
    body = fetched.text(f"/v/{skill.code}/credential")
    page = visitor.get(f"/v/{skill.code}").text
    for secret in SECRET:
        assert secret not in body
    credential = json.loads(body)
    assert "salt" not in body
    said = {
        line["identityType"]: line["identityHash"]
        for line in credential["credentialSubject"]["identifier"]
    }
    assert said["ext:maskedName"] == "王*兰"
    assert said["ext:maskedName"] in page
    assert said["ext:maskedNationalIdentityNumber"] in page
    assert said["ext:sealedIdentityCommitment"] == commitment_of(fetched, skill)
    assert credential["issuer"]["name"] in page
    assert credential["credentialSubject"]["licenseNumber"] == skill.number
    assert status(fetched, skill, **JWT) == ("valid", "")
    assert token.count(".") == 2


def document_path(issued):
    return f"/certificates/{issued.code}/badge.json"


def commitment_of(fetched, issued):
    with fetched.client.application.app_context():
        row = session().get(Certificate, issued.certificate_id)
        return json.loads(row.facts)["holder"]["id_commitment"]


def test_only_the_holder_gets_hers_with_her_name(still, cast):
    fetched, skill, mine = still.fetched, still.skill, still.browser(cast.wang)
    document = json.loads(mine.get(document_path(skill)).text)
    named = document["credentialSubject"]["identifier"][0]
    assert (named["identityType"], named["identityHash"]) == ("name", "王桂兰")
    assert "140105196803124046" not in json.dumps(document)
    check_proof(document, fetched.keys(document))
    picture = mine.get(f"/certificates/{skill.code}/badge.png")
    assert picture.mimetype == "image/png"
    assert f"{skill.number}-badge.png" in picture.headers["Content-Disposition"]
    assert json.loads(baked(picture.data))["id"] == document["id"]
    token = mine.get(f"/certificates/{skill.code}/badge.jwt")
    assert token.mimetype == "application/vc+jwt"
    assert "no-store" in token.headers["Cache-Control"]
    for stranger in (cast.zhao, cast.zhou, cast.county, cast.admin):
        assert still.browser(stranger).get(document_path(skill)).status_code == 404
    page = mine.get(f"/certificates/{skill.code}").text
    assert f"/certificates/{skill.code}/badge.png" in page


def test_what_is_asked_for_is_given_and_named(still):
    skill, visitor = still.skill, still.fetched.client
    path = f"/v/{skill.code}/credential"
    for wanted, given in (
        ("", "application/vc"),
        ("application/ld+json", "application/ld+json"),
        ("application/json", "application/json"),
        ("application/vc+jwt", "application/vc+jwt"),
        ("application/jwt", "application/jwt"),
    ):
        answer = visitor.get(path, headers={"Accept": wanted} if wanted else {})
        assert answer.mimetype == given
        assert "Accept" in answer.headers["Vary"]
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Set-Cookie" not in answer.headers
    assert visitor.get(f"{path}?form=jwt").mimetype == "application/vc+jwt"
    answer = visitor.get(f"/v/{skill.code}", headers={"Accept": "application/json"})
    assert answer.json["credential"] == BASE + path
    assert path in visitor.get(f"/v/{skill.code}").text


def test_what_is_absent_or_damaged_gives_no_credential(site, skill, visitor):
    assert visitor.get(f"/v/{'0' * 26}/credential").status_code == 404
    assert visitor.get("/issuers/1/did.json").status_code == 404
    assert visitor.get("/issuers/3/status/revocation/1").status_code == 404
    assert visitor.get("/issuers/3/status/other/0").status_code == 404
    with site.app.app_context(), unit_of_work():
        connection = session().connection()
        if connection.dialect.name == "sqlite":
            connection.execute(text("DROP TRIGGER certificate_frozen_update"))
        else:
            connection.execute(text("DROP TRIGGER certificate_frozen_update ON certificate"))
        connection.execute(text("UPDATE certificate SET holder_name = '别人'"))
    assert visitor.get(f"/v/{skill.code}/credential").status_code == 409


def test_the_lists_follow_the_events(site, fetched, skill, course):
    assert status(fetched, skill) == ("valid", "")
    act(site, suspend, skill)
    assert status(fetched, skill) == ("suspended", "")
    act(site, reinstate, skill)
    assert status(fetched, skill) == ("valid", "")
    act(site, revoke, skill)
    assert status(fetched, skill) == ("revoked", "")
    assert status(fetched, course) == ("valid", "")
    act(site, correct, course)
    assert status(fetched, course) == ("revoked", "已更正，请以新证书为准")


def test_the_lists_read_events_and_not_the_projected_status(site, fetched, skill):
    act(site, revoke, skill)
    with site.app.app_context(), unit_of_work():
        session().execute(text("UPDATE certificate SET status = 'valid'"))
    assert status(fetched, skill) == ("revoked", "")


def test_a_list_may_be_kept_for_minutes_and_says_so(still):
    fetched, skill, visitor = still.fetched, still.skill, still.fetched.client
    entry = fetched.credential(skill.code)["credentialStatus"][0]
    address = entry["statusListCredential"].removeprefix(BASE)
    answer = visitor.get(address)
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    body = json.loads(answer.text)
    with time_machine.travel(now() + timedelta(minutes=2)):
        later = json.loads(visitor.get(address).text)
    assert later["validFrom"] > body["validFrom"]
    assert body["credentialSubject"]["ttl"] == 300_000
    assert body["validUntil"] > body["validFrom"]
    bits = bitstring.decode(body["credentialSubject"]["encodedList"])
    assert len(bits) * 8 >= 131_072


def test_every_key_of_the_ring_stays_in_the_documents(site, fetched, skill, settings):
    old = fetched.credential(skill.code)
    kid = rotate(site.app)
    document = fetched.did(old["issuer"]["id"])
    assert len(document["verificationMethod"]) == len(document["assertionMethod"]) == 2
    assert document["id"] == "did:web:cert.example.cn:issuers:3"
    assert fetched.did("did:web:cert.example.cn")["id"] == "did:web:cert.example.cn"
    new = fetched.credential(skill.code)
    assert new["proof"]["verificationMethod"] == f"{document['id']}#{kid}"
    for credential in (old, new):
        check_proof(credential, keys_in({document["id"]: document}))


def test_a_site_with_a_port_and_a_path_has_its_did(settings, cast):
    with Site.open(dataclasses.replace(settings, base_url="http://127.0.0.1:8143/lms")) as opened:
        with opened.app.app_context():
            issued = issue_now(skill_request(cast.wang, cast.base))
        found = json.loads(opened.app.test_client().get(f"/v/{issued.code}/credential").text)
    assert found["issuer"]["id"] == "did:web:127.0.0.1%3A8143:lms:issuers:3"
    assert found["id"] == f"http://127.0.0.1:8143/lms/v/{issued.code}/credential"


def test_a_place_is_drawn_at_issue_and_kept_for_ever(app, cast):
    first = issue_now(skill_request(cast.wang, cast.base)).certificate_id
    second = issue_now(course_request(cast.wang, cast.base)).certificate_id
    before = places_of([first, second])
    assert before[first] != before[second]
    with unit_of_work():
        assign([first, second])
    assert places_of([first, second]) == before
    with pytest.raises(DatabaseError), unit_of_work():
        session().execute(text("UPDATE badge_place SET place = 5"))


def test_places_never_collide_even_when_few_are_left(app, cast, monkeypatch):
    monkeypatch.setattr(places, "ENTRIES", 6)
    ids = [issue_now(course_request(cast.wang, cast.base)).certificate_id for _ in range(5)]
    held = session().execute(select(BadgePlace.list_number, BadgePlace.place)).all()
    assert len(set(held)) == len(ids) == 5
    assert {place for _number, place in held} < set(range(6))


def test_a_full_list_is_followed_by_the_next(app, cast, monkeypatch):
    monkeypatch.setattr(places, "PER_LIST", 2)
    ids = [issue_now(course_request(cast.wang, cast.base)).certificate_id for _ in range(3)]
    numbers = {id_: place.list_number for id_, place in places_of(ids).items()}
    assert numbers == {id_: (id_ - 1) // 2 for id_ in ids}


def test_certificates_from_before_get_one_place_when_first_asked(site, skill):
    with site.app.app_context(), unit_of_work():
        connection = session().connection()
        triggers = {
            "sqlite": ["DROP TRIGGER badge_place_no_delete"],
            "postgresql": ["DROP TRIGGER badge_place_append_only ON badge_place"],
        }
        for statement in triggers[connection.dialect.name]:
            connection.execute(text(statement))
        connection.execute(text("DELETE FROM badge_place"))
    together = threading.Barrier(4)

    def ask(_nth):
        together.wait()
        return json.loads(site.app.test_client().get(f"/v/{skill.code}/credential").text)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(ask, range(4)))
    given = {answer["credentialStatus"][0]["statusListIndex"] for answer in answers}
    with site.app.app_context():
        assert given == {str(places_of([skill.certificate_id])[skill.certificate_id].place)}
    assert site.app.extensions["checks"].flush() == 4  # fetching a credential is a check


def test_a_list_takes_as_many_statements_for_many_as_for_one(site, cast, skill, visitor):
    address = "/issuers/3/status/revocation/0"
    with count_statements() as few:
        visitor.get(address)
    with site.app.app_context():
        for _ in range(4):
            issued = issue_now(course_request(cast.zhao, cast.base))
            act(site, revoke, issued)
    with count_statements() as many:
        visitor.get(address)
    with count_statements() as none:
        visitor.get(address)
    selects = [[line for line in seen if line.startswith("SELECT")] for seen in (few, many, none)]
    assert [len(lines) for lines in selects] == [3, 3, 1]


def test_no_good_key_vouches_for_what_a_stolen_one_sealed(site, fetched, cast, visitor):
    with site.app.app_context():
        before = issue_now(skill_request(cast.wang, cast.base))
        theft = now() + timedelta(seconds=1)
        late = theft + timedelta(hours=1)
        after = issue_now(skill_request(cast.zhao, cast.base), now=late)
        stolen = ring().current
        since = theft.strftime("%Y-%m-%d %H:%M:%S")
        for arguments in (["rotate"], ["compromised", stolen, "--since", since]):
            assert CliRunner().invoke(keys_command, arguments).exit_code == 0
    assert visitor.get(f"/v/{after.code}/credential").status_code == 409
    assert stolen not in json.dumps(fetched.did("did:web:cert.example.cn:issuers:3"))
    assert status(fetched, before) == ("valid", "")
