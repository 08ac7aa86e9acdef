"""Revoking many: two people, a frozen list, resumable pieces, everybody told."""

from __future__ import annotations

import secrets
from datetime import date

import pytest
from sqlalchemy import func, select

from certificates.errors import NothingChosen, ReasonNeeded, SecondPersonNeeded
from certificates.models import Certificate
from certificates.operations import correct, revoke
from certificates.policy import SEE_MANY
from certificates.revoking import jobs, operations
from certificates.revoking.choosing import Chosen, meant, numbers_in
from certificates.revoking.models import MassRevocation, MassRevocationDone, MassRevocationItem
from certificates.revoking.queries import hits_of, progress_of, proposals_for
from certificates.rules import Status
from certificates.verification import verify
from lms.core import clock, tasks
from lms.core.access import SYSTEM
from lms.core.audit import AuditEvent
from lms.core.db import session
from lms.core.errors import Conflict, Forbidden, NotFound
from lms.core.notify import Notice
from lms.core.uow import unit_of_work
from lms.people.api import actor_of
from tests.cast import citizen_id
from tests.factories.certificates import NOW, course_request, issue_now, skill_request
from tests.factories.issuing import kept, run_all, sheet_of
from tests.forms import token_from
from tests.statements import count_statements

WHY = "同一考场集体替考，查证属实"


@pytest.fixture
def issued(site, cast):
    with site.app.app_context():
        people = (cast.wang, cast.zhao, cast.li, cast.wang, cast.zhao)
        return [issue_now(skill_request(person, cast.base)) for person in people]


def acting(person):
    return actor_of(person, clock.now())


def proposed(cast, numbers):
    with unit_of_work():
        chosen = Chosen(numbers=tuple(numbers))
        return operations.propose(chosen, WHY, acting(cast.county), clock.now())


def decided(row, person, approved=True):
    with unit_of_work():
        operations.decide(row, approved, "", acting(person), clock.now())


def statuses(issued):
    return [verify(one.code, clock.now()).status for one in issued]


def test_what_is_chosen_by_number_issuer_source_key_kind_and_period(app, cast, issued):
    course = issue_now(course_request(cast.wang, cast.base, issued_on=date(2026, 10, 1)))
    county = acting(cast.county)
    ids = [one.certificate_id for one in issued]
    key = session().get_one(Certificate, ids[0]).key_id
    pasted = f" {issued[1].number.lower()},{issued[0].number}\n{issued[1].number}；无此号"
    assert meant(Chosen(numbers=numbers_in(pasted)), county) == ids[:2]
    assert meant(Chosen(issuer_id=cast.base), county) == [*ids, course.certificate_id]
    assert meant(Chosen(source="test:skill:"), county) == ids
    assert meant(Chosen(source="test:sk%"), county) == []
    assert len(meant(Chosen(key_id=key), county)) == 6
    assert meant(Chosen(kind="course"), county) == [course.certificate_id]
    assert meant(Chosen(since=date(2026, 11, 1), issuer_id=cast.base), county) == ids
    assert meant(Chosen(until=date(2026, 10, 31)), county) == [course.certificate_id]
    assert meant(Chosen(), county) == []
    assert meant(Chosen(issuer_id=cast.base), acting(cast.other_county)) == []


def test_what_a_batch_issued_is_chosen_with_what_took_its_place(site, cast, sign_in):
    with site.app.app_context():
        issue_now(skill_request(cast.li, cast.base))  # by no batch
        rows = (["王桂兰", citizen_id(1), "初级工"], ["赵秀英", citizen_id(2), "初级工"])
        batch = kept(cast, sheet_of(["姓名", "证件号码", "等级"], *rows))
        run_all(batch, cast)
        of_batch, county = Chosen(batch_id=batch.id), acting(cast.county)
        ids = meant(of_batch, county)
        hit = {session().get_one(Certificate, number).person_id for number in ids}
        assert (len(ids), hit) == (2, {cast.wang, cast.zhao})
        with unit_of_work():
            new = correct(ids[0], WHY, SYSTEM, NOW)
        assert meant(of_batch, county) == [ids[1], new.certificate_id]
        assert meant(of_batch, acting(cast.other_county)) == []
        assert of_batch.as_json()["batch_id"] == batch.id
        number = batch.id
    client = sign_in(cast.county)
    form = {"csrf_token": token_from(client, "/revocations/new"), "reason": WHY, "go": "preview"}
    page = client.post(
        "/revocations/new",
        data=form | {"issuer": "", "kind": "", "event": "", "batch": str(number)},
    )
    assert "将吊销 2 本证书" in page.text
    empty = sign_in(cast.other_county).get("/revocations/new").text
    assert f'<option value="{number}">' not in empty


