# ruff: noqa: E501
"""The bank's pages: who sees what, and keys only after a recorded opening."""

import re

import pytest
import time_machine
from sqlalchemy import select

from exams.bank import shelf
from exams.bank.formats.detect import read_file
from exams.bank.formats.items import Defaults
from exams.bank.importing import plan_import
from exams.bank.models import Bank, Kind
from exams.bank.rules import faults
from lms.core.access import SYSTEM, Role
from lms.core.db import session
from lms.core.uow import unit_of_work
from lms.people.api import grant_role
from tests.cast import START, THEN
from tests.exams.bank.pages import FORM, SECRET, audited, opened, post, question
from tests.factories.bank import make_bank, make_question
from tests.factories.media import picture
from tests.statements import count_statements


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
