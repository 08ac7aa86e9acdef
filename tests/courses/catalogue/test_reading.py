"""Course folders: every fault is named by file and field, good ones load once."""

import shutil

import pytest

from courses.catalogue.models import CourseVersion
from courses.catalogue.operations import (
    STARTER,
    CourseFaults,
    load_course_folder,
    load_starter_courses,
    read_files,
)
from courses.catalogue.queries import current_versions, plan_of, version_for
from courses.catalogue.writing import to_files
from lms.core import clock
from lms.core.access import SYSTEM
from lms.core.db import session
from lms.core.uow import unit_of_work
from tests.factories.courses import course_files


def faults(files):
    return {(f.file, f.field) for f in read_files(files, clock.now()).faults}


def with_text(name, old, new):
    files = course_files()
    text = files[name].decode()
    assert old in text
    return files | {name: text.replace(old, new).encode()}


def test_a_correct_folder_has_no_faults(app):
    reading = read_files(course_files(), clock.now())
    assert reading.faults == ()
    assert (reading.plan.tenths, len(reading.plan.lessons), len(reading.plan.pictures)) == (
        15,
        2,
        1,
    )


@pytest.mark.parametrize(
    ("name", "old", "new", "field"),
    [
        ("course.yaml", "code: trial", "code: Trial Course", "code"),
        ("course.yaml", "code: trial", "code: evidence", "code"),
        ("course.yaml", "kind: special", "kind: other", "kind"),
        ("course.yaml", "kind: special", "kind: refresher", "year"),
        ("course.yaml", "title: 试验课", "title: ''", "title"),
        ("course.yaml", "title: 试验课", "title: 12", "title"),
        ("course.yaml", "title: 试验课", "title: " + "长" * 81, "title"),
        ("course.yaml", "[caregiver]", "[pilot]", "audience"),
        ("course.yaml", "hours: 1.5", "hours: 0.25", "hours"),
        ("course.yaml", "hours: 1.5", "hours: .inf", "hours"),
        ("course.yaml", "hours: 1.5", "hours: many", "hours"),
        ("course.yaml", "category: professional", "category: fun", "category"),
        ("course.yaml", "source: 试验", "sauce: 试验", "source"),
        ("course.yaml", "source: 试验", "source: 试验\nsauce: x", "sauce"),
        ("course.yaml", "[01-one, 02-two]", "[01-one, 03-three]", "lessons[2]"),
        ("course.yaml", "[01-one, 02-two]", "none", "lessons"),
        ("01-one.md", "minutes: 10", "minutes: 0", "minutes"),
        ("01-one.md", "minutes: 10", "minutes: true", "minutes"),
        ("01-one.md", "[学会一件事]", "学会", "goals"),
        ("01-one.md", "answer: B", "answer: C", "check[1].answer"),
        ("01-one.md", "[甲, 乙]", "[甲]", "check[1].options"),
        ("01-one.md", "[甲, 乙]", "[甲, 甲]", "check[1].options"),
        ("01-one.md", "why: CANARY-one", "", "check[1].why"),
        ("01-one.md", "pictures/a.svg", "pictures/b.svg", "正文"),
        ("01-one.md", "pictures/a.svg", "https://elsewhere.example/b.svg", "正文"),
        ("01-one.md", "![一张图]", "![]", "正文"),
        ("01-one.md", "## 开头", "[点我](javascript:alert(1)) [x](data:text/html,x)", "正文"),
        ("02-two.md", "code: two", "code: one", None),
    ],
)
def test_a_fault_is_named_by_file_and_field(app, name, old, new, field):
    found = faults(with_text(name, old, new))
    if field is None:
        assert ("course.yaml", "lessons") in found
    elif field == "正文":
        # A javascript link is no link at all to the parser; it stays text and is harmless.
        assert (name, field) in found or "javascript" in new
    else:
        assert (name, field) in found


@pytest.mark.parametrize(
    "text",
    [
        "a: [b",
        "- just\n- a list",
        "a: &x [1]\nb: *x",
        "&a " + "[" * 3000,
        "!!python/object/apply:os.system [id]",
        "",
    ],
)
def test_yaml_that_cannot_be_read_is_one_fault(app, text):
    found = faults(course_files() | {"course.yaml": text.encode()})
    assert "course.yaml" in {file for file, _field in found}


def test_files_are_checked_against_the_manifest(app):
    assert ("notes.md", "") in faults(course_files() | {"notes.md": b"x"})
    assert ("course.yaml", "") in faults({"01-one.md": b""})
    assert ("01-one.md", "") in faults(course_files() | {"01-one.md": b"\xff\xfe"})
    assert ("01-one.md", "") in faults(course_files() | {"01-one.md": b"no front matter"})
    assert ("pictures/a b.svg", "") in faults(course_files() | {"pictures/a b.svg": b"x"})


def test_the_starter_courses_are_there_and_round_trip(app):
    cards = {card.kind: card for card in current_versions()}
    assert len(cards["onboarding"].lessons) >= 12
    assert len(cards["refresher"].lessons) >= 6
    for card in cards.values():
        assert all(line.checks == 3 for line in card.lessons)
        version, course = version_for(SYSTEM, card.version_id)
        reading = read_files(to_files(plan_of(version, course)), clock.now())
        assert reading.faults == ()
        assert reading.plan.digest == version.digest


def test_loading_the_same_folder_again_makes_no_new_version(app, tmp_path):
    with unit_of_work():
        assert load_starter_courses(SYSTEM, clock.now()) == 0
    folder = tmp_path / "course"
    shutil.copytree(STARTER / "refresher", folder)
    with unit_of_work():
        same = load_course_folder(folder, SYSTEM, clock.now())
    assert (same.no, same.is_new) == (1, False)
    lesson = folder / "01-ethics-cases.md"
    lesson.write_text(lesson.read_text(encoding="utf-8") + "\n多写一行。\n", encoding="utf-8")
    with unit_of_work():
        changed = load_course_folder(folder, SYSTEM, clock.now())
    assert (changed.no, changed.is_new) == (2, True)
    assert session().get_one(CourseVersion, changed.version_id).state == "draft"


def test_a_folder_with_faults_writes_nothing(app, tmp_path):
    folder = tmp_path / "course"
    shutil.copytree(STARTER / "refresher", folder)
    (folder / "02-emergency-review.md").unlink()
    with pytest.raises(CourseFaults) as refused, unit_of_work():
        load_course_folder(folder, SYSTEM, clock.now())
    assert refused.value.faults[0].file == "course.yaml"
    assert len(current_versions()) == 2
