"""Imports are plans: every fault told, all or nothing, twice is once, and never in use unread."""

import io
import json

import pytest
from click.testing import Result
from sqlalchemy import func, select

from exams.bank.cli import import_command
from exams.bank.formats import excel, gift, moodle, qti, yaml_text
from exams.bank.formats.detect import read_file
from exams.bank.formats.excel_writing import examples
from exams.bank.formats.items import Defaults, Item, Reading, Written
from exams.bank.importing import import_questions, plan_import
from exams.bank.models import QuestionApproval, QuestionVersion
from exams.bank.operations import add_bank, approve, retire
from exams.bank.queries import approved_pool
from exams.bank.rules import tidy
from exams.bank.starter_bank import FOLDER
from lms.core.access import SYSTEM
from lms.core.audit import AuditEvent
from lms.core.db import session
from lms.core.errors import Conflict, Invalid
from lms.core.uow import unit_of_work
from lms.people.models import Account
from tests.exams.bank.samples import AIKEN, GIFT, HEAD, JUDGE, MULTIPLE, SINGLE, workbook
from tests.factories.bank import NOW, make_bank, make_draft, make_question
from tests.statements import count_statements


def reading(*drafts, codes=()) -> Reading:
    codes = [*codes, *[""] * (len(drafts) - len(codes))]
    items = [Item(f"第 {n} 行", codes[n - 1], d) for n, d in enumerate(drafts, start=1)]
    return Reading("yaml", items)


def bring(bank, what: Reading):
    with unit_of_work():
        return import_questions(bank, what, SYSTEM, NOW)


def test_importing_twice_changes_nothing_the_second_time(app, cast):
    bank = make_bank(cast.base)
    first = bring(bank, reading(make_draft(stem="一？"), make_draft(stem="二？")))
    assert (first.new, first.changed, first.unchanged) == (2, 0, 0)
    again = bring(bank, reading(make_draft(stem="一？"), make_draft(stem="二？")))
    assert (again.new, again.changed, again.unchanged) == (0, 0, 2)


def test_a_changed_question_becomes_the_next_version_and_the_old_one_stays_in_use(app, cast):
    bank = make_bank(cast.base)
    old = make_question(bank, code="K-1")
    plan = bring(bank, reading(make_draft(explanation="换个说法。"), codes=["K-1"]))
    assert (plan.new, plan.changed) == (0, 1)
    numbers = session().scalars(
        select(QuestionVersion.number).where(QuestionVersion.question_id == old.question_id)
    )
    assert sorted(numbers) == [1, 2]
    assert [item.version_id for item in approved_pool(bank.id, 2)] == [old.id]


def test_a_question_without_a_code_is_known_again_by_its_text(app, cast):
    bank = make_bank(cast.base)
    make_question(bank, code="K-1", stem="老人噎住时，先做什么？")
    plan = bring(bank, reading(make_draft(stem="老人噎住时 先做什么", difficulty="hard")))
    assert [change.pending.code for change in plan.changes] == ["K-1"]


def test_one_fault_anywhere_and_nothing_is_written(app, cast):
    bank = make_bank(cast.base)
    bad = make_draft(key={"right": [7]})
    with pytest.raises(Invalid):
        bring(bank, reading(make_draft(), bad))
    assert session().scalar(select(func.count()).select_from(QuestionVersion).where(
        QuestionVersion.created_at == NOW)) == 0  # fmt: skip


def test_faults_of_every_question_are_gathered_with_their_places(app, cast):
    bank = make_bank(cast.base)
    retired = make_question(bank, code="OLD")
    with unit_of_work():
        retire(retired.question, SYSTEM, NOW)
    plan = plan_import(
        bank,
        reading(
            make_draft(stem=" "),
            make_draft(body={"options": ["甲", "甲"]}),
            make_draft(module=""),
            make_draft(rung=9),
            make_draft(),
            make_draft(),
            make_draft(module="模" * 31),
            codes=["a", "b", "c", "OLD", "x", "x", "长" * 61],
        ),
    )
    assert {f.where for f in plan.faults} == {f"第 {n} 行" for n in (1, 2, 3, 4, 6, 7)}
    assert any("停用" in f.reason for f in plan.faults)
    assert any("第 5 行" in f.reason for f in plan.faults)


def test_the_second_of_two_like_questions_names_the_first(app, cast):
    bank = make_bank(cast.base)
    make_question(bank, code="K-1", stem="给老人翻身时，护理员首先应当做什么？")
    plan = plan_import(bank, reading(make_draft(stem="给老人翻身时护理员首先应该做什么")))
    near = plan.changes[0].near
    assert near is not None
    assert near.key == "K-1"
    assert near.percent >= 72


def test_what_is_confirmed_is_what_was_shown(app, cast):
    bank = make_bank(cast.base)
    what = reading(make_draft(stem="一？"), codes=["K-1"])
    shown = plan_import(bank, what)
    make_question(bank, code="K-1")
    with pytest.raises(Conflict), unit_of_work():
        import_questions(bank, what, SYSTEM, NOW, shown.digest)


def test_imported_questions_wait_for_a_second_person(app, cast):
    bank = make_bank(cast.base)
    bring(bank, reading(make_draft()))
    assert approved_pool(bank.id, 2) == []
    made = select(QuestionVersion.id).where(QuestionVersion.created_at == NOW)
    waiting = select(QuestionApproval).where(QuestionApproval.question_version_id.in_(made))
    assert session().scalars(waiting).all() == []


