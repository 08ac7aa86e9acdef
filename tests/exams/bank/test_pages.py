# ruff: noqa: E501
"""The bank's pages: who sees what, keys only after a recorded opening, never one's own approver."""

import io
import re

import pytest
import time_machine
from flask import g
from sqlalchemy import func, select

from exams.bank.models import Bank, Question, QuestionApproval, QuestionVersion
from lms.core.access import SYSTEM, Role
from lms.core.audit import AuditEvent
from lms.core.db import session
from lms.core.uow import unit_of_work
from lms.people.api import grant_role
from tests.cast import START, THEN
from tests.exams.bank.samples import HEAD, JUDGE, MULTIPLE, SINGLE, workbook
from tests.factories.bank import make_bank, make_question
from tests.forms import post as send_form
from tests.statements import count_statements

SECRET = "因为乙最稳妥。"
FORM = {
    "stem": "老人洗澡，水温多少合适？", "option_a": "二十度", "option_b": "四十度",
    "option_c": "六十度", "right_b": "y", "explanation": "四十度左右。", "module": "生活照护",
    "difficulty": "easy", "rung": "2",
}  # fmt: skip


def post(client, url, data=None, page="/bank", **more):
    g.pop("csrf_token", None)  # the test's own app context would hand on another client's
    return send_form(client, url, data, page, **more)


@pytest.fixture
def bank(app, cast):
    """The base's bank: one question in use, one waiting, both written by the author."""
    made = make_bank(cast.base, "base-bank")
    make_question(made, cast.chen, code="K-1", stem="第一题？", explanation=SECRET)
    make_question(made, cast.chen, approved=False, code="K-2", stem="第二题？", explanation=SECRET)
    return made


@pytest.fixture
def author(cast, sign_in, bank):
    return sign_in(cast.chen)


@pytest.fixture
def examiner(cast, sign_in, bank):
    return sign_in(cast.zhou)


def question(code: str) -> Question:
    return session().scalars(select(Question).where(Question.code == code)).one()


def audited(action: str) -> int:
    query = select(func.count()).select_from(AuditEvent).where(AuditEvent.action == action)
    return session().scalar(query) or 0


def opened(client, code: str) -> str:
    """Open a key as the page's button does; the address of the page with it."""
    answer = post(client, f"/bank/questions/{question(code).id}/key")
    assert answer.status_code == 303
    return answer.headers["Location"]


def test_the_author_sees_her_banks_with_what_waits(author):
    page = author.get("/bank")
    assert page.status_code == 200
    assert "题库 base-bank" in page.text
    assert "待审核 1" in page.text
    assert "caregiver-junior" not in page.text


@pytest.mark.parametrize(
    ("who", "status"),
    [("wang", 403), ("li", 403), ("county", 403), ("province", 403), ("admin", 200)],
)
def test_officers_employers_and_learners_have_no_bank(cast, sign_in, bank, who, status):
    client = sign_in(getattr(cast, who))
    addresses = ("/bank", "/bank/base-bank", f"/bank/questions/{question('K-1').id}")
    assert [client.get(a).status_code for a in addresses] == [status] * 3


def test_a_visitor_is_asked_to_sign_in(visitor, bank):
    assert visitor.get("/bank/base-bank").status_code in {302, 303}


