"""Authors upload, a colleague publishes; nobody sees or touches what is not hers."""

import io

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from courses.catalogue.archive import read_zip
from courses.catalogue.models import CourseVersion, Lesson
from courses.catalogue.queries import current_versions, version_for
from lms.core import clock
from lms.core.access import SYSTEM, Role
from lms.core.db import AppendOnlyError, session
from lms.core.uow import unit_of_work
from lms.people.api import grant_role
from tests.factories.courses import course_files, published, zipped
from tests.forms import post
from tests.statements import count_statements

REFUSED = r"frozen|never deleted|append-only"


def upload(browser, files, name="course.zip"):
    data = {"file": (files if isinstance(files, io.BytesIO) else zipped(files), name)}
    return post(browser, "/courses/upload", data, content_type="multipart/form-data")


@pytest.fixture
def author(cast, sign_in):
    return sign_in(cast.chen)


@pytest.fixture
def colleague(site, cast, sign_in):
    with site.app.app_context(), unit_of_work():
        grant_role(
            cast.zhou, Role.AUTHOR, SYSTEM, clock.now(), clock.today(), organisation_id=cast.base
        )
    return sign_in(cast.zhou)


def version_id(answer):
    return int(answer.location.rsplit("/", 1)[-1])


def test_an_upload_becomes_a_draft_and_a_colleague_publishes_it(
    site, author, colleague, cast, sign_in
):
    saved = upload(author, course_files())
    assert saved.status_code == 303
    number = version_id(saved)
    page = author.get(saved.location).text
    assert "这是您提交的草稿" in page
    assert "核对无误，发布" not in page
    assert post(author, f"/courses/versions/{number}/publish").status_code == 403
    learner = sign_in(cast.wang)
    assert learner.get("/learn/trial").status_code == 404
    assert "核对无误，发布" in colleague.get(f"/courses/versions/{number}").text
    assert "CANARY-one" in colleague.get(f"/courses/versions/{number}/lessons/one").text
    assert post(colleague, f"/courses/versions/{number}/publish").status_code == 303
    assert learner.get("/learn/trial").status_code == 200
    assert post(colleague, f"/courses/versions/{number}/publish").status_code == 409


def test_a_published_version_is_frozen_in_sql_itself(app):
    version = current_versions()[0].version_id
    for statement in (
        "UPDATE course_version SET title = 'x' WHERE id = :id",
        "DELETE FROM course_version WHERE id = :id",
        "UPDATE lesson SET html = 'x' WHERE version_id = :id",
    ):
        with (
            pytest.raises(DatabaseError, match=r"frozen|never deleted|append-only"),
            unit_of_work(),
        ):
            session().execute(text(statement), {"id": version})
    lesson = session().query(Lesson).first()
    with pytest.raises(AppendOnlyError), unit_of_work():
        session().get_one(Lesson, lesson.id).html = "x"


def test_faults_are_listed_by_file_and_field_and_nothing_is_saved(site, author):
    files = course_files()
    files["01-one.md"] = files["01-one.md"].replace(b"answer: B", b"answer: Z")
    files["pictures/a.svg"] = b"<svg onload='x'/>"
    refused = upload(author, files)
    assert refused.status_code == 422
    for part in ("01-one.md", "check[1].answer", "pictures/a.svg", "什么都没有保存"):
        assert part in refused.text
    with site.app.app_context():
        assert len(current_versions()) == 2
        assert session().query(CourseVersion).count() == 2


@pytest.mark.parametrize("name", ["course.zip", "course.exe", "course"])
def test_what_is_not_a_zip_is_refused_with_a_reason(author, name):
    refused = upload(author, io.BytesIO(b"MZ nonsense"), name)
    assert refused.status_code == 422
    assert "ZIP" in refused.text


def test_no_file_at_all_is_refused(author):
    assert post(author, "/courses/upload").status_code == 422


def test_the_same_content_makes_no_second_version(author):
    first = upload(author, course_files())
    again = upload(author, course_files())
    assert again.location == first.location


