"""``lms verify``."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from certificates.api import commands
from certificates.documents import paper_of
from certificates.operations import revoke
from lms.core.access import SYSTEM
from lms.core.uow import unit_of_work
from tests.factories.certificates import NOW, issue_now, skill_request

VERIFY = commands[0]


@pytest.fixture
def run(site):
    def invoke(command, *arguments):
        with site.app.app_context():
            return CliRunner().invoke(command, list(arguments))

    return invoke


@pytest.fixture
def issued(site, cast):
    with site.app.app_context():
        return issue_now(skill_request(cast.wang, cast.base))


def test_a_code_and_its_address_verify(run, issued):
    for argument in (issued.code, issued.code.lower(), f"http://127.0.0.1:8000/v/{issued.code}"):
        result = run(VERIFY, argument)
        assert result.exit_code == 0, result.output
        assert result.output.startswith("valid: 有效")
        assert "王桂兰" not in result.output


def test_a_revoked_or_absent_certificate_is_not_valid(run, site, issued):
    with site.app.app_context(), unit_of_work():
        revoke(issued.certificate_id, "成绩造假，查实", SYSTEM, NOW)
    result = run(VERIFY, issued.code, "--json")
    assert result.exit_code == 1
    assert json.loads(result.output)["status"] == "revoked"
    assert run(VERIFY, "0" * 26).exit_code == 1
    assert run(VERIFY, "nonsense").exit_code == 2


@pytest.mark.parametrize("form", ["pdf", "png"])
def test_a_downloaded_file_verifies_and_an_edited_one_does_not(run, site, issued, tmp_path, form):
    with site.app.app_context():
        content = paper_of(issued.certificate_id, form)
    path = tmp_path / f"certificate.{form}"
    path.write_bytes(content)
    result = run(VERIFY, str(path), "--json")
    assert result.exit_code == 0
    assert json.loads(result.output)["file_unaltered"] is True
    path.write_bytes(content[:-20] + bytes([content[-20] ^ 1]) + content[-19:])
    result = run(VERIFY, str(path))
    assert result.exit_code == 1
    assert "NOT" in result.output


def test_other_files_are_named_as_such(run, tmp_path):
    path = tmp_path / "letter.pdf"
    path.write_bytes(b"%PDF-1.7 nothing of ours")
    assert run(VERIFY, str(path)).exit_code == 2
