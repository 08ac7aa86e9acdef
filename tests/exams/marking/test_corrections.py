"""Corrected keys: proposed by one, approved by another, marks added, results superseded."""

import pytest
from sqlalchemy import func, insert, select

from exams.entries.models import Entry
from exams.marking.concluding import conclude
from exams.marking.corrections import jobs
from exams.marking.corrections.keys import parse_key
from exams.marking.corrections.models import Remarking
from exams.marking.corrections.operations import decide, propose, remark
from exams.marking.corrections.preview import preview
from exams.marking.corrections.queries import changes_of
from exams.marking.errors import OwnExam, SamePerson
from exams.marking.models import Mark
from exams.results.models import Result, ResultRelease
from lms.core import clock
from lms.core.access import SYSTEM, Role
from lms.core.db import session
from lms.core.errors import Conflict, Invalid
from lms.core.notify import Notice
from lms.core.tasks import run_next
from lms.core.uow import unit_of_work
from tests.factories.exams import examiner
from tests.factories.marking import candidate, desk, sit, staff
from tests.forms import post


@pytest.fixture
def made(app, cast):
    """Two sittings with blank essays: one right (80), one wrong (0) in the single question."""
    now = clock.now()
    with unit_of_work():
        made = desk(cast, now)
        sit(made, candidate(401, "甲考生"), now, text="", picked=0)
        sit(made, candidate(402, "乙考生"), now, text="", picked=1)
    return made


def second(cast):
    with unit_of_work():
        return staff(cast, 310, "审核人", Role.EXAMINER)


def proposed(made, cast, way="key", text="B", asked=None):
    with unit_of_work():
        question = (asked or made.single, None)
        return propose(made.event, question, way, text, "选项写反了", examiner(cast), clock.now())


def approve(row, actor):
    with unit_of_work():
        decide(row, True, "", actor, clock.now())


