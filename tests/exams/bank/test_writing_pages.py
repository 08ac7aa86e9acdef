"""Writing and approving in the browser: never one's own approver, never unread."""

import io
import re

import pytest
from sqlalchemy import select

from exams.bank.models import QuestionApproval, QuestionVersion
from lms.core.db import session
from tests.exams.bank.pages import FORM, SECRET, opened, post, question
from tests.factories.bank import make_question
from tests.factories.media import picture


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


def test_a_picture_is_put_on_one_part_of_a_case(author, bank, cast):
    case = {
        "stem": "张奶奶，七十八岁，右侧偏瘫。", "explanation": "先看后做。", "module": "生活照护",
        "difficulty": "easy", "rung": "2", "code": "case-1",
        "part1_kind": "judge", "part1_stem": "可以先坐起来。", "part1_truth": "1",
        "part1_share": "1",
        "part2_kind": "judge", "part2_stem": "图上的体位正确。", "part2_truth": "1",
        "part2_share": "1",
    }  # fmt: skip
    sent = case | {
        "go": "refresh", "part2_file": (io.BytesIO(picture("PNG")), "bed.png"),
        "part2_file_alt": "右侧卧位",
    }  # fmt: skip
    address = "/bank/base-bank/add?kind=case"
    page = post(author, address, sent, content_type="multipart/form-data")
    digest = re.search(r'name="part2_media_0" value="(\w+)"', page.text)[1]
    assert 'name="media_0"' not in page.text
    assert 'name="part1_media_0"' not in page.text
    kept = case | {"part2_media_0": digest, "part2_alt_0": "右侧卧位"}
    assert post(author, address, kept).status_code == 303
    version = session().scalars(select(QuestionVersion).order_by(QuestionVersion.id.desc())).first()
    parts = version.body["parts"]
    assert "media" not in parts[0]["body"]
    assert parts[1]["body"]["media"] == [{"digest": digest, "kind": "picture", "alt": "右侧卧位"}]
    full = kept | {f"part2_media_{n}": digest for n in range(4)}
    full |= {"go": "refresh", "part2_file": (io.BytesIO(picture("PNG")), "bed.png")}
    refused = post(author, address, full, content_type="multipart/form-data")
    assert refused.status_code == 422
    assert "最多 4 个" in refused.text
