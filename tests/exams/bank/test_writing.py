"""Writing questions of every kind in the browser: what was typed is what is kept, nothing typed is
lost, the preview shows no key, and what is nearly there already is pointed out."""

import io

import pytest
from flask import g
from hypothesis import given
from sqlalchemy import func, select

from exams.bank.entering import fields_for, typed
from exams.bank.kinds import tidied
from exams.bank.models import MediaFile, Question, QuestionKey, QuestionVersion
from exams.bank.rules import Draft, tidy
from lms.core.db import session
from tests.exams.analysis.test_pages import make_event
from tests.exams.analysis.test_records import keep as keep_figures
from tests.factories import media
from tests.factories.bank import make_bank, make_question
from tests.factories.kinds import NUMBERS, SECRET, one_of_each, simple_questions
from tests.forms import post as send_form

KINDS = [draft.kind for draft in one_of_each()]
ADD = "/bank/writing/add"


@pytest.fixture
def bank(app, cast):
    return make_bank(cast.base, "writing")


@pytest.fixture
def author(cast, sign_in, bank):
    return sign_in(cast.chen)


def post(client, url, data, **more):
    g.pop("csrf_token", None)
    return send_form(client, url, data, "/bank", **more)


def form_of(draft: Draft) -> dict[str, str]:
    """What a browser sends for a question."""
    common = {
        name: str(getattr(draft, name))
        for name in ("stem", "module", "difficulty", "rung", "occupation", "explanation",
                     "knowledge", "source", "note")
    }  # fmt: skip
    return common | fields_for(draft.kind, draft.body, draft.key)


def stored() -> tuple[QuestionVersion, QuestionKey]:
    version = session().scalars(select(QuestionVersion).order_by(QuestionVersion.id.desc())).first()
    assert version is not None
    return version, session().get_one(QuestionKey, version.id)


@given(simple_questions())
def test_a_form_gives_back_the_question_it_was_filled_with(question):
    for prefix in ("", "part3_"):
        fields = fields_for(question.kind, question.body, question.key, prefix)
        body, key = typed(question.kind, question.stem, fields, prefix)
        assert tidied(question.kind, body, key) == (question.body, question.key)


@pytest.mark.parametrize("kind", KINDS)
def test_a_question_of_every_kind_is_written_kept_and_written_again(author, bank, kind):
    draft = one_of_each()[KINDS.index(kind)]
    assert author.get(f"{ADD}?kind={kind}").status_code == 200
    answer = post(author, f"{ADD}?kind={kind}", form_of(draft))
    assert answer.status_code == 303, answer.text
    version, key = stored()
    assert (version.kind, version.stem, version.body, key.key) == (
        kind, draft.stem, draft.body, draft.key,
    )  # fmt: skip
    number = version.question_id
    page = author.get(f"/bank/questions/{number}").text
    assert SECRET not in page.replace(draft.source, "")
    assert not any(number in page for number in NUMBERS)
    opened = post(author, f"/bank/questions/{number}/key", {"next": "edit"})
    form = author.get(opened.headers["Location"])
    assert form.status_code == 200
    changed = form_of(draft) | {"stem": draft.stem + "（改）", "based_on": "1"}
    assert post(author, f"/bank/questions/{number}/edit", changed).status_code == 303
    again, key = stored()
    assert (again.number, again.body, key.key) == (2, draft.body, draft.key)
    shown = post(author, f"/bank/questions/{number}/key", {}, follow_redirects=True).text
    for secret in ("-301-", "-304-", "-306-") if kind == "case" else ():
        assert f"{SECRET}{secret}qX7" in shown


@pytest.mark.parametrize("kind", KINDS)
def test_a_preview_shows_the_face_and_writes_nothing(author, bank, kind):
    draft = one_of_each()[KINDS.index(kind)]
    answer = post(author, f"{ADD}?kind={kind}", form_of(draft) | {"go": "preview"})
    assert answer.status_code == 200
    preview = answer.text.split("考生看到的样子")[1].split("<form")[0]
    assert draft.stem in preview
    assert SECRET not in preview
    assert not any(number in preview for number in NUMBERS)
    written = select(func.count()).select_from(Question).where(Question.bank_id == bank.id)
    assert session().scalar(written) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_typed_is_still_there_when_something_is_missing(author, bank, kind):
    draft = one_of_each()[KINDS.index(kind)]
    answer = post(author, f"{ADD}?kind={kind}", form_of(draft) | {"module": ""})
    assert answer.status_code == 422
    for name, value in fields_for(draft.kind, draft.body, draft.key).items():
        first_line = value.split("\n")[0]
        assert first_line in answer.text, name


def test_an_unsound_question_is_refused_with_the_reason(author, bank):
    form = form_of(one_of_each()[KINDS.index("numeric")]) | {"number": "很多"}
    answer = post(author, f"{ADD}?kind=numeric", form)
    assert answer.status_code == 422
    assert "应是一个数" in answer.text


def test_a_case_grows_and_shrinks_without_script(author, bank):
    form = {"stem": "张奶奶，78 岁。", "go": "add_part", "new_kind": "numeric"}
    page = post(author, f"{ADD}?kind=case", form)
    assert page.status_code == 200
    assert 'name="part1_number"' in page.text
    assert "有 " not in page.text.split("error-summary")[0][-40:]
    form |= {"part1_kind": "numeric", "part1_stem": "喂多少？", "part1_number": "200",
             "part1_share": "1", "new_kind": "judge"}  # fmt: skip
    page = post(author, f"{ADD}?kind=case", form)
    assert 'name="part2_truth"' in page.text
    assert "200" in page.text
    form |= {"part2_kind": "judge", "part2_stem": "对吗？", "part2_share": "2",
             "part1_drop": "y", "go": "refresh"}  # fmt: skip
    page = post(author, f"{ADD}?kind=case", form)
    assert 'name="part1_truth"' in page.text
    assert 'name="part2_kind"' not in page.text