def test_another_organisations_author_finds_nothing(cast, sign_in, bank):
    with unit_of_work():
        grant_role(cast.sun, Role.AUTHOR, SYSTEM, THEN, START, organisation_id=cast.gucheng)
    client, number = sign_in(cast.sun), question("K-1").id
    gets = (
        "/bank/base-bank", "/bank/base-bank/add", "/bank/base-bank/review",
        "/bank/base-bank/import", "/bank/base-bank/import/" + "0" * 32,
        f"/bank/questions/{number}", f"/bank/questions/{number}/edit",
        f"/bank/questions/{number}/retire", "/bank/nowhere", "/bank/questions/999999",
        "/bank/caregiver-junior",
    )  # fmt: skip
    assert {address: client.get(address).status_code for address in gets} == dict.fromkeys(
        gets, 404
    )
    posts = (
        "/bank/base-bank/add", "/bank/base-bank/review", "/bank/base-bank/approve",
        "/bank/base-bank/import", "/bank/base-bank/export", f"/bank/questions/{number}/key",
        f"/bank/questions/{number}/edit", f"/bank/questions/{number}/retire",
    )  # fmt: skip
    found = {a: post(client, a, {**FORM, "format": "yaml"}, "/bank").status_code for a in posts}
    assert found == dict.fromkeys(posts, 404)
    assert audited("question.key.open") == audited("question.key.export") == 0


def test_a_key_shows_only_after_its_opening_was_recorded(author):
    plain = author.get(f"/bank/questions/{question('K-1').id}")
    assert SECRET not in plain.text
    assert "is-right" not in plain.text
    page = author.get(opened(author, "K-1"))
    assert SECRET in page.text
    assert "is-right" in page.text
    assert audited("question.key.open") == 1


def test_a_pass_serves_nobody_else_and_not_for_ever(author, examiner):
    address = opened(author, "K-1")
    assert SECRET not in examiner.get(address).text
    assert SECRET not in author.get(address + "x").text
    with time_machine.travel("2090-01-01", tick=False):
        assert SECRET not in author.get(address).text


def test_no_list_or_form_shows_a_key_unasked(author):
    for address in ("/bank", "/bank/base-bank", "/bank/base-bank/review",
                    f"/bank/questions/{question('K-2').id}"):  # fmt: skip
        assert SECRET not in author.get(address, follow_redirects=True).text


def test_a_new_question_waits_for_a_second_person(author, examiner, cast):
    answer = post(author, "/bank/base-bank/add", FORM, "/bank/base-bank/add")
    assert answer.status_code == 303
    page = author.get(answer.headers["Location"])
    assert "要请另一位同事审核" in page.text
    made = session().scalars(
        select(QuestionVersion).where(QuestionVersion.stem == FORM["stem"])
    ).one()  # fmt: skip
    assert made.author_id == cast.chen
    token = re.search(r"key=([^&]+)", opened(examiner, made.question.code))[1]
    sent = {"key": token, "version": made.id, "question": made.question_id}
    assert post(examiner, "/bank/base-bank/approve", sent).status_code == 303
    session().expire_all()
    assert session().get(QuestionApproval, made.id).approved_by == cast.zhou


def test_the_author_never_approves_her_own(author):
    waiting = question("K-2")
    version = session().scalars(
        select(QuestionVersion).where(QuestionVersion.question_id == waiting.id)
    ).one()  # fmt: skip
    token = re.search(r"key=([^&]+)", opened(author, "K-2"))[1]
    sent = {"key": token, "version": version.id}
    assert post(author, "/bank/base-bank/approve", sent).status_code == 422
    assert session().get(QuestionApproval, version.id) is None


def test_nothing_is_approved_unread(examiner):
    version = session().scalars(
        select(QuestionVersion).where(QuestionVersion.question_id == question("K-2").id)
    ).one()  # fmt: skip
    assert post(examiner, "/bank/base-bank/approve", {"version": version.id}).status_code == 409
    assert session().get(QuestionApproval, version.id) is None


def test_a_review_opens_a_batch_and_passes_what_was_ticked(examiner, bank, cast):
    make_question(bank, cast.chen, approved=False, code="K-3")
    offer = examiner.get("/bank/base-bank/review")
    assert "有 2 道题在等您审核" in offer.text
    page_address = post(examiner, "/bank/base-bank/review").headers["Location"]
    page = examiner.get(page_address)
    assert SECRET in page.text
    ids = re.findall(r'name="version" value="(\d+)"', page.text)
    assert len(ids) == 2
    token = re.search(r"key=([^&]+)", page_address)[1]
    done = post(examiner, "/bank/base-bank/approve", {"key": token, "version": ids[:1]})
    assert done.status_code == 303
    assert "有 1 道题在等您审核" in examiner.get("/bank/base-bank/review").text
    again = post(examiner, "/bank/base-bank/approve", {"key": token, "version": ids[:1]})
    assert again.status_code == 409


