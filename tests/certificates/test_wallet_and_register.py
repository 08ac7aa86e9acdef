"""Wallet and register: the holder sees her own, staff what they answer for, all else is 404."""

from __future__ import annotations

import io

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from certificates import register
from certificates.models import Certificate, CertificateEvent
from certificates.operations import reinstate, revoke, suspend
from lms.core.access import SYSTEM
from lms.core.audit import AuditEvent
from lms.core.db import session
from lms.core.errors import Invalid
from lms.core.notify import unread
from lms.core.uow import unit_of_work
from lms.people.models import Person
from tests.factories.certificates import NOW, course_request, issue_now, skill_request
from tests.forms import post
from tests.statements import count_statements

REASON = "经复核，工作年限证明不实"


@pytest.fixture
def issued(site, cast):
    with site.app.app_context():
        return issue_now(skill_request(cast.wang, cast.base))


def status_of(site, issued) -> str:
    with site.app.app_context():
        return session().get_one(Certificate, issued.certificate_id).status


def test_the_holder_finds_keeps_and_downloads_her_certificate(sign_in, cast, issued):
    wang = sign_in(cast.wang)
    wallet = wang.get("/certificates")
    assert issued.number in wallet.text
    assert "有效" in wallet.text
    page = wang.get(f"/certificates/{issued.code}")
    assert page.status_code == 200
    assert wang.get(f"/certificates/{issued.code}/paper.pdf").data.startswith(b"%PDF")
    assert wang.get(f"/certificates/{issued.code}/paper.png").data.startswith(b"\x89PNG")
    preview = wang.get(f"/certificates/{issued.code}/preview.webp").data
    assert preview[8:12] == b"WEBP"
    assert len(preview) < 26 * 1024


def test_an_empty_wallet_says_what_to_do(sign_in, cast):
    assert "还没有证书" in sign_in(cast.zhao).get("/certificates").text


def test_the_wallet_needs_three_statements_however_many_cards(site, sign_in, cast):
    wang = sign_in(cast.wang)
    seen = []
    for _ in range(2):
        with site.app.app_context():
            for _ in range(3):
                issue_now(course_request(cast.wang, cast.base))
        wang.get("/certificates")
        with count_statements() as lines:
            wang.get("/certificates")
        seen.append(len(lines))
    assert seen[0] == seen[1]


@pytest.mark.parametrize(
    ("who", "answer"),
    [
        ("wang", 200), ("zhou", 200), ("county", 200), ("city", 200), ("province", 200),
        ("admin", 200), ("zhao", 404), ("li", 404), ("other_county", 404), ("chen", 404),
    ],
)  # fmt: skip
def test_only_the_holder_and_staff_in_scope_see_a_certificate(sign_in, cast, issued, who, answer):
    client = sign_in(getattr(cast, who))
    for place in ("", "/paper.pdf", "/paper.png", "/preview.webp"):
        assert client.get(f"/certificates/{issued.code}{place}").status_code == answer


@pytest.mark.parametrize(
    ("who", "answer"),
    [("zhou", 200), ("county", 200), ("admin", 200), ("other_county", 404), ("li", 403)],
)
def test_only_staff_in_scope_open_the_register_and_take_steps(
    site, sign_in, cast, issued, who, answer
):
    client = sign_in(getattr(cast, who))
    assert client.get(f"/register/{issued.code}").status_code == answer
    step = f"/register/{issued.code}/step/revoked"
    assert client.get(step).status_code == answer
    done = post(client, step, {"reason": REASON})
    assert done.status_code == (303 if answer == 200 else answer)
    assert status_of(site, issued) == ("revoked" if answer == 200 else "valid")


def test_nobody_takes_steps_against_or_for_her_own_certificate(site, sign_in, cast):
    with site.app.app_context():
        held = issue_now(skill_request(cast.zhou, cast.base))
    zhou = sign_in(cast.zhou)
    assert zhou.get(f"/register/{held.code}").status_code == 200
    for kind in ("revoked", "suspended", "corrected", "reinstated"):
        step = f"/register/{held.code}/step/{kind}"
        assert post(zhou, step, {"reason": REASON}).status_code == 404
    assert status_of(site, held) == "valid"


def test_staff_get_the_paper_masked_and_the_full_one_only_with_a_reason(
    site, sign_in, cast, issued
):
    zhou = sign_in(cast.zhou)
    mine = sign_in(cast.wang).get(f"/certificates/{issued.code}/paper.pdf").data
    assert zhou.get(f"/certificates/{issued.code}/paper.pdf").data != mine
    refused = post(zhou, f"/register/{issued.code}/reprint", {"reason": ""})
    assert refused.status_code == 303
    full = post(zhou, f"/register/{issued.code}/reprint", {"reason": "原件遗失，本人申请补打"})
    assert full.data == mine
    with site.app.app_context():
        kinds = session().scalars(select(CertificateEvent.kind).order_by(CertificateEvent.id))
        assert list(kinds) == ["issued", "reprinted"]
    assert "原件遗失" in sign_in(cast.wang).get(f"/certificates/{issued.code}").text


def test_a_revocation_says_first_what_will_happen_and_needs_a_reason(site, sign_in, cast, issued):
    zhou = sign_in(cast.zhou)
    step = f"/register/{issued.code}/step/revoked"
    assert "不能恢复" in zhou.get(step).text
    assert post(zhou, step, {"reason": "短"}).status_code == 422
    assert status_of(site, issued) == "valid"
    assert post(zhou, step, {"reason": REASON}).status_code == 303
    assert REASON in zhou.get(f"/register/{issued.code}").text
    assert post(zhou, step, {"reason": REASON}).status_code == 409
    with site.app.app_context():
        line = (
            session()
            .scalars(select(AuditEvent).where(AuditEvent.action == "certificate.revoke"))
            .one()
        )
        assert line.object_id == str(issued.certificate_id)
        assert line.details == {"reason": REASON}
        assert [n.kind for n in unread(cast.wang)] == ["certificate.revoked", "certificate.issued"]
    assert "/paper.png" not in sign_in(cast.wang).get(f"/certificates/{issued.code}").text
    assert sign_in(cast.wang).get(f"/certificates/{issued.code}/paper.pdf").status_code == 409


