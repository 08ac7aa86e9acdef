"""``lms keys``, certificates across rotations and thefts, and issuing while the signer is away."""

from __future__ import annotations

import dataclasses
import json
import threading
from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from certificates.documents import paper_of
from certificates.errors import NotPossibleNow
from certificates.keeping.cli import keys
from certificates.log.models import LogLeaf
from certificates.models import Certificate
from certificates.rules import Status
from certificates.verification import verify
from lms.core import clock
from lms.core.audit import AuditEvent
from lms.core.config import OUTSIDE
from lms.core.db import db, session
from lms.core.keys.journal import Journal, Line, journal_file
from lms.core.keys.wire import SignerAway
from lms.core.signing import ring, sign
from tests.factories.certificates import issue_now, skill_request
from tests.site import Site


@pytest.fixture
def run(site):
    def invoke(*arguments):
        with site.app.app_context():
            return CliRunner().invoke(keys, list(arguments))

    return invoke


def lines(result):
    assert result.exit_code == 0, result.output
    return [line.split("  ") for line in result.output.splitlines()]


def test_an_announced_key_is_on_the_public_list_before_it_signs(run, site, visitor):
    with site.app.app_context():
        old = ring().current
    assert run("announce", "--hours", "24").exit_code == 0
    listed = visitor.get("/keys.json").json["certificates"]
    assert listed[0]["kid"] == old
    assert listed[1]["active_from"] > listed[1]["announced_at"]
    with site.app.app_context():
        assert ring().current == old
    told = lines(run("list"))
    assert [(line[1], line[2][:9]) for line in told] == [
        ("signing", "signs now"), ("signing", "announced"), ("log", "signs now"),
    ]  # fmt: skip
    assert run("rotate").output.startswith(listed[1]["kid"])
    with site.app.app_context():
        assert ring().current == listed[1]["kid"]


def test_the_public_list_holds_no_private_half_and_may_be_cached(site, visitor, settings):
    answer = visitor.get("/keys.json")
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert set(answer.json["log"][0]) == set(answer.json["certificates"][0])
    pem = (settings.signing.keys / "signing" / "0001.pem").read_text().splitlines()[1]
    assert pem not in answer.text


def test_certificates_of_every_old_key_verify(run, site, cast):
    codes = []
    for person in (cast.wang, cast.zhao, cast.li):
        with site.app.app_context():
            codes.append(issue_now(skill_request(person, cast.base)).code)
        assert run("rotate").exit_code == 0
    old = lines(run("list"))[0][0]
    assert run("retire", old, "--destroy").exit_code == 0
    with site.app.app_context():
        assert len(set(session().scalars(select(Certificate.key_id)))) == 3
        assert {verify(code, clock.now()).status for code in codes} == {Status.VALID}
    with site.app.app_context():
        done = session().scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert [a for a in done if a.startswith("keys.")] == ["keys.rotate"] * 3 + ["keys.retire"]


def test_the_only_key_is_not_retired(run, site):
    with site.app.app_context():
        only = ring().current
    assert run("retire", only).exit_code == 1
    assert run("retire", "0" * 16).exit_code == 1


