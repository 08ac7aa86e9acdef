"""All papers of a batch as one ZIP, sent one by one."""

import io
import re
import zipfile

from pypdf import PdfReader
from sqlalchemy import select

from certificates.batches import papers
from certificates.batches.models import Batch
from certificates.models import Certificate
from certificates.operations import revoke
from lms.core import clock
from lms.core.access import SYSTEM
from lms.core.audit import AuditEvent
from lms.core.db import session
from lms.core.uow import unit_of_work
from tests.cast import citizen_id
from tests.factories.certificates import issue_now, skill_request
from tests.factories.issuing import kept, run_all, sheet_of

ROWS = [["王桂兰", citizen_id(1), "初级工"], ["赵秀英", citizen_id(2), "初级工"]]


def batch_of(cast, run=True):
    batch = kept(cast, sheet_of(["姓名", "证件号码", "等级"], *ROWS))
    if run:
        run_all(batch, cast)
    return batch.ref


def test_the_whole_batch_in_one_file_masked_and_only_for_whom_the_batch_is(site, cast, sign_in):
    with site.app.app_context():
        issue_now(skill_request(cast.li, cast.base))  # not of the batch
        ref = batch_of(cast)
        own = session().scalars(select(Certificate).where(Certificate.person_id != cast.li)).all()
        numbers = [row.number for row in own]
        with unit_of_work():
            revoke(own[1].id, "单独查实", SYSTEM, clock.now())
    client, place = sign_in(cast.zhou), f"/batches/{ref}/papers.zip"
    assert place in client.get(f"/batches/{ref}").text
    answer = client.get(place)
    archive = zipfile.ZipFile(io.BytesIO(answer.data))
    assert archive.testzip() is None
    assert archive.namelist() == [f"{numbers[0]}.pdf", papers.LEFT_OUT]
    assert archive.read(papers.LEFT_OUT).decode().startswith(f"{numbers[1]}\t")
    text = PdfReader(io.BytesIO(archive.read(f"{numbers[0]}.pdf"))).pages[0].extract_text()
    assert citizen_id(1) not in re.sub(r"\s", "", text)
    assert sign_in(cast.county).get(place).status_code == 200
    assert sign_in(cast.other_county).get(place).status_code == 404
    assert sign_in(cast.wang).get(place).status_code == 403
    with site.app.app_context():
        actions = select(AuditEvent.action).where(AuditEvent.action == "certificate.batch.papers")
        assert len(session().scalars(actions).all()) == 2


def test_a_batch_without_certificates_has_no_file(site, cast, sign_in):
    with site.app.app_context():
        ref = batch_of(cast, run=False)
    client = sign_in(cast.zhou)
    assert "papers.zip" not in client.get(f"/batches/{ref}").text
    assert client.get(f"/batches/{ref}/papers.zip").status_code == 404


def test_never_more_than_one_paper_is_held(app, monkeypatch):
    drawn, paper = [], b"%PDF" + bytes(200_000)
    monkeypatch.setattr(papers, "paper_of", lambda *_a, **_k: drawn.append(1) or paper)
    sent, longest = 0, 0
    for piece in papers.zipped((number, f"S{number}") for number in range(20)):
        sent += len(piece)
        longest = max(longest, len(piece))
        assert sent >= len(paper) * len(drawn)  # what was drawn is already on its way
    assert (len(drawn), longest < 2 * len(paper)) == (20, True)


def test_certificates_are_read_in_parts_in_the_order_of_issue(app, cast, monkeypatch):
    monkeypatch.setattr(papers, "_PART", 1)
    batch_of(cast)
    batch = session().scalars(select(Batch)).one()
    ids = list(session().scalars(select(Certificate.id).order_by(Certificate.id)))
    assert [found for found, _number in papers.certificates_of(batch.id)] == ids
    assert len(ids) == 2