def test_two_people_and_then_every_one_is_revoked_and_every_holder_told(app, cast, issued):
    row = proposed(cast, [one.number for one in issued[:4]])
    assert statuses(issued) == [Status.VALID] * 5
    with pytest.raises(SecondPersonNeeded):
        decided(row, cast.county)
    with pytest.raises(Forbidden):
        jobs.finish(row)  # nobody approved it yet
    decided(row, cast.zhou)
    with pytest.raises(Conflict):
        decided(row, cast.city)
    jobs.finish(row)
    assert statuses(issued) == [Status.REVOKED] * 4 + [Status.VALID]
    told = (
        session()
        .scalars(select(Notice.person_id).where(Notice.kind == "certificate.revoked"))
        .all()
    )
    assert sorted(told) == sorted([cast.wang, cast.zhao, cast.li, cast.wang])
    assert progress_of(row.id).is_done
    done = session().scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert [a for a in done if "revoke." in a] == [
        "certificate.revoke.propose", "certificate.revoke.approve",
    ]  # fmt: skip
    assert done.count("certificate.revoke") == 4


def test_a_refused_proposal_revokes_nothing(app, cast, issued):
    row = proposed(cast, [issued[0].number])
    decided(row, cast.zhou, approved=False)
    with pytest.raises(Forbidden):
        jobs.finish(row)
    jobs.finish_left()
    assert statuses(issued) == [Status.VALID] * 5


def test_the_list_is_frozen_at_the_proposal(app, cast, issued):
    with unit_of_work():
        row = operations.propose(Chosen(issuer_id=cast.base), WHY, acting(cast.county), clock.now())
    later = issue_now(skill_request(cast.sun, cast.base))
    decided(row, cast.zhou)
    jobs.finish(row)
    assert statuses([later]) == [Status.VALID]
    assert progress_of(row.id).revoked == 5


def test_a_kill_between_pieces_leaves_the_rest_to_the_next_run_and_nothing_twice(
    app, cast, issued, monkeypatch
):
    monkeypatch.setattr(operations, "CHUNK", 2)
    row = proposed(cast, [one.number for one in issued])
    decided(row, cast.zhou)
    with unit_of_work():
        assert operations.revoke_some(row, acting(cast.zhou), clock.now()) == 2
    with monkeypatch.context() as killed:
        killed.setattr(session(), "commit", lambda: None)
        with unit_of_work():
            operations.revoke_some(row, acting(cast.zhou), clock.now())
    session().rollback()
    assert progress_of(row.id).revoked == 2
    jobs.finish_left()
    jobs.finish_left()
    assert statuses(issued) == [Status.REVOKED] * 5
    assert session().scalar(select(func.count()).select_from(MassRevocationDone)) == 5
    revoked = select(func.count()).select_from(Notice).where(Notice.kind == "certificate.revoked")
    assert session().scalar(revoked) == 5


def test_what_was_revoked_meanwhile_is_skipped_and_reported(app, cast, issued):
    row = proposed(cast, [one.number for one in issued[:2]])
    with unit_of_work():
        revoke(issued[0].certificate_id, "单独查实", SYSTEM, NOW)
    decided(row, cast.zhou)
    jobs.finish(row)
    assert [hit.outcome for hit in hits_of(row.id)] == ["skipped", "revoked"]


def test_an_approver_who_lost_the_role_lets_nothing_go_on(app, cast, issued, monkeypatch):
    row = proposed(cast, [issued[0].number])
    decided(row, cast.zhou)
    monkeypatch.setattr(jobs, "actor_of", lambda _person, _now: None)
    jobs.finish_left()
    assert statuses(issued[:1]) == [Status.VALID]