def test_an_exported_starter_bank_comes_back_unchanged_through_excel(app, cast):
    bank = make_bank(cast.base)
    items = yaml_text.read((FOLDER / "caregiver-junior" / "basics.yaml").read_bytes()).items
    bring(bank, Reading("yaml", items))
    out = io.BytesIO()
    excel.write(out, [Written(item.code, item.draft) for item in items])
    plan = plan_import(bank, read_file(out.getvalue(), "x.xlsx", "auto", Defaults()))
    assert (plan.changes, plan.unchanged, plan.faults) == ([], 50, [])


def test_ten_times_the_questions_need_no_more_statements(app, cast):
    def cost(number: int) -> int:
        bank = make_bank(cast.base)
        drafts = [make_draft() for _ in range(number)]
        with count_statements() as seen:
            bring(bank, reading(*drafts))
        return len(seen)

    assert cost(5) == cost(50)


# --- the command ---------------------------------------------------------------------------


@pytest.fixture
def run(site, cast, tmp_path):
    with site.app.app_context(), unit_of_work():
        for login, person in (("author", cast.chen), ("hr", cast.li)):
            found = session().scalars(select(Account).where(Account.person_id == person)).one()
            found.login = login
        add_bank("ours", "我们的题库", cast.base, SYSTEM, NOW)

    def go(data: bytes | str, name: str, *more: str, user: str | None = "author") -> Result:
        path = tmp_path / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        acting = ["--as", user] if user else []
        arguments = [str(path), "--bank", "ours", *acting, "--json", *more]
        return site.app.test_cli_runner().invoke(import_command, arguments)

    return go


def test_the_command_imports_and_says_so(run):
    done = run(workbook(HEAD, SINGLE, MULTIPLE, JUDGE), "q.xlsx")
    found = json.loads(done.stdout)
    assert done.exit_code == 0
    assert (found["format"], found["imported"], found["updated"]) == ("xlsx", 3, 0)
    assert found["faults"] == []
    assert found["unsupported"] == []
    assert json.loads(run(workbook(HEAD, SINGLE), "q.xlsx").stdout)["unchanged"] == 1


def test_without_a_name_the_console_imports_which_the_trail_notes_and_another_approves(run, site):
    done = run(workbook(HEAD, SINGLE), "q.xlsx", user=None)
    assert (done.exit_code, json.loads(done.stdout)["imported"]) == (0, 1)
    with site.app.app_context():
        newest = session().scalars(select(QuestionVersion).order_by(QuestionVersion.id.desc()))
        version = newest.first()
        assert version.author_id == 0
        assert session().get(QuestionApproval, version.id) is None
        with pytest.raises(Invalid), unit_of_work():
            approve(version, SYSTEM, NOW)
        trail = select(AuditEvent.action).where(AuditEvent.action.like("question.import%"))
        assert set(session().scalars(trail)) == {"question.import", "question.import.console"}


def test_every_format_says_what_it_was_and_imports_the_same(run):
    made = [Written(q.code, tidy(q.draft)) for q in examples()]
    out = io.BytesIO()
    excel.write(out, made)
    first = json.loads(run(out.getvalue(), "q.xlsx").stdout)
    assert (first["format"], first["imported"], first["updated"]) == ("xlsx", 10, 0)
    for name, writer, ending in (("gift", gift, "q.gift"), ("moodle", moodle, "q.xml"),
                                 ("qti", qti, "q.zip"), ("yaml", yaml_text, "q.yaml")):  # fmt: skip
        for wanted in ("auto", name):
            done = run(writer.write(made), ending, "--format", wanted)
            found = json.loads(done.stdout)
            assert (found["format"], found["unchanged"], found["imported"]) == (name, 10, 0)
            assert (found["faults"], found["unsupported"]) == ([], [])


def test_a_dry_run_counts_and_writes_nothing(run):
    assert (
        json.loads(run(AIKEN, "q.txt", "--module", "基础知识", "--dry-run").stdout)["imported"] == 2
    )
    assert json.loads(run(AIKEN, "q.txt", "--module", "基础知识").stdout)["imported"] == 2


def test_a_fault_ends_with_exit_code_one_and_nothing_written(run):
    done = run(workbook(HEAD, SINGLE, ["单选题", "问？", "甲", "乙", "", "", "Z"]), "q.xlsx")
    found = json.loads(done.stdout)
    assert done.exit_code == 1
    assert found["imported"] == 0
    assert found["faults"][0]["where"] == "第 3 行"
    assert found["faults"][0]["column"] == "答案"
    assert json.loads(run(workbook(HEAD, SINGLE), "q.xlsx").stdout)["imported"] == 1


def test_kinds_not_supported_are_listed_and_the_others_come_in(run):
    done = run(GIFT, "q.gift")
    found = json.loads(done.stdout)
    assert done.exit_code == 1
    assert (found["imported"], len(found["unsupported"])) == (5, 1)


def test_an_unreadable_file_is_one_fault(run):
    done = run("<!DOCTYPE x><quiz/>", "q.xml")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["faults"][0]["where"] == "q.xml"


def test_only_those_who_keep_the_bank_may_import(run):
    assert run(AIKEN, "q.txt", user="hr").exit_code == 2
    assert run(AIKEN, "q.txt", user="nobody").exit_code == 2
    assert run(AIKEN, "q.txt", "--bank", "caregiver-junior").exit_code == 2