def test_a_download_uploads_again_as_the_same(site, author, colleague):
    number = version_id(upload(author, course_files()))
    got = author.get(f"/courses/versions/{number}/download")
    assert got.content_type == "application/zip"
    assert set(read_zip(got.data)) == set(course_files())
    assert version_id(upload(author, io.BytesIO(got.data))) == number


def test_the_code_of_another_owner_cannot_be_taken(site, author):
    with site.app.app_context():
        published(course_files())
    refused = upload(author, course_files(body="另一段正文，也写得足够长，够二十个字以上才行。"))
    assert refused.status_code == 422
    assert "已被别的单位使用" in refused.text


def test_a_draft_is_seen_by_its_authors_only(site, author, cast, sign_in):
    number = version_id(upload(author, course_files()))
    for person in (cast.county, cast.province):
        officer = sign_in(person)
        assert officer.get(f"/courses/versions/{number}").status_code == 404
        assert officer.get(f"/courses/versions/{number}/lessons/one").status_code == 404
        assert officer.get(f"/courses/versions/{number}/download").status_code == 404
        assert "试验课" not in officer.get("/courses").text
    assert sign_in(cast.admin).get(f"/courses/versions/{number}").status_code == 200
    assert sign_in(cast.wang).get(f"/courses/versions/{number}").status_code == 403
    assert sign_in(cast.wang).get(f"/learn/pictures/{number}/a.svg").status_code == 404
    assert author.get(f"/learn/pictures/{number}/a.svg").status_code == 200


def test_an_officer_reads_but_does_not_write(site, cast, sign_in):
    officer = sign_in(cast.county)
    assert "养老护理员岗前培训" in officer.get("/courses").text
    assert officer.get("/courses/upload").status_code == 403
    with site.app.app_context():
        number = current_versions()[0].version_id
    assert post(officer, f"/courses/versions/{number}/withdraw").status_code == 403


def test_an_author_cannot_act_on_another_owners_draft(site, author):
    with site.app.app_context():
        now = clock.now()
        from_province = published(course_files())
        assert version_for(SYSTEM, from_province.version_id)
        assert now
    refused = post(author, f"/courses/versions/{from_province.version_id}/withdraw")
    assert refused.status_code == 404


def test_a_withdrawn_draft_stays_on_record(author):
    number = version_id(upload(author, course_files()))
    assert post(author, f"/courses/versions/{number}/withdraw").status_code == 303
    assert "已撤回" in author.get(f"/courses/versions/{number}").text
    assert version_id(upload(author, course_files())) != number


def test_a_picture_is_served_with_its_own_strict_policy(site, cast, sign_in):
    with site.app.app_context():
        card = next(card for card in current_versions() if card.kind == "refresher")
    learner = sign_in(cast.wang)
    address = f"/learn/pictures/{card.version_id}/fall-steps.svg"
    got = learner.get(address)
    assert got.content_type == "image/svg+xml"
    policy = got.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "immutable" in got.headers["Cache-Control"]
    again = learner.get(address, headers={"If-None-Match": got.headers["ETag"]})
    assert again.status_code == 304
    for missing in ("nothing.svg", "..%2Fcourse.yaml"):
        assert learner.get(f"/learn/pictures/{card.version_id}/{missing}").status_code == 404


def test_the_list_issues_a_fixed_number_of_statements(site, cast, sign_in):
    admin = sign_in(cast.admin)

    def count():
        with count_statements() as seen:
            assert admin.get("/courses").status_code == 200
        return len(seen)

    admin.get("/courses")
    before = count()
    with site.app.app_context():
        for number in range(5):
            published(course_files(code=f"more-{number}"))
    assert count() == before


def test_filters_find_by_kind_state_and_text(cast, sign_in):
    admin = sign_in(cast.admin)
    assert "年度复训" in admin.get("/courses?kind=refresher&state=published").text
    assert "没有找到课程" in admin.get("/courses?q=%25").text
    assert "没有找到课程" in admin.get("/courses?state=draft&page=99&_scheme=x&_external=1").text