def test_reasons_choices_and_scopes_are_checked(app, cast, issued):
    county, now = acting(cast.county), clock.now()
    with pytest.raises(ReasonNeeded), unit_of_work():
        operations.propose(Chosen(issuer_id=cast.base), "x", county, now)
    with pytest.raises(NothingChosen), unit_of_work():
        operations.propose(Chosen(), WHY, county, now)
    row = proposed(cast, [issued[0].number])
    with pytest.raises(NotFound):
        decided(row, cast.other_county)
    with pytest.raises(Forbidden):
        operations.propose(Chosen(issuer_id=cast.base), WHY, acting(cast.wang), now)
    issue_now(skill_request(cast.zhou, cast.base))
    with unit_of_work():
        all_ = operations.propose(Chosen(issuer_id=cast.base), WHY, county, now)
    with pytest.raises(SecondPersonNeeded):  # one of them is his own
        decided(all_, cast.zhou)


def test_the_pages_preview_propose_approve_run_and_report(site, sign_in, cast, issued):
    first, second = sign_in(cast.county), sign_in(cast.zhou)
    numbers = "\n".join(one.number for one in issued[:3])
    form = {"csrf_token": token_from(first, "/revocations/new"), "reason": WHY}
    form |= {"numbers": numbers, "issuer": "", "kind": "", "event": "", "batch": ""}
    preview = first.post("/revocations/new", data=form | {"go": "preview"})
    assert "将吊销 3 本证书" in preview.text
    assert issued[2].number in preview.text
    with site.app.app_context():
        assert session().scalar(select(MassRevocation.id)) is None
    page = first.post("/revocations/new", data=form | {"go": "propose"}, follow_redirects=True)
    assert "待批准" in page.text
    assert "批准吊销" not in page.text  # not hers to approve
    with site.app.app_context():
        ref = session().scalar(select(MassRevocation.ref))
    there = f"/revocations/{ref}"
    assert there in second.get("/revocations").text
    token = token_from(second, there)
    second.post(f"{there}/decide", data={"csrf_token": token, "go": "approve"})
    with site.app.app_context():
        assert tasks.run_next(jobs.TASK_RUNNERS)
        assert statuses(issued) == [Status.REVOKED] * 3 + [Status.VALID] * 2
    assert "已吊销 3 本" in first.get(there).text
    assert first.get(f"{there}/report.xlsx").data.startswith(b"PK")


def noted(by, certificate_id, count):
    """So many proposals for one certificate, oldest first; their references."""
    rows = [
        MassRevocation(
            ref=secrets.token_hex(16), chosen={}, reason=WHY, proposed_by=by, proposed_at=NOW
        )
        for _ in range(count)
    ]
    with unit_of_work():
        session().add_all(rows)
        session().flush()
        session().add_all(
            MassRevocationItem(revocation_id=row.id, certificate_id=certificate_id) for row in rows
        )
    return [row.ref for row in rows]


def test_an_officer_finds_all_of_hers_behind_hundreds_of_others(site, sign_in, cast, issued):
    with site.app.app_context():
        hers = noted(cast.other_county, issued[0].certificate_id, 1)
        theirs = noted(cast.county, issued[1].certificate_id, 120)
        assert [line.ref for line in proposals_for(acting(cast.other_county), 1).rows] == hers
        seen = []
        for number in range(1, 6):
            with count_statements() as sent:
                page = proposals_for(acting(cast.county), number)
            seen += [line.ref for line in page.rows]
            assert {line.total for line in page.rows} == {1}
        assert (page.total, page.pages) == (121, 5)
        assert seen == [*reversed(theirs), *hers]  # hers waits for the county's word
        assert len([line for line in sent if "mass_revocation" in line]) == 2
        assert proposals_for(acting(cast.county), 99).number == 5
        for number in (1, 2):  # what is shown is what may be opened
            for line in proposals_for(acting(cast.city), number).rows:
                assert SEE_MANY.may(acting(cast.city), operations.with_ref(line.ref))
    last = sign_in(cast.county).get("/revocations?page=5").text
    assert hers[0] in last
    assert "page=4" in last