def test_a_picture_is_sent_with_the_form_described_shown_and_removed(author, bank):
    draft = one_of_each()[0]
    form = form_of(draft) | {
        "file": (io.BytesIO(media.picture()), "x.jpg"),
        "file_alt": "一张水温计的照片",
    }
    answer = post(author, f"{ADD}?kind=single", form)
    assert answer.status_code == 303, answer.text
    version, _key = stored()
    (item,) = version.body["media"]
    assert (item["kind"], item["alt"]) == ("picture", "一张水温计的照片")
    number = version.question_id
    page = author.get(f"/bank/questions/{number}").text
    assert f'src="/exams/media/{item["digest"]}"' in page
    again = form_of(draft) | {
        "based_on": "1", "media_0": item["digest"], "alt_0": "换一句", "drop_0": "y",
    }  # fmt: skip
    assert post(author, f"/bank/questions/{number}/edit", again).status_code == 303
    assert "media" not in stored()[0].body


def test_a_file_is_kept_while_the_rest_of_the_form_is_mended(author, bank):
    form = form_of(one_of_each()[0]) | {"module": "", "file": (io.BytesIO(media.wav()), "x.exe")}
    page = post(author, f"{ADD}?kind=single", form)
    digest = session().scalars(select(MediaFile.digest)).one()
    assert page.status_code == 422
    assert f'name="media_0" value="{digest}"' in page.text


@pytest.mark.parametrize(
    ("data", "reason"), [(b"MZ\x90\0", "只收图片"), (media.picture()[:90], "图片损坏")]
)
def test_a_hostile_file_is_refused_beside_its_field(author, bank, data, reason):
    form = form_of(one_of_each()[0]) | {"file": (io.BytesIO(data), "x.jpg")}
    page = post(author, f"{ADD}?kind=single", form)
    assert page.status_code == 422
    assert reason in page.text
    assert session().scalar(select(func.count()).select_from(MediaFile)) == 0


def test_a_file_of_another_bank_cannot_be_claimed(author, bank):
    form = form_of(one_of_each()[0]) | {"media_0": "a" * 64, "alt_0": "别处的图"}
    page = post(author, f"{ADD}?kind=single", form)
    assert page.status_code == 422
    assert "不在这个题库里" in page.text


def test_what_is_nearly_there_already_is_shown_with_its_text(author, examiner_of, bank, cast):
    known = "给卧床老人翻身时，护理员最应当注意的是哪一件事情？"
    make_question(bank, cast.chen, code="K-1", stem=known)
    like = {"stem": known.replace("护理员", "照护者"), "option_a": "甲", "option_b": "乙",
            "option_c": "丙", "option_d": "丁", "right_b": "y", "module": "生活照护",
            "difficulty": "easy", "rung": "2", "occupation": "caregiver"}  # fmt: skip
    preview = post(author, ADD, like | {"go": "preview"}).text
    assert "很像的题" in preview
    assert known in preview
    saved = post(author, ADD, like, follow_redirects=True).text
    assert "很像的题" in saved
    assert known in saved
    pairs = author.get("/bank/writing/near").text
    assert known in pairs
    assert like["stem"] in pairs
    review = post(examiner_of, "/bank/writing/review", {}, follow_redirects=True).text
    assert "很像的题" in review
    assert known in review


@pytest.fixture
def examiner_of(cast, sign_in, bank):
    return sign_in(cast.zhou)


def test_an_occupation_from_a_file_stays_and_lists_are_narrowed_by_every_tag(author, bank, cast):
    made = make_question(
        bank, cast.chen, code="O-1", occupation="nurse", knowledge="血压", source="省题库",
        stem="护士问。",
    )  # fmt: skip
    make_question(bank, cast.chen, code="O-2", knowledge="翻身", source="自编", stem="护理员问。")
    for query in ("occupation=nurse", "knowledge=血压", "source=省题库"):
        page = author.get(f"/bank/writing?{query}").text
        assert "护士问。" in page
        assert "护理员问。" not in page
    form = form_of(
        tidy(Draft("single", "改。", {"options": ["甲", "乙"]}, {"right": [0]}, "模块", "easy", 2,
                   occupation="nurse"))
    )  # fmt: skip
    answer = post(author, f"/bank/questions/{made.question_id}/edit", form | {"based_on": "1"})
    assert answer.status_code == 303
    assert stored()[0].occupation == "nurse"


def test_figures_stand_beside_a_question_but_not_below_the_stated_sample(author, bank, cast):
    enough = make_question(bank, cast.chen, code="S-1", stem="够多人答过。")
    few = make_question(bank, cast.chen, code="S-2", stem="只有几个人答过。")
    event = make_event(cast, bank.id)
    keep_figures(event, enough.id)
    keep_figures(make_event(cast, bank.id), few.id, n=12, w=120, x=60)
    page = author.get("/bank/writing").text
    rows = {code: page.split(code)[1].split("</tr>")[0] for code in ("S-1", "S-2")}
    assert "50%" in rows["S-1"]
    assert "（35–65）" in rows["S-1"]
    assert "区分度" in rows["S-1"]
    assert "只有 12 人" in rows["S-2"]
    assert "%" not in rows["S-2"]
    assert "区分度" not in rows["S-2"]
    one = author.get(f"/bank/questions/{enough.question_id}").text
    assert "不到 30 人作答的不下结论" in one
    assert "（35–65）" in one
