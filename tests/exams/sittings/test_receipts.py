"""A receipt can be checked by anybody who holds it, without trusting the site."""

import json
import secrets
from hashlib import sha256

import pytest
from sqlalchemy import insert

from exams.sittings.models import AnswerStep
from lms.core import clock
from lms.core.db import session
from lms.core.uow import unit_of_work
from tests.factories.exams import Room
from tests.factories.sittings import begin_sittings

ANSWERS = {
    1: {"picked": [2]},
    2: {"picked": []},
    3: {"value": False},
    4: {"number": "550.5", "flag": True},
    5: {"blanks": ["骨隆突", ""]},
    6: {"pairs": [None, 1, None]},
    7: {"sequence": [3, 1, 0, 2]},
    8: {"text": "先问“为什么”，\n再报告。\\ /"},
    9: {"text": "  "},
    10: {"flag": True},
}


@pytest.fixture
def room(site, cast, sign_in):
    room = Room(sign_in(cast.wang), begin_sittings(site.app, cast)[0])
    assert room.enter().status_code == 200
    for position, answer in ANSWERS.items():
        assert room.answer(position, answer).status_code == 200
    return room


def test_the_file_holds_the_text_that_the_digest_is_over(room):
    told = room.hand_in().json
    file = room.client.get(f"/exams/room/{room.attempt}/receipt.txt")
    assert file.mimetype == "text/plain"
    assert f"receipt-{told['receipt']}.txt" in file.headers["Content-Disposition"]
    last = file.data.split(b"\n")[-1]
    assert sha256(last).hexdigest() == told["digest"]
    assert told["digest"] in file.text
    assert told["receipt"] in file.text
    said = {p: a for p, a in ANSWERS.items() if p not in (2, 9, 10)} | {4: {"number": "550.5"}}
    assert json.loads(last) == {
        "attempt": room.attempt,
        "answers": {str(position): answer for position, answer in said.items()},
    }
    assert told["answered"] == len(said)


def test_the_file_names_the_configured_address_whatever_host_was_asked(room, settings):
    told = room.hand_in().json
    for host in ("evil.example", "127.0.0.1:1"):
        room.client.set_cookie(
            "session", room.client.get_cookie("session").value, domain=host.split(":")[0]
        )
        file = room.client.get(f"/exams/room/{room.attempt}/receipt.txt", headers={"Host": host})
        assert file.status_code == 200
        assert f"{settings.base_url}/exams/receipt/{told['receipt']}" in file.text
        assert "evil" not in file.text


def test_anybody_with_the_code_sees_digest_count_and_time_and_no_name(room, visitor):
    told = room.hand_in().json
    page = visitor.get(f"/exams/receipt/{told['receipt']}")
    assert told["digest"] in page.text
    assert "11 题，答了 7 题" in page.text
    assert "没有被改动" in page.text
    assert "王桂兰" not in page.text


def test_a_code_is_found_however_it_is_typed(room, visitor):
    code = room.hand_in().json["receipt"]
    typed = code.replace("-", " ").lower()
    answer = visitor.get("/exams/receipt", query_string={"code": typed})
    assert answer.location.endswith(f"/exams/receipt/{code}")
    unknown = visitor.get("/exams/receipt", query_string={"code": "2222-2222-2222"})
    assert unknown.status_code == 200
    assert "没有这个编号" in unknown.text


def test_the_page_says_when_answers_were_changed_after_handing_in(room, visitor, site):
    code = room.hand_in().json["receipt"]
    with site.app.app_context(), unit_of_work():
        forged = {
            "attempt_id": room.attempt, "seq": 999, "op": secrets.token_hex(16), "epoch": 1,
            "position": 1, "answer": {"picked": [0]}, "received_at": clock.now(), "late": False,
        }  # fmt: skip
        session().execute(insert(AnswerStep), [forged])
    assert "和交卷时不一样" in visitor.get(f"/exams/receipt/{code}").text


def test_an_open_sitting_has_no_receipt(room):
    answer = room.client.get(f"/exams/room/{room.attempt}/receipt.txt")
    assert (answer.status_code, answer.mimetype) == (303, "text/html")