def test_rotating_while_two_threads_issue_leaves_every_certificate_whole(run, site, cast):
    people, failed = [cast.wang, cast.zhao], []
    each = 6

    def issuing(person):
        with site.app.app_context():
            for n in range(each):
                try:
                    request = skill_request(person, cast.base)
                    issue_now(dataclasses.replace(request, source=f"test:{person}:{n}"))
                except Exception as error:
                    failed.append(error)
            db.session.remove()

    threads = [threading.Thread(target=issuing, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    rotations = 0
    while any(thread.is_alive() for thread in threads) or not rotations:
        rotations += run("rotate").exit_code == 0
    for thread in threads:
        thread.join()
    assert failed == []
    with site.app.app_context():
        found = session().execute(select(Certificate.code, Certificate.key_id)).all()
        assert len(found) == 2 * each
        assert {verify(row.code, clock.now()).status for row in found} == {Status.VALID}
        assert session().scalar(select(func.count()).select_from(LogLeaf)) == 2 * each


def test_a_theft_leaves_in_doubt_what_the_log_did_not_hold_before(run, site, visitor, cast):
    with site.app.app_context():
        before = issue_now(skill_request(cast.wang, cast.base))
    theft = clock.now() + timedelta(seconds=1)
    with site.app.app_context():
        after = issue_now(skill_request(cast.zhao, cast.base), now=theft + timedelta(hours=1))
        stolen = ring().current
    assert run("rotate").exit_code == 0
    with site.app.app_context():
        later = issue_now(skill_request(cast.li, cast.base))
    told = run("compromised", stolen, "--since", theft.strftime("%Y-%m-%d %H:%M:%S"))
    assert told.exit_code == 0, told.output
    with site.app.app_context():
        now = clock.now()
        assert verify(before.code, now).status is Status.VALID
        assert verify(later.code, now).status is Status.VALID
        doubted = verify(after.code, now)
        assert doubted.status is Status.DOUBTFUL
        assert not doubted.valid_on(clock.local_date(theft) + timedelta(days=1))
        with pytest.raises(NotPossibleNow):
            paper_of(after.certificate_id, "pdf")
    page = visitor.get(f"/v/{after.code}")
    assert "存疑" in page.text
    assert "失窃" in page.text
    assert visitor.get(f"/api/v1/certificates/{after.code}").json["status"] == "doubtful"


def test_while_the_signer_is_away_nothing_is_issued_and_checking_goes_on(
    site, settings, cast, tmp_path
):
    with site.app.app_context():
        known = issue_now(skill_request(cast.wang, cast.base))
    away = dataclasses.replace(settings.signing, mode=OUTSIDE, socket=tmp_path / "nobody")
    with Site.open(dataclasses.replace(settings, signing=away)) as lonely:
        with lonely.app.app_context():
            with pytest.raises(SignerAway) as refusal:
                issue_now(skill_request(cast.zhao, cast.base))
            assert refusal.value.status == 503
            assert session().scalar(select(func.count()).select_from(Certificate)) == 1
        visitor = lonely.app.test_client()
        assert "有效" in visitor.get(f"/v/{known.code}").text


def test_a_site_with_its_signer_outside_reads_no_private_key(site, settings, cast, tmp_path):
    for path in settings.signing.keys.glob("*/*.pem"):
        path.unlink()
    away = dataclasses.replace(settings.signing, mode=OUTSIDE, socket=tmp_path / "nobody")
    with Site.open(dataclasses.replace(settings, signing=away)) as lonely, lonely.app.app_context():
        assert ring().current
    assert not list(settings.signing.keys.glob("*/*.pem"))


def test_checking_the_keys_finds_lost_ones_strangers_and_a_changed_record(
    run, site, settings, cast
):
    assert run("check").output == "0 faults\n"
    with site.app.app_context():
        issued = issue_now(skill_request(cast.wang, cast.base))
        digest = session().get_one(Certificate, issued.certificate_id).digest
    path = journal_file(settings.signing.keys)
    journal = Journal(path)
    for said in (digest, "f" * 64):
        journal.add(Line(clock.now(), "lms.certificate/1", said, "k", 0))
    journal.close()
    told = run("check")
    assert told.exit_code == 1
    assert "f" * 64 in told.output
    assert digest not in told.output
    path.write_text(path.read_text().replace(digest, "e" * 64))
    assert "record was changed" in run("check").output
    (settings.signing.keys / "signing" / "0001.pem").unlink()
    assert "private half is missing" in run("check").output


def test_listing_as_json_gives_every_time(run):
    told = json.loads(run("list", "--json").output)
    assert set(told) == {"signing", "log"}
    assert told["signing"][0]["retired_at"] is None


def test_an_app_signs_only_for_what_is_listed(app):
    kid, signature = sign("lms.fact/1", b"x")
    assert ring().verify("lms.fact/1", kid, signature, b"x")
    assert not ring().verify("lms.certificate/1", kid, signature, b"x")
