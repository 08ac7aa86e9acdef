"""``lms certificates issue``, as somebody at the machine runs it."""

import json

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select

from certificates.batches.models import Batch
from certificates.models import Certificate
from lms.cli import main
from lms.core.audit import AuditEvent
from lms.core.db import session
from tests.cast import citizen_id
from tests.factories.issuing import pool

EXAMINER, CAREGIVER = "13800000006", "13800000001"
WANG, ZHAO = ("王桂兰", citizen_id(1), "初级工"), ("赵秀英", citizen_id(2), "初级工")
NOBODY, MISNAMED = ("没有人", citizen_id(70), "初级工"), ("李梅", citizen_id(3), "初级工")


@pytest.fixture
def lms(app, tmp_path):
    """``lms(*rows, user=…, options)`` runs the command on an .xlsx of these rows."""

    def run(*rows, options=(), user=EXAMINER, headings=("姓名", "证件号码", "等级")):
        book = Workbook()
        for line in (headings, *rows):
            book.active.append(line)
        book.save(tmp_path / "sheet.xlsx")
        given = ["issue", "--from", str(tmp_path / "sheet.xlsx"), "--as", user, *options]
        done = app.test_cli_runner().invoke(main.commands["certificates"], given)
        session().expire_all()
        return done

    return run


def kept():
    count = select(func.count())
    tables = (Certificate, Batch, AuditEvent)
    return [session().scalar(count.select_from(table)) for table in tables]


def test_a_dry_run_says_what_becomes_of_each_line_and_writes_nothing(lms):
    before = kept()
    told = lms(WANG, NOBODY, MISNAMED, options=["--dry-run", "--json"])
    said = json.loads(told.stdout)
    assert (told.exit_code, said["dry_run"]) == (1, True)
    assert said["counts"] == {"ready": 1, "refused": 2}
    assert [(line["row"], line["outcome"], line["column"]) for line in said["lines"]] == [
        (2, "ready", ""), (3, "refused", "证件号码"), (4, "refused", "姓名"),
    ]  # fmt: skip
    told = lms(WANG, options=["--dry-run"])
    assert (told.exit_code, kept()) == (0, before)
    assert told.stdout.split() == [
        "2",
        "ready",
        "王桂兰",
        "养老护理员",
        "五级/初级工",
        "ready",
        "1",
    ]


def test_a_sheet_is_issued_line_by_line_and_each_line_once(lms):
    told = lms(WANG, NOBODY, ZHAO, options=["--json"])
    said = json.loads(told.stdout)
    rows = {row.number for row in session().scalars(select(Certificate))}
    assert told.exit_code == 1
    assert said["counts"] == {"refused": 1, "issued": 2}
    assert {line["text"] for line in said["lines"] if line["outcome"] == "issued"} == rows
    assert session().scalars(select(Batch)).one().ref == said["batch"]
    before = kept()
    again = lms(WANG, ZHAO, options=["--json"])
    said = json.loads(again.stdout)
    assert (again.exit_code, said["dry_run"], said["counts"]) == (0, False, {"already": 2})
    assert kept() == before  # nothing was left to do: no batch is kept for it
    assert "已发：" in lms(WANG).stdout


def test_numbers_that_run_short_are_said_before_and_refuse_the_rest(lms, cast):
    pool(cast, "S000014000123265900001", warn_at=0)
    told = lms(WANG, ZHAO, options=["--dry-run"])
    assert told.exit_code == 1
    assert "numbers short: skill:2 needs 2, 1 left" in told.stdout
    told = lms(WANG, ZHAO)
    assert told.exit_code == 1
    assert "issued 1  failed 1" in told.stdout


def test_a_sheet_that_cannot_be_read_is_refused_in_plain_words(lms, app, tmp_path):
    told = lms(("王桂兰",), headings=("姓名",), options=["--json"])
    assert told.exit_code == 1
    assert "证件号码" in json.loads(told.stdout)["error"]
    assert "证件号码" in told.stdout  # readable as it stands
    (tmp_path / "b.xlsx").write_bytes(b"no sheet")
    given = ["issue", "--from", str(tmp_path / "b.xlsx"), "--as", EXAMINER]
    told = app.test_cli_runner().invoke(main.commands["certificates"], given)
    assert (told.exit_code, kept()[0]) == (1, 0)
    assert "xlsx" in told.stdout


def test_only_an_issuers_examiner_issues_and_only_there(lms):
    for user, options in ((CAREGIVER, ()), ("nobody", ()), (EXAMINER, ("--issuer", "X"))):
        told = lms(WANG, user=user, options=options)
        assert told.exit_code == 2
        assert "Invalid value for" in told.stderr
    assert kept()[:2] == [0, 0]
