# ruff: noqa: E501
"""The bank's pages: who sees what, keys only after a recorded opening, never one's own approver."""

import io
import re

import pytest
import time_machine
from flask import g
from sqlalchemy import delete, func, select

from exams.bank import shelf
from exams.bank.formats.detect import read_file
from exams.bank.formats.items import Defaults
from exams.bank.importing import plan_import
from exams.bank.jobs import TASK_RUNNERS, sweep
from exams.bank.models import Bank, Kind, Question, QuestionApproval, QuestionVersion
from exams.bank.rules import faults
from lms.core import tasks
from lms.core.access import SYSTEM, Role
from lms.core.audit import AuditEvent
from lms.core.db import session
from lms.core.tasks import Task
from lms.core.uow import unit_of_work
from lms.people.api import grant_role
from lms.people.models import RoleGrant
from tests.cast import START, THEN
from tests.exams.bank.samples import HEAD, JUDGE, MULTIPLE, SINGLE, workbook
from tests.factories.bank import make_bank, make_question
from tests.factories.media import picture
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


def work() -> None:
    """What the scheduler does."""
    while tasks.run_next(TASK_RUNNERS):
        pass


def plan_page(client, data: bytes, name: str = "q.xlsx"):
    """Upload, let the scheduler plan, open the page; its address too."""
    answer = send(client, data, name)
    assert answer.status_code == 303
    address = answer.headers["Location"]
    assert "data-task" in client.get(address).text
    assert client.get(f"{address}/state").json["state"] == "waiting"
    work()
    assert client.get(f"{address}/state").json["state"] in {"done", "failed"}
    return client.get(address), address


def test_a_file_is_planned_confirmed_and_waits_for_approval(author):
    plan, address = plan_page(author, workbook(HEAD, SINGLE, MULTIPLE, JUDGE))
    assert "导入 3 道题" in plan.text
    digest = re.search(r'name="digest" value="(\w+)"', plan.text)[1]
    assert post(author, address, {"digest": "0" * 64}).status_code == 409
    first = post(author, address, {"digest": digest})
    again = post(author, address, {"digest": digest})
    assert first.status_code == 303
    assert again.headers["Location"] == first.headers["Location"]
    work()
    assert "新增 3 道" in author.get(first.headers["Location"]).text
    assert "噎住" in author.get("/bank/base-bank?state=waiting").text
    assert audited("question.import") == 1


def test_a_plan_overtaken_by_another_writes_nothing(author, bank, cast):
    plan, address = plan_page(author, workbook(HEAD, SINGLE))
    digest = re.search(r'name="digest" value="(\w+)"', plan.text)[1]
    started = post(author, address, {"digest": digest}).headers["Location"]
    make_question(bank, cast.chen, code="NEW", stem=SINGLE[1], body={"options": SINGLE[2:6]})
    work()
    assert "重新上传" in author.get(started).text
    assert audited("question.import") == 0


def test_who_lost_the_role_before_the_task_ran_imports_nothing(author, cast):
    address = send(author, workbook(HEAD, SINGLE)).headers["Location"]
    with unit_of_work():
        session().execute(delete(RoleGrant).where(RoleGrant.person_id == cast.chen))
    work()
    task = session().scalars(select(Task).order_by(Task.id.desc())).first()
    assert (task.state, task.result.get("new")) == ("failed", None)
    assert address.endswith(task.ref)


def test_faults_are_shown_by_row_and_column_and_nothing_can_be_confirmed(author):
    bad = ["单选题", "问？", "甲", "乙", "", "", "Z"]
    plan, address = plan_page(author, workbook(HEAD, SINGLE, bad))
    assert "第 3 行" in plan.text
    assert "答案" in plan.text
    assert "digest" not in plan.text
    assert post(author, address, {"digest": ""}).status_code == 409
    assert "噎住" not in author.get("/bank/base-bank").text
    assert "第 3 行,答案" in author.get(f"{address}/faults.csv").text


def test_somebody_elses_import_is_not_there(author, examiner):
    address = send(author, workbook(HEAD, SINGLE)).headers["Location"]
    for place in (address, f"{address}/state", f"{address}/faults.csv"):
        assert examiner.get(place).status_code == 404


def test_plans_are_forgotten_after_a_day(author):
    _plan, address = plan_page(author, workbook(HEAD, SINGLE))
    with time_machine.travel("2090-01-01", tick=False):
        sweep()
    assert "噎住" not in author.get(address).text
    assert "重新上传" in author.get(address).text


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04", b"<!DOCTYPE x><quiz/>", b"\x00\x01", b"PK imsmanifest.xml"]
)
def test_a_hostile_upload_is_refused_with_a_sentence(author, data):
    page, _address = plan_page(author, data, "q.bin")
    assert page.status_code == 200
    assert "notice-bad" in page.text
    assert "digest" not in page.text
    assert "出了问题" not in page.text


def test_an_empty_upload_is_refused_beside_the_field(author):
    answer = send(author, b"", "q.bin")
    assert answer.status_code == 422
    assert "field-error" in answer.text


def test_what_a_format_cannot_hold_is_listed_and_nothing_leaves(author, bank, cast):
    kept = shelf.keep(bank, picture("PNG"), SYSTEM, THEN)
    shown = [{"digest": kept.digest, "kind": "picture", "alt": "床"}]
    body = {"options": ["甲", "乙", "丙", "丁"], "media": shown}
    make_question(bank, cast.chen, code="PIC", body=body)
    for name in ("xlsx", "gift", "yaml"):
        answer = post(author, "/bank/base-bank/export", {"format": name})
        assert answer.status_code == 422
        assert "PIC" in answer.text
        assert "Content-Disposition" not in answer.headers
    for name, ending in (("moodle", "q.xml"), ("qti", "q.zip")):
        content = post(author, "/bank/base-bank/export", {"format": name}).data
        found = plan_import(bank, read_file(content, ending, "auto", Defaults()))
        assert (found.faults, found.unsupported, found.changes) == ([], [], [])


@pytest.mark.parametrize("name", ["xlsx", "yaml", "gift", "moodle", "qti"])
def test_an_export_holds_exactly_the_list_and_is_recorded(author, name):
    answer = post(author, "/bank/base-bank/export", {"format": name, "state": "in_use"})
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"
    if name not in ("xlsx", "qti"):
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


def test_the_template_has_an_example_of_every_kind(author):
    data = author.get("/bank/template.xlsx").data
    found = read_file(data, "t.xlsx", "auto", Defaults())
    assert (found.faults, found.unsupported) == ([], [])
    assert {str(item.draft.kind) for item in found.items} == {str(kind) for kind in Kind}
    assert all(not faults(item.draft) for item in found.items)