def test_suspend_and_reinstate_and_correct_through_the_pages(site, sign_in, cast, issued):
    zhou = sign_in(cast.zhou)
    base = f"/register/{issued.code}/step"
    assert post(zhou, f"{base}/suspended", {"reason": "收到举报，正在核查"}).status_code == 303
    assert status_of(site, issued) == "suspended"
    assert post(zhou, f"{base}/corrected", {"reason": "姓名有误，更正"}).status_code == 409
    assert post(zhou, f"{base}/reinstated", {"reason": "查无实据，恢复"}).status_code == 303
    assert status_of(site, issued) == "valid"
    with site.app.app_context(), unit_of_work():
        session().get_one(Person, cast.wang).name = "王桂蘭"
    assert post(zhou, f"{base}/corrected", {"reason": "姓名有误，更正"}).status_code == 303
    assert status_of(site, issued) == "corrected"
    with site.app.app_context():
        new = session().scalars(select(Certificate).where(Certificate.status == "valid")).one()
        assert new.holder_name == "王桂蘭"
        assert new.supersedes_id == issued.certificate_id
        assert new.number != issued.number
        assert new.issued_on == session().get_one(Certificate, issued.certificate_id).issued_on
    assert zhou.get(f"{base}/nonsense").status_code == 404


def test_a_step_without_a_reason_is_refused_below_the_page_too(app, cast):
    issued = issue_now(skill_request(cast.wang, cast.base))
    for step in (revoke, suspend, reinstate):
        with pytest.raises(Invalid), unit_of_work():
            step(issued.certificate_id, "  ", SYSTEM, NOW)


def test_the_register_filters_searches_and_pages(site, sign_in, cast):
    with site.app.app_context():
        made = [issue_now(course_request(cast.zhao, cast.base)) for _ in range(55)]
        skill = issue_now(skill_request(cast.wang, cast.base))
    zhou = sign_in(cast.zhou)
    first, second = zhou.get("/register"), zhou.get("/register?page=2")
    assert "共 56 条" in first.text
    assert first.text.count("<tr role") == 51
    assert second.text.count("<tr role") == 7
    for query, total in {
        "q=王桂兰": 1, f"q={skill.number}": 1, f"q={skill.number[-6:]}": 2, f"q={made[0].code}": 1,
        "kind=skill": 1, "rung=2": 1, "rung=9": 56, "status=revoked": 0, "status=valid": 56,
        "since=2026-11-21": 0, "until=2026-11-20": 56, "since=nonsense": 56, "q=%25": 0,
    }.items():  # fmt: skip
        page = zhou.get(f"/register?{query}")
        assert page.status_code == 200
        assert f"共 {total} 条" in page.text, query
    assert "共 0 条" in sign_in(cast.other_county).get("/register").text
    assert sign_in(cast.wang).get("/register").status_code == 403


def test_the_list_needs_the_same_statements_for_one_row_and_for_many(site, sign_in, cast, issued):
    zhou = sign_in(cast.zhou)
    zhou.get("/register")
    with count_statements() as few:
        zhou.get("/register")
    with site.app.app_context():
        for _ in range(30):
            issue_now(course_request(cast.zhao, cast.base))
    with count_statements() as many:
        zhou.get("/register")
    assert len(few) == len(many)


def test_exports_hold_exactly_what_the_list_shows(site, sign_in, cast, issued):
    with site.app.app_context():
        issue_now(course_request(cast.zhao, cast.base))
    zhou = sign_in(cast.zhou)
    book = load_workbook(io.BytesIO(zhou.get("/register/export.xlsx?kind=skill").data))
    rows = list(book.active.iter_rows(values_only=True))
    assert rows[0][0] == "证书编号"
    assert [row[0] for row in rows[1:]] == [issued.number]
    assert zhou.get("/register/export.csv").data.decode("utf-8-sig").count("\n") == 3
    other = sign_in(cast.other_county).get("/register/export.csv")
    assert other.data.decode("utf-8-sig").count("\n") == 1
    assert zhou.get("/register/export.ods").status_code == 404


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_register_longer_than_one_batch_is_exported_whole(
    site, sign_in, cast, issued, monkeypatch, form
):
    with site.app.app_context():
        issue_now(course_request(cast.zhao, cast.base))
        issue_now(course_request(cast.wang, cast.base))
    monkeypatch.setattr(register, "_BATCH", 1)
    whole = sign_in(cast.zhou).get(f"/register/export.{form}")
    assert whole.status_code == 200
    if form == "csv":
        assert whole.data.decode("utf-8-sig").count("\n") == 4
    else:
        assert load_workbook(io.BytesIO(whole.data)).active.max_row == 4


def test_nothing_is_written_by_looking(site, sign_in, cast, issued):
    zhou = sign_in(cast.zhou)
    for path in ("/register", f"/register/{issued.code}", f"/certificates/{issued.code}/paper.png"):
        zhou.get(path)
    with site.app.app_context():
        assert session().scalar(select(func.count()).select_from(CertificateEvent)) == 1


def test_only_those_who_keep_views_are_offered_to(sign_in, cast, issued):
    assert "/views/new" in sign_in(cast.county).get("/register").text
    assert "/views/new" not in sign_in(cast.zhou).get("/register").text