def test_an_edit_is_a_new_version_and_a_stale_form_is_refused(author):
    asked = post(author, f"/bank/questions/{question('K-1').id}/key", {"next": "edit"})
    form = author.get(asked.headers["Location"])
    assert form.status_code == 200
    assert SECRET in form.text
    address = f"/bank/questions/{question('K-1').id}/edit"
    assert post(author, address, {**FORM, "based_on": 1}).status_code == 303
    stale = post(author, address, {**FORM, "based_on": 1})
    assert stale.status_code == 409
    assert "刚刚有了新版本" in stale.text
    stems = session().scalars(
        select(QuestionVersion.stem).where(QuestionVersion.question_id == question("K-1").id)
    )
    assert set(stems) == {"第一题？", FORM["stem"]}


def test_the_form_without_a_pass_goes_back_to_the_question(author):
    assert author.get(f"/bank/questions/{question('K-1').id}/edit").status_code == 303


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"stem": " "}, "请填写"),
        ({"right_b": None}, "请给出答案"),
        ({"right_a": "y"}, "单选题只能有一个答案"),
        ({"option_b": "二十度"}, "有两个选项的文字相同"),
        ({"module": "模" * 31}, "太长"),
    ],
)
def test_an_unsound_question_is_told_and_what_was_typed_stays(author, changes, sentence):
    sent = {name: value for name, value in {**FORM, **changes}.items() if value is not None}
    answer = post(author, "/bank/base-bank/add", sent)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "六十度" in answer.text


def test_a_judge_question_is_written_too(author):
    sent = {"stem": "热水袋要包毛巾。", "truth": "1", "module": "生活照护", "difficulty": "easy",
            "rung": "2"}  # fmt: skip
    assert post(author, "/bank/base-bank/add?kind=judge", sent).status_code == 303
    assert author.get("/bank/base-bank?kind=judge").text.count("bank-stem") == 1


def test_a_like_question_is_pointed_out_on_saving(author, bank, cast):
    make_question(bank, cast.chen, code="OLD", stem="老人洗澡时，水温多少合适？",
                  body={"options": ["二十度", "四十度", "六十度"]})  # fmt: skip
    answer = post(author, "/bank/base-bank/add", FORM, follow_redirects=True)
    assert "OLD" in answer.text
    assert "相似" in answer.text


def test_a_retired_question_leaves_the_lists_of_use_and_cannot_change(author):
    number = question("K-1").id
    assert "停用后不再用于组卷" in author.get(f"/bank/questions/{number}/retire").text
    assert post(author, f"/bank/questions/{number}/retire").status_code == 303
    assert "第一题" in author.get("/bank/base-bank?state=retired").text
    assert "第一题" not in author.get("/bank/base-bank?state=in_use").text
    refused = post(author, f"/bank/questions/{number}/edit", {**FORM, "based_on": 1})
    assert refused.status_code == 409
    assert audited("question.retire") == 1


@pytest.mark.parametrize(
    ("query", "hits"),
    [
        ("q=第二", ["第二题"]), ("q=k-1", ["第一题"]), ("q=%25", []), ("state=waiting", ["第二题"]),
        ("kind=judge", []), ("difficulty=medium", ["第一题", "第二题"]), ("rung=3", []),
        ("module=基础知识&sort=code&order=desc", ["第二题", "第一题"]), ("rung=abc&kind=x", ["第一题", "第二题"]),
        ("page=99", []),
    ],
)  # fmt: skip
def test_search_filters_and_sort(author, query, hits):
    page = author.get(f"/bank/base-bank?{query}")
    assert page.status_code == 200
    assert re.findall(r'class="bank-stem"[^>]*>(第.题)', page.text) == hits


