"""Publicity done elsewhere is believed on two people's word, and remarks are said in the language
of whoever reads them."""

import io

import pytest
from sqlalchemy import select, update

from certificates.batches.models import Batch, BatchLine
from certificates.batches.operations import decide_claims
from certificates.batches.queries import counts_of
from certificates.batches.remarks import remark_of, said
from certificates.errors import EvaluatorNotOnFile, GlyphMissing, ReasonNeeded, SecondPersonNeeded
from certificates.models import Certificate
from lms.core import clock
from lms.core.access import SYSTEM, Role
from lms.core.audit import AuditEvent
from lms.core.db import session
from lms.core.errors import Conflict, NotFound
from lms.core.uow import unit_of_work
from lms.people.api import actor_of, grant_role
from tests.cast import citizen_id
from tests.factories.issuing import kept, publicity, run_all, sheet_of
from tests.forms import post

HEADINGS = ["姓名", "证件号码", "等级", "公示开始", "公示结束", "公示依据"]
CLAIM = ["2026-10-12", "2026-10-30", "并人社公告〔2026〕12号"]
NOTE = "已核对公告原件，名单一致"


def lines(*more):
    return sheet_of(HEADINGS, ["王桂兰", citizen_id(1), "初级工", *CLAIM], *more)


@pytest.fixture
def batch(app, cast):
    """王桂兰 was public elsewhere, 赵 is to be public here."""
    with unit_of_work():
        publicity(5)
    zhao = ["赵秀英", citizen_id(2), "初级工", "", "", ""]
    found = kept(cast, lines(zhao))
    assert counts_of(found.id).get("ready"), [
        line.said for line in session().scalars(select(BatchLine))
    ]
    return found


def outcome(person_id):
    session().expire_all()
    query = select(BatchLine).where(BatchLine.person_id == person_id)
    line = session().scalars(query).one()
    return line.outcome, line.code


def word(batch, who, approved=True, note=NOTE):
    with unit_of_work():
        decide_claims(batch.id, approved, note, actor_of(who, clock.now()), clock.now())


def test_nothing_claimed_is_issued_before_another_person_has_checked(batch, cast):
    run_all(batch, cast)
    assert outcome(cast.wang) == ("failed", "claim-waits")
    assert outcome(cast.zhao)[0] in ("public", "refused")  # the others are not held up
    word(batch, cast.county)
    run_all(batch, cast)
    assert outcome(cast.wang)[0] == "issued"
    facts = session().scalars(select(Certificate.facts)).one()
    assert '"publicity_by":"并人社公告〔2026〕12号"' in facts
    trail = session().scalars(select(AuditEvent.action)).all()
    assert "certificate.batch.claims.approve" in trail


def test_refused_the_lines_stay_unissued_and_the_word_is_said_once(batch, cast):
    word(batch, cast.county, approved=False)
    run_all(batch, cast)
    assert outcome(cast.wang) == ("failed", "claim-refused")
    with pytest.raises(Conflict):
        word(batch, cast.county)


def test_who_made_it_who_is_in_it_and_who_says_nothing_do_not_approve(batch, cast):
    with pytest.raises(SecondPersonNeeded):
        word(batch, cast.zhou)
    with pytest.raises(ReasonNeeded):
        word(batch, cast.county, note="好")
    with pytest.raises(NotFound):
        word(batch, cast.other_county)
    with unit_of_work():
        now = clock.now()
        grant_role(
            cast.wang, Role.EXAMINER, SYSTEM, now, clock.local_date(now), organisation_id=cast.base
        )
    with pytest.raises(SecondPersonNeeded):
        word(batch, cast.wang)


def test_a_batch_without_claims_has_nothing_to_approve(app, cast):
    found = kept(cast, sheet_of(HEADINGS[:3], ["王桂兰", citizen_id(1), "初级工"]))
    with pytest.raises(Conflict):
        word(found, cast.county)
    run_all(found, cast)
    assert outcome(cast.wang)[0] == "issued"


def upload(client, cast, content):
    return post(
        client, "/batches/new", page="/batches/new",
        data={"issuer": str(cast.base), "file": (io.BytesIO(content), "a.csv")},
        content_type="multipart/form-data",
    )  # fmt: skip


def test_the_page_shows_the_documents_and_leads_the_second_person(site, cast, sign_in):
    with site.app.app_context(), unit_of_work():
        publicity(5)
    first, other = sign_in(cast.zhou), sign_in(cast.county)
    where = upload(first, cast, lines()).location
    shown = first.get(where).text
    assert CLAIM[2] in shown
    assert "要由另一位同事核对" in shown
    assert "核对了什么" not in shown
    assert "核对了什么" in other.get(where).text
    data = {"go": "approve", "note": NOTE}
    assert post(first, f"{where}/claims", data, page=where).status_code == 409
    assert post(other, f"{where}/claims", data, page=where).status_code == 303
    assert NOTE in first.get(where).text
    assert "核对了什么" not in other.get(where).text


def test_remarks_are_read_in_the_readers_language(site, cast, sign_in):
    client = sign_in(cast.zhou)
    nobody = ["没有人", citizen_id(70), "初级工", "", "", ""]
    where = upload(client, cast, sheet_of(HEADINGS, nobody)).location
    assert "系统里没有这个证件号码的人" in client.get(where).text
    post(client, "/preferences/language", {"lang": "en"}, page="/batches")
    english = client.get(where).text
    assert "系统里没有这个证件号码的人" not in english
    assert "(证件号码)" in english  # the sheet's own heading stays beside the English word
    report = client.get(f"{where}/report.csv").text
    assert "系统里没有这个证件号码的人" not in report
    with site.app.app_context():
        stored = session().scalars(select(BatchLine)).one()
        assert (stored.code, stored.text) == ("unknown-person", "")
        with unit_of_work():  # a line from before remarks had codes keeps its words
            session().execute(update(BatchLine).values(code="", text="旧的说明"))
    assert "旧的说明" in client.get(where).text


def test_refusals_keep_their_code_or_else_their_words(app):
    usual = remark_of(EvaluatorNotOnFile())
    assert usual.code == "refused:evaluator-not-on-file"
    assert said(usual.code, usual.params) == str(EvaluatorNotOnFile())
    blank = remark_of(GlyphMissing("🐼"))
    assert said(blank.code, blank.params) == str(GlyphMissing("🐼"))
    typed = remark_of(Conflict("只有这一次的话"))
    assert said(typed.code, typed.params) == "只有这一次的话"
    assert session().scalars(select(Batch)).all() == []
