"""``lms verify`` with a credential: here with the register, elsewhere with saved files."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime

import pytest
import time_machine
from click.testing import CliRunner

from certificates.api import commands
from certificates.badges.export import signed
from certificates.operations import revoke, suspend
from lms.core.access import SYSTEM
from lms.core.clock import now
from lms.core.uow import unit_of_work
from tests.certificates.badges.conftest import BASE, JWT
from tests.factories.certificates import NOW

VERIFY = commands[0]


@pytest.fixture
def here(site):
    def run(*arguments):
        with site.app.app_context():
            return CliRunner().invoke(VERIFY, [str(argument) for argument in arguments])

    return run


def elsewhere(*arguments):
    """On a machine without this site: no application, no database."""
    return CliRunner().invoke(VERIFY, [str(argument) for argument in arguments])


@pytest.fixture
def saved(tmp_path, fetched, skill, sign_in, cast):
    """What somebody saved: the credential in its three forms, keys and lists."""
    credential = fetched.credential(skill.code)
    files = {
        "c.json": fetched.text(f"/v/{skill.code}/credential").encode(),
        "c.jwt": fetched.text(f"/v/{skill.code}/credential", **JWT).encode(),
        "did.json": json.dumps(fetched.did(credential["issuer"]["id"])).encode(),
        "c.png": sign_in(cast.wang).get(f"/certificates/{skill.code}/badge.png").data,
    }
    for address, text in fetched.lists(credential).items():
        files[f"{address.split('/')[-2]}.list"] = text.encode()
    for address, text in fetched.lists(credential, **JWT).items():
        files[f"{address.split('/')[-2]}.jwt.list"] = text.encode()
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def with_lists(saved, form="list"):
    names = ("revocation", "suspension", "message")
    return [part for name in names for part in ("--status", saved / f"{name}.{form}")]


FORMS = ("c.json", "c.jwt", "c.png")


def test_the_site_answers_with_its_register(here, site, saved, skill):
    for name in FORMS:
        result = here(saved / name)
        assert result.exit_code == 0, result.output
        assert result.output.startswith("valid")
        assert skill.number in result.output
    with site.app.app_context(), unit_of_work():
        suspend(skill.certificate_id, "成绩造假，查实", SYSTEM, NOW)
    for name in FORMS:
        result = here(saved / name, "--json")
        assert result.exit_code == 1
        assert '"status": "suspended"' in result.output


def test_elsewhere_saved_files_are_enough_and_the_age_is_said(saved):
    for name, form in itertools.product(FORMS, ("list", "jwt.list")):
        result = elsewhere(saved / name, "--did", saved / "did.json", *with_lists(saved, form))
        assert result.exit_code == 0, result.output
        assert result.output.startswith("valid")
        assert "status as of 20" in result.output
        assert " ago" in result.output


def test_without_lists_or_with_old_ones_nothing_is_said_to_be_valid_today(saved):
    result = elsewhere(saved / "c.json", "--did", saved / "did.json")
    assert result.exit_code == 1
    assert result.output.startswith("unknown")
    assert "not known" in result.output
    with time_machine.travel(datetime(2027, 6, 1, tzinfo=UTC)):
        result = elsewhere(saved / "c.json", "--did", saved / "did.json", *with_lists(saved))
    assert result.exit_code == 1
    assert "too old to say valid today" in result.output


def test_a_saved_list_says_revoked(saved, site, skill, fetched):
    with site.app.app_context(), unit_of_work():
        revoke(skill.certificate_id, "成绩造假，查实", SYSTEM, NOW)
    credential = fetched.credential(skill.code)
    address = credential["credentialStatus"][0]["statusListCredential"]
    (saved / "revocation.list").write_text(fetched.lists(credential)[address], encoding="utf-8")
    result = elsewhere(saved / "c.json", "--did", saved / "did.json", *with_lists(saved), "--json")
    assert result.exit_code == 1
    assert json.loads(result.output)["status"] == "revoked"


def test_an_edited_credential_is_refused_with_the_reason(here, saved, skill):
    text = (saved / "c.json").read_text(encoding="utf-8")
    (saved / "c.json").write_text(text.replace(skill.number, "S" + "1" * 21), encoding="utf-8")
    for result in (
        here(saved / "c.json"),
        elsewhere(saved / "c.json", "--did", saved / "did.json", *with_lists(saved)),
    ):
        assert result.exit_code == 1
        assert result.output == "refused: the signature does not fit\n"


def test_what_a_stolen_key_signs_is_compared_with_the_register(here, site, saved, skill):
    document = json.loads((saved / "c.json").read_text(encoding="utf-8"))
    del document["proof"]
    subject = document["credentialSubject"]
    forgeries = {
        "the register says something else": {"credentialSubject": subject | {"licenseNumber": "9"}},
        "not in its register": {"id": f"{BASE}/v/{'0' * 26}/credential"},
    }
    for reason, change in forgeries.items():
        with site.app.app_context():
            did = document["issuer"]["id"]
            forged = signed(document | change, did, "vc", now())
        (saved / "forged.json").write_bytes(forged)
        result = here(saved / "forged.json")
        assert result.exit_code == 1
        assert result.output.startswith("refused: signed with this site's key, but")
        assert reason in result.output


def test_an_edited_picture_around_a_good_credential_is_noticed(here, saved):
    picture = bytearray((saved / "c.png").read_bytes())
    place = picture.index(b"IDAT") + 40
    picture[place] ^= 1
    (saved / "c.png").write_bytes(bytes(picture))
    result = here(saved / "c.png")
    assert result.exit_code != 0


def test_keys_of_another_site_are_not_enough(here, saved):
    strange = json.loads((saved / "did.json").read_text(encoding="utf-8"))
    strange["id"] = "did:web:other.example:issuers:3"
    (saved / "did.json").write_text(json.dumps(strange), encoding="utf-8")
    result = elsewhere(saved / "c.json", "--did", saved / "did.json")
    assert result.output == "refused: signed with a key nobody here knows\n"


def test_wrong_files_are_wrong_usage(saved):
    assert elsewhere(saved / "c.json", "--did", saved / "c.png").exit_code == 2
    assert elsewhere("0" * 26, "--did", saved / "did.json").exit_code == 2
    bad = ("--did", saved / "did.json", "--status", saved / "c.png")
    assert elsewhere(saved / "c.json", *bad).exit_code == 2
