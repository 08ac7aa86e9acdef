"""Authors' pages: versions of courses, upload of a new one, publishing by a second person."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from courses.catalogue import policy
from courses.catalogue.archive import BadArchive, read_zip, write_zip
from courses.catalogue.forms import UploadForm
from courses.catalogue.models import KINDS
from courses.catalogue.operations import publish, read_files, save_draft, withdraw
from courses.catalogue.plans import Fault
from courses.catalogue.queries import find_versions, plan_of, version_for, version_lines
from courses.catalogue.writing import to_files
from lms.core import clock
from lms.core.access import acting, requires
from lms.core.errors import Conflict, NotFound
from lms.core.i18n import chosen_locale
from lms.core.paging import Page, page_number
from lms.core.rules import rule_on
from lms.core.uow import unit_of_work

bp = Blueprint("catalogue", __name__, url_prefix="/courses")
SIZE = 30
STATES = ("published", "draft", "withdrawn")


@bp.get("")
@requires(policy.READ)
def versions() -> ResponseReturnValue:
    """Courses and their versions, newest first."""
    text = request.args.get("q", "").strip()[:60]
    kind, state = request.args.get("kind", ""), request.args.get("state", "")
    number = page_number()
    total, lines = version_lines(find_versions(acting(), text, kind, state), number, SIZE)
    return render_template(
        "courses/versions.html",
        page=Page(lines, number, total, SIZE),
        filters={"q": text, "kind": kind, "state": state},
        kinds=KINDS,
        may_upload=policy.WRITE.may(acting()),
        states=STATES,
    )


@bp.get("/upload")
@requires(policy.WRITE)
def upload_page() -> ResponseReturnValue:
    """Choose a ZIP file."""
    return render_template(
        "courses/upload.html",
        form=UploadForm(),
        faults=(),
    )


@bp.post("/upload")
@requires(policy.WRITE)
def upload() -> ResponseReturnValue:
    """Check the archive; with faults show them all, without save a draft."""
    form = UploadForm()
    if not form.sent():
        return _with_faults(form, ())
    try:
        files = read_zip(form.file.data.read())
    except BadArchive as refusal:
        return _with_faults(form, (Fault(form.file.data.filename or "zip", "", str(refusal)),))
    now = clock.now()
    reading = read_files(files, now)
    if reading.plan is None:
        return _with_faults(form, reading.faults)
    try:
        with unit_of_work():
            saved = save_draft(reading.plan, policy.owner_for(acting()), acting(), now)
    except Conflict as refusal:
        return _with_faults(form, (Fault("course.yaml", "code", str(refusal)),))
    if saved.is_new:
        flash(_("已存为草稿第 %(no)s 版。请另一位同事核对后发布。", no=saved.no), "success")
    else:
        flash(_("内容和第 %(no)s 版完全一样，没有新建版本。", no=saved.no), "message")
    return redirect(url_for(".version", version_id=saved.version_id), 303)


def _with_faults(form: UploadForm, faults: tuple[Fault, ...]) -> ResponseReturnValue:
    return render_template("courses/upload.html", form=form, faults=faults), 422


@bp.get("/versions/<int:version_id>")
@requires(policy.READ)
def version(version_id: int) -> ResponseReturnValue:
    """One version with a preview of its lessons."""
    row, course = version_for(acting(), version_id)
    may_write = policy.WRITE.may(acting(), course.owner_id or policy.PROVINCE)
    return render_template(
        "courses/version.html",
        version=row,
        course=course,
        lessons=row.lessons,
        audience=_audience(row.audience),
        may_write=may_write,
        may_publish=may_write and row.state == "draft" and row.drafted_by != acting().person_id,
        mine=row.drafted_by == acting().person_id,
    )


def _audience(posts: list[str]) -> list[str]:
    names = rule_on("people.posts", clock.today()).value["posts"]
    locale = chosen_locale()
    return [names[post].get(locale, names[post]["zh"]) if post in names else post for post in posts]


@bp.get("/versions/<int:version_id>/lessons/<code>")
@requires(policy.READ)
def preview(version_id: int, code: str) -> ResponseReturnValue:
    """A lesson as learners see it, with the answers shown."""
    row, course = version_for(acting(), version_id)
    found = next((lesson for lesson in row.lessons if lesson.code == code), None)
    if found is None:
        raise NotFound
    return render_template("courses/preview.html", version=row, course=course, lesson=found)


@bp.post("/versions/<int:version_id>/publish")
@requires(policy.WRITE)
def publish_version(version_id: int) -> ResponseReturnValue:
    """Publish a colleague's draft."""
    _own(version_id)
    with unit_of_work():
        publish(version_id, acting(), clock.now())
    flash(_("已发布，学员现在就能看到。"), "success")
    return redirect(url_for(".version", version_id=version_id), 303)


@bp.post("/versions/<int:version_id>/withdraw")
@requires(policy.WRITE)
def withdraw_version(version_id: int) -> ResponseReturnValue:
    """Take a draft back."""
    _own(version_id)
    with unit_of_work():
        withdraw(version_id, acting(), clock.now())
    flash(_("草稿已撤回，仍留有记录。"), "success")
    return redirect(url_for(".version", version_id=version_id), 303)


def _own(version_id: int) -> None:
    _row, course = version_for(acting(), version_id)
    policy.WRITE.ensure(acting(), course.owner_id or policy.PROVINCE)


@bp.get("/versions/<int:version_id>/download")
@requires(policy.READ)
def download(version_id: int) -> ResponseReturnValue:
    """The version as the ZIP an author can edit and upload again."""
    row, course = version_for(acting(), version_id)
    content = write_zip(to_files(plan_of(row, course)))
    response = Response(content, content_type="application/zip")
    name = f"{course.code}-{row.no}.zip"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