def standing():
    later = select(Result.supersedes_id).where(Result.supersedes_id.is_not(None))
    rows = session().execute(
        select(Result.attempt_id, Result.tenths, Result.passed).where(Result.id.not_in(later))
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def test_a_new_key_adds_marks_supersedes_results_and_leaves_old_rows_alone(made, cast):
    row = proposed(made, cast)
    old_marks = session().execute(select(Mark.id, Mark.tenths, Mark.key)).all()
    old_results = session().execute(select(Result.id, Result.tenths, Result.passed)).all()
    total, changes = preview(row, clock.now())
    assert (total, len(changes), all(c.turns for c in changes)) == (2, 2, True)
    assert session().execute(select(Mark.id, Mark.tenths, Mark.key)).all() == old_marks
    approve(row, second(cast))
    assert jobs.finish(row) == 2
    first, other = (attempt.id for attempt in made.attempts)
    assert standing() == {first: (0, False), other: (800, True)}
    kept = session().execute(select(Mark.id, Mark.tenths, Mark.key)).all()
    assert kept[: len(old_marks)] == old_marks
    assert {mark.key for mark in kept[len(old_marks) :]} == {
        f"rekey:{row.id}:{first}:2",
        f"rekey:{row.id}:{other}:2",
    }
    assert session().execute(select(Result.id, Result.tenths, Result.passed)).all()[:2] == (
        old_results
    )
    assert [(c.name, c.before, c.after) for c in changes_of(row)] == [
        (c.name, c.before, c.after) for c in changes
    ]
    assert session().scalar(select(func.count()).select_from(ResultRelease)) == 4
    told = select(func.count()).where(Notice.kind == "exams.result.corrected")
    assert session().scalar(told) == 2


def test_running_again_and_being_killed_half_way_marks_nobody_twice(made, cast):
    row = proposed(made, cast)
    actor = second(cast)
    approve(row, actor)
    with unit_of_work():
        assert remark(row, made.attempts[0].id, actor, clock.now())
    with pytest.raises(RuntimeError):
        killed(row, made.attempts[1].id, actor)
    jobs.finish_left()
    jobs.finish_left()
    with unit_of_work():
        assert not remark(row, made.attempts[1].id, actor, clock.now())
    assert session().scalar(select(func.count()).select_from(Remarking)) == 2
    assert session().scalar(select(func.count()).where(Mark.key.like("rekey:%"))) == 2
    assert session().scalar(select(func.count()).select_from(Result)) == 4


def killed(row, attempt_id, actor):
    with unit_of_work():
        remark(row, attempt_id, actor, clock.now())
        raise RuntimeError


def test_full_marks_to_all_need_no_reader(app, cast):
    now = clock.now()
    with unit_of_work():
        made = desk(cast, now)
        attempt = sit(made, cast.wang, now, text="写了几句")
    assert attempt.state == "handed_in"
    row = proposed(made, cast, "full", asked=made.essay)
    approve(row, second(cast))
    jobs.finish(row)
    assert standing() == {attempt.id: (1000, True)}


def test_a_voided_question_is_shared_out_over_the_rest(made, cast):
    row = proposed(made, cast, "void", asked=made.essay)
    approve(row, second(cast))
    jobs.finish(row)
    first, other = (attempt.id for attempt in made.attempts)
    assert standing() == {first: (1000, True), other: (0, False)}


def test_who_sits_later_is_marked_by_the_corrected_key(made, cast):
    row = proposed(made, cast)
    approve(row, second(cast))
    jobs.finish(row)
    with unit_of_work():
        late = sit(made, cast.wang, clock.now(), text="", picked=1)
    assert standing()[late.id] == (800, True)
    assert conclude(late, SYSTEM, clock.now()) is None


def test_nobody_approves_her_own_and_nothing_is_decided_twice(made, cast):
    row = proposed(made, cast)
    with pytest.raises(SamePerson):
        approve(row, examiner(cast))
    actor = second(cast)
    approve(row, actor)
    with pytest.raises(Conflict):
        approve(row, actor)


def test_a_refused_correction_changes_nothing(made, cast):
    row = proposed(made, cast)
    actor = second(cast)
    with unit_of_work():
        decide(row, False, "答案没有错", actor, clock.now())
    jobs.finish_left()
    assert session().scalar(select(func.count()).select_from(Remarking)) == 0


def test_a_text_that_is_no_key_is_refused(made, cast):
    with pytest.raises(Invalid):
        proposed(made, cast, text="E")


@pytest.mark.parametrize(
    ("kind", "body", "text", "key"),
    [
        ("single", {"options": list("abcd")}, "b", {"right": [1]}),
        ("single", {"options": list("abcd")}, "AB", None),
        ("multiple", {"options": list("abcd")}, "A、C", {"right": [0, 2]}),
        ("multiple", {"options": list("abcd")}, "AE", None),
        ("judge", {}, "错", {"right": False}),
        ("judge", {}, "maybe", None),
        ("numeric", {}, "37.5 ± 0.1", {"right": "37.5", "within": "0.1"}),
        ("numeric", {}, "37.5", {"right": "37.5", "within": "0"}),
        ("numeric", {}, "很多", None),
        ("fill", {"blanks": 2}, "两|2\n四", {"blanks": [["两", "2"], ["四"]], "exact": False}),
        ("fill", {"blanks": 2}, "两", None),
        ("ordering", {"items": []}, "1", None),
    ],
)
def test_keys_as_people_type_them(kind, body, text, key):
    assert parse_key(kind, body, {}, text) == key


def test_two_people_correct_a_key_in_the_browser(site, cast, sign_in):
    now = clock.now()
    with site.app.app_context():
        with unit_of_work():
            made = desk(cast, now)
            sit(made, candidate(401, "甲考生"), now, text="", picked=0)
            other = staff(cast, 310, "审核人", Role.EXAMINER).person_id
        page = f"/corrections/new/{made.event.id}/{made.single}/0"
    client = sign_in(cast.zhou)
    answer = post(client, page, {"way": "key", "key": "B", "reason": "选项写反了"}, page=page)
    assert answer.status_code == 303
    place = answer.location
    assert "要由另一位同事审核" in client.get(place).text
    assert post(client, place + "/approve").status_code == 303
    assert "不能自己批准" in client.get(place).text
    colleague = sign_in(other)
    shown = colleague.get(place).text
    assert "甲考生" in shown
    assert "涉及 1 人次，成绩变化 1 人，其中 1 人合格与否会变" in shown
    assert post(colleague, place + "/approve", page=place).status_code == 303
    with site.app.app_context():
        assert run_next(jobs.TASK_RUNNERS)
        assert [r[0] for r in standing().values()] == [0]
    assert colleague.get(place + "/state").json == {"state": "done", "done": 1, "total": 1}
    assert "已批准" in client.get("/corrections").text


def test_nobody_on_the_list_proposes_or_approves(made, cast):
    row = proposed(made, cast)
    other = second(cast)
    with unit_of_work():
        session().execute(
            insert(Entry),
            [
                {
                    "event_id": made.event.id, "person_id": who, "ticket": f"T{who}",
                    "decision": {}, "rule_stamp": "", "registered_by": 0,
                    "registered_at": clock.now(),
                }
                for who in (cast.zhou, other.person_id)
            ],
        )  # fmt: skip
    with pytest.raises(OwnExam):
        proposed(made, cast)
    with pytest.raises(OwnExam):
        approve(row, other)