def test_a_page_of_many_needs_no_more_statements_than_a_page_of_few(author, bank, cast):
    def cost(address: str) -> int:
        with count_statements() as seen:
            assert author.get(address).status_code == 200
        return len(seen)

    few = cost("/bank/base-bank"), cost("/bank"), cost(f"/bank/questions/{question('K-1').id}")
    for _number in range(40):
        make_question(bank, cast.chen, approved=_number % 2 == 0)
    make_bank(cast.base)
    many = cost("/bank/base-bank"), cost("/bank"), cost(f"/bank/questions/{question('K-1').id}")
    assert few == many


def send(client, data: bytes, name: str = "q.xlsx"):
    file = (io.BytesIO(data), name)
    sent = {"file": file, "wanted": "auto", "rung": "2", "module": "基础知识"}
    return post(client, "/bank/base-bank/import", sent, content_type="multipart/form-data")


def test_a_file_is_planned_confirmed_and_waits_for_approval(author):
    answer = send(author, workbook(HEAD, SINGLE, MULTIPLE, JUDGE))
    assert answer.status_code == 303
    address = answer.headers["Location"]
    plan = author.get(address)
    assert "导入 3 道题" in plan.text
    digest = re.search(r'name="digest" value="(\w+)"', plan.text)[1]
    assert post(author, address, {"digest": digest}).status_code == 303
    assert "噎住" in author.get("/bank/base-bank?state=waiting").text
    assert author.get(address).status_code == 409


def test_faults_are_shown_by_row_and_column_and_nothing_can_be_confirmed(author):
    bad = ["单选题", "问？", "甲", "乙", "", "", "Z"]
    address = send(author, workbook(HEAD, SINGLE, bad)).headers["Location"]
    plan = author.get(address)
    assert "第 3 行" in plan.text
    assert "答案" in plan.text
    assert "digest" not in plan.text
    assert post(author, address, {"digest": ""}).status_code in {409, 422}
    assert "噎住" not in author.get("/bank/base-bank").text


def test_somebody_elses_upload_is_gone(author, examiner):
    address = send(author, workbook(HEAD, SINGLE)).headers["Location"]
    assert examiner.get(address).status_code == 409


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"<!DOCTYPE x><quiz/>", b"\x00\x01"])
def test_a_hostile_upload_is_refused_beside_the_field(author, data):
    answer = send(author, data, "q.bin")
    assert answer.status_code == 422
    assert "field-error" in answer.text


@pytest.mark.parametrize("name", ["xlsx", "yaml", "gift", "moodle"])
def test_an_export_holds_exactly_the_list_and_is_recorded(author, name):
    answer = post(author, "/bank/base-bank/export", {"format": name, "state": "in_use"})
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"
    if name != "xlsx":
        assert "第一题" in answer.text
        assert "第二题" not in answer.text
    assert audited("question.key.export") == 1


def test_a_bank_is_opened_for_ones_own_organisation_only(author, cast):
    sent = {"title": "高级工题库", "code": "senior", "owner": cast.base}
    assert post(author, "/bank/new", sent).status_code == 303
    assert post(author, "/bank/new", sent).status_code == 409
    other = {"title": "别家", "code": "other", "owner": cast.gucheng}
    assert post(author, "/bank/new", other).status_code == 422
    assert post(author, "/bank/new", {**sent, "code": "new"}).status_code == 422
    owners = session().scalars(
        select(Bank.organisation_id).where(Bank.code.in_(["senior", "other"]))
    )
    assert list(owners) == [cast.base]


def test_the_template_opens_and_reads_back_empty(author):
    assert author.get("/bank/template.xlsx").data.startswith(b"PK")
