"""``lms import-roster``: the JSON scripts rely on, exit codes, progress kept off the output."""

import json

import pytest
from click.testing import CliRunner
from sqlalchemy import update

from lms.cli import main
from lms.core.db import db, session
from lms.core.uow import unit_of_work
from lms.people.models import Account
from tests.cast import citizen_id
from tests.factories.rosters import line, stays, workbook

NUMBER = citizen_id(501, "19800214")
NOTHING = {"new": 0, "changed": 0, "moved": 0, "left": 0, "unchanged": 0}


@pytest.fixture
def lms(app, cast, settings, tmp_path):
    """``lms(content, *arguments)`` runs the command on a file with this content."""
    with unit_of_work():
        for login, person in (("hr", cast.li), ("caregiver", cast.wang)):
            query = update(Account).where(Account.person_id == person).values(login=login)
            session().execute(query)
    db.session.remove()
    env = {"LMS_INSTANCE": str(settings.instance), "LMS_DATABASE_URL": settings.database_url}

    def run(content: bytes, *arguments: str, name: str = "名单.xlsx"):
        file = tmp_path / name
        file.write_bytes(content)
        return CliRunner().invoke(main, ["import-roster", str(file), *arguments], env=env)

    return run


def test_a_good_file_is_written(lms):
    done = lms(workbook(line()), "--as", "hr", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == NOTHING | {"new": 1, "faults": []}
    assert len(stays(NUMBER)) == 1


def test_a_dry_run_writes_nothing(lms):
    done = lms(workbook(line()), "--as", "hr", "--dry-run", "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["new"] == 1
    assert stays(NUMBER) == []


def test_faults_end_with_one_and_write_nothing(lms):
    done = lms(workbook(line(), line(number="1401")), "--as", "hr", "--json")
    assert done.exit_code == 1
    [fault] = json.loads(done.stdout)["faults"]
    assert fault.keys() == {"row", "column", "reason"}
    assert (fault["row"], fault["column"]) == (3, "证件号码")
    assert stays(NUMBER) == []


def test_without_json_people_can_read_it(lms):
    assert "new 1" in lms(workbook(line()), "--as", "hr", "--dry-run").stdout
    bad = lms(workbook(line(phone="1")), "--as", "13800000003")
    assert bad.exit_code == 1
    assert "手机号" in bad.stderr


def test_a_file_that_is_no_table_is_one_fault(lms):
    done = lms(b"\x00\x01", "--as", "hr", "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["faults"][0]["reason"]
    assert lms(b"", "--as", "hr").exit_code == 1


@pytest.mark.parametrize("user", ["nobody", "caregiver"])
def test_an_account_that_may_not_import_is_wrong_usage(lms, user):
    assert lms(workbook(line()), "--as", user).exit_code == 2


def test_a_missing_file_or_user_is_wrong_usage(lms):
    assert lms(workbook(line())).exit_code == 2
    assert CliRunner().invoke(main, ["import-roster", "/nowhere.xlsx", "--as", "hr"]).exit_code == 2
