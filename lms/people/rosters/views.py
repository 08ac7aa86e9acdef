"""Import of rosters: upload, watch, read the plan, confirm, print slips."""

from pathlib import PurePath

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lms.core import clock, tasks
from lms.core.access import Role, acting, requires
from lms.core.errors import Conflict, NotFound
from lms.core.forms import blame
from lms.core.i18n import chosen_locale
from lms.core.ladder import Rung
from lms.core.sheets import MOST_BYTES, csv_response, xlsx_response
from lms.core.tasks import Task
from lms.core.uow import unit_of_work
from lms.core.web import limiter
from lms.people.accounts.policy import ISSUE_SLIP
from lms.people.posts import post_labels
from lms.people.queries import organisation_cards
from lms.people.rosters import quarantine
from lms.people.rosters.columns import HEADINGS, REQUIRED
from lms.people.rosters.forms import UploadForm
from lms.people.rosters.jobs import APPLY, PLAN
from lms.people.rosters.plan import KINDS
from lms.people.rosters.planning import example_rows
from lms.people.rosters.policy import IMPORT_ROSTER
from lms.people.rosters.slips import (
    BATCH,
    PrintedSlip,
    activation_address,
    activation_drawing,
    print_slips,
    waiting_people,
)

bp = Blueprint("roster", __name__, url_prefix="/roster")


@bp.get("")
@requires(IMPORT_ROSTER)
def page() -> ResponseReturnValue:
    """Choose a file."""
    return _upload_page(UploadForm())


@bp.post("")
@requires(IMPORT_ROSTER)
@limiter.limit("30 per hour")
def upload() -> ResponseReturnValue:
    """Quarantine the file and queue its planning."""
    form = UploadForm()
    if not form.sent():
        return _upload_page(form), 422
    content = form.file.data.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        blame(form.file, _("文件太大（上限 12 MB），请分成几份上传。"))
        return _upload_page(form), 422
    params: dict[str, object] = {
        "upload": quarantine.keep(content),
        "filename": PurePath(form.file.data.filename or "roster").name[-80:],
    }
    return _queued(PLAN, params)


@bp.get("/template.xlsx")
@requires(IMPORT_ROSTER)
def template() -> Response:
    """An empty roster with headings; an example and notes on its second sheet."""
    return xlsx_response(_("人员名单模板"), list(HEADINGS), [], notes=_notes())


@bp.get("/<ref>")
@requires(IMPORT_ROSTER)
def show(ref: str) -> ResponseReturnValue:
    """Whatever there is to see of an import: progress, plan, result or refusal."""
    task = _task(ref)
    if task.state in {"waiting", "running"}:
        return render_template("people/roster_progress.html", task=task)
    if task.state == "failed":
        return render_template("people/roster_failed.html", task=task), 200
    if task.kind == APPLY:
        return render_template(
            "people/roster_result.html", task=task, kinds=_kind_labels(), slips=ISSUE_SLIP
        )
    return render_template(
        "people/roster_plan.html",
        task=task, plan=task.result, kinds=_kind_labels(), posts=post_labels(clock.today()),
    )  # fmt: skip


@bp.get("/<ref>/state")
@requires(IMPORT_ROSTER)
def state(ref: str) -> ResponseReturnValue:
    """How far a task is, for the page's script."""
    task = _task(ref)
    return jsonify(state=task.state, done=task.done, total=task.total)


@bp.get("/<ref>/faults.csv")
@requires(IMPORT_ROSTER)
def faults(ref: str) -> Response:
    """The plan's faults as a table."""
    task = _task(ref)
    headings = (_("行"), _("列"), _("怎么改"), _("填写的内容"))
    return csv_response(_("名单问题"), headings, task.result.get("faults", []))


@bp.post("/<ref>/apply")
@requires(IMPORT_ROSTER)
def confirm(ref: str) -> ResponseReturnValue:
    """Queue the import of a plan that was read and confirmed; once per plan."""
    plan = _task(ref)
    if plan.kind != PLAN or plan.state != "done" or plan.result.get("fault_count"):
        raise Conflict
    with unit_of_work():
        plan = _task(ref)
        if "applied" not in plan.result:
            params = {**plan.params, "digest": plan.result["digest"]}
            started = tasks.start(APPLY, params, acting())
            plan.result = {**plan.result, "applied": started.ref}
        target = url_for("roster.show", ref=plan.result["applied"])
    return redirect(target, 303)


@bp.get("/<ref>/slips")
@requires(ISSUE_SLIP)
def slips(ref: str) -> ResponseReturnValue:
    """Who of an import still waits for activation; nothing is printed yet."""
    people = waiting_people(_registered(ref), acting(), clock.now())
    return render_template("people/roster_slips.html", ref=ref, people=people, batch=BATCH)


@bp.post("/<ref>/slips")
@requires(ISSUE_SLIP)
def print_page(ref: str) -> ResponseReturnValue:
    """Issue slips for the next batch and show them for printing, this once."""
    registered, now = _registered(ref), clock.now()
    with unit_of_work():
        printed = print_slips(registered, acting(), now)
    if not printed:
        raise Conflict(_("没有可以打印激活单的人员。"))
    return slips_page(printed, request.path)


def slips_page(printed: list[PrintedSlip], back: str) -> str:
    """Slips ready for the printer; codes are shown this once."""
    return render_template(
        "people/slips_print.html",
        slips=printed, at=clock.now(), back=back, qr=activation_drawing(),
        address=activation_address(),
    )  # fmt: skip


def _registered(ref: str) -> list[int]:
    task = _task(ref)
    if task.kind != APPLY or task.state != "done":
        raise NotFound
    return list(task.result["registered"])


def _task(ref: str) -> Task:
    task = tasks.find(ref, acting())
    if task is None or task.kind not in {PLAN, APPLY}:
        raise NotFound
    return task


def _queued(kind: str, params: dict[str, object]) -> ResponseReturnValue:
    params |= {"person_id": acting().person_id, "locale": chosen_locale()}
    with unit_of_work():
        ref = tasks.start(kind, params, acting()).ref
    return redirect(url_for("roster.show", ref=ref), 303)


def _upload_page(form: UploadForm) -> str:
    own = organisation_cards(acting().organisations(Role.HR)).values()
    return render_template(
        "people/roster.html", form=form, headings=HEADINGS, needed=REQUIRED, own=own
    )


def _kind_labels() -> dict[str, str]:
    words = (_("新增"), _("更改"), _("调入"), _("离职"), _("无变化"))
    return dict(zip(KINDS, words, strict=True))


def _notes() -> list[list[str]]:
    posts = "、".join(post_labels(clock.today()).values())
    levels = "、".join(rung.name_zh for rung in Rung)
    return [
        *example_rows(),
        [],
        [_("第一个工作表从第二行起填写，一人一行；上面是示例，号码均为虚构。")],
        [_("必填：%(columns)s。", columns="、".join(REQUIRED))],
        [_("岗位可填：%(posts)s。", posts=posts)],
        [_("技能等级可填：%(levels)s；没有可以留空。", levels=levels)],
        [_("日期写成 2026-11-23。已登记的人员可以不填入职日期，填离职日期表示离职。")],
        [_("证件号码所在的列请保持“文本”格式，否则末几位会丢失。请不要使用公式。")],
    ]
