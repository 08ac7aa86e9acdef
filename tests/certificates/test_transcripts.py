"""A transcript of class hours as a kind: sealed with its entries, shown, printed over pages."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm.attributes import set_committed_value

from certificates.documents import paper_of
from certificates.models import Certificate
from certificates.rules import Status
from certificates.verification import verify
from lms.core.db import session
from lms.core.errors import Invalid
from tests.factories.certificates import NOW, issue_now, transcript_request


def test_a_transcript_is_sealed_with_its_entries_and_shown_to_compare(site, visitor, cast):
    with site.app.app_context():
        issued = issue_now(transcript_request(cast.wang, cast.base))
        assert issued.number == "XS14010520260000001"
        verdict = verify(issued.code, NOW)
        assert verdict.status is Status.VALID
        assert verdict.shown.transcript.totals == (("professional", 25), ("public", 80))
    page = visitor.get(f"/v/{issued.code}")
    for said in (
        "继续教育学时证明",
        "失能老年人照护技术专题（1）",
        "2.5 学时",
        "8 学时",
        "10.5 学时",
    ):
        assert said in page.text
    answer = visitor.get(f"/v/{issued.code}", headers={"Accept": "application/json"}).json
    assert answer["hours"]["tenths"] == 105
    assert answer["hours"]["entries"][1] == {
        "on": "2026-11-02", "category": "public", "tenths": 80, "source": "职业道德",
        "organiser": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        {"entries": []},
        {"entries": "none"},
        {"tenths": 1},
        {"totals": [{"category": "professional", "tenths": 105}]},
        {"totals": [{"category": "public", "tenths": 80}] * 2},
        {"from": "2027-11-03"},
        {"from": "soon"},
        {"extra": [1]},
    ],
)
def test_a_transcript_that_does_not_add_up_is_never_sealed(app, cast, wrong):
    request = transcript_request(cast.wang, cast.base)
    with pytest.raises(Invalid):
        issue_now(replace(request, facts=request.facts | wrong))


@pytest.mark.parametrize("spoil", [{"tenths": 2.5}, {"tenths": True}, {"more": 1}, {"on": None}])
def test_an_entry_of_another_shape_is_never_sealed(app, cast, spoil):
    request = transcript_request(cast.wang, cast.base)
    first, *rest = request.facts["entries"]
    with pytest.raises(Invalid):
        issue_now(replace(request, facts=request.facts | {"entries": [first | spoil, *rest]}))


def test_a_changed_entry_is_found_out(app, cast):
    issued = issue_now(transcript_request(cast.wang, cast.base))
    row = session().scalars(select(Certificate)).one()
    altered = row.facts.replace('"tenths":80', '"tenths":90')
    assert altered != row.facts
    set_committed_value(row, "facts", altered)
    assert verify(issued.code, NOW).status is Status.DAMAGED


def test_a_long_transcript_runs_over_pages_and_stays_one_picture(app, cast):
    issued = issue_now(transcript_request(cast.wang, cast.base, count=60))
    reader = PdfReader(io.BytesIO(paper_of(issued.certificate_id, "pdf")))
    pages = ["".join(page.extract_text().split()) for page in reader.pages]
    assert len(pages) >= 3
    assert all(issued.number in page for page in pages)
    assert all(f"专题（{nth + 1}）" in "".join(pages) for nth in range(59))
    picture = Image.open(io.BytesIO(paper_of(issued.certificate_id, "png")))
    assert picture.height == 1684 * len(pages)
    assert (
        zxingcpp.read_barcodes(picture.convert("L"))[0].text.partition("#")[0].endswith(issued.code)
    )
