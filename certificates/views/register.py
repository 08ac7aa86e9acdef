"""The register for those who answer for certificates: find, read, revoke, suspend, correct."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from certificates import operations, rules
from certificates.documents import PRINTABLE, paper_of
from certificates.forms import FilterForm, ReasonForm
from certificates.grounds.queries import open_grounds, waiting_for
from certificates.policy import (
    CORRECT,
    EXPORT,
    REPRINT,
    REVOKE,
    SEE_REGISTER,
    SUSPEND,
)
from certificates.register import Entry, RegisterRow, entry_of, register_page, register_rows
from certificates.views.wallet import send_paper
from certificates.words import EVENT_WORDS, GROUND_WORDS, KIND_WORDS, STATUS_WORDS
from lms.core import clock
from lms.core.access import Action, Actor, Role, acting, requires
from lms.core.errors import NotFound
from lms.core.forms import blame
from lms.core.sheets import csv_response, xlsx_response
from lms.core.uow import unit_of_work
from lms.people.api import person_cards

bp = Blueprint("register", __name__, url_prefix="/register")


@dataclass(frozen=True, slots=True)
class Step:
    """A step staff can take: what it is called, what will happen, who may, what does it."""

    action: Action
    title: LazyString
    consequence: LazyString
    done: LazyString
    run: Callable[[int, str, Actor, datetime], object]
    danger: bool = False


STEPS = {
    "revoked": Step(
        REVOKE,
        _l("吊销证书"),
        _l("吊销后不能恢复：扫码立即显示“已吊销”和日期，持证人会收到通知，不能再下载这本证书。"),
        _l("证书已吊销。"),
        operations.revoke,
        danger=True,
    ),
    "suspended": Step(
        SUSPEND,
        _l("暂停证书"),
        _l("暂停期间扫码显示“已暂停”，持证人会收到通知；查清后可以恢复或吊销。"),
        _l("证书已暂停。"),
        operations.suspend,
        danger=True,
    ),
    "reinstated": Step(
        SUSPEND,
        _l("恢复证书"),
        _l("恢复后扫码重新显示“有效”，持证人会收到通知。"),
        _l("证书已恢复。"),
        operations.reinstate,
    ),
    "corrected": Step(
        CORRECT,
        _l("更正证书"),
        _l(
            "将按人员档案中现在的姓名、证件号和照片另发一本新编号的证书；旧证书显示“已更正”并指向新证书。"
        ),
        _l("已更正并另发新证书。"),
        operations.correct,
        danger=True,
    ),
}


@bp.get("")
@requires(SEE_REGISTER)
def page() -> ResponseReturnValue:
    """The list."""
    form = FilterForm(request.args)
    chosen = form.chosen()
    found = register_page(acting(), chosen, form.page.data or 1)
    return render_template(
        "certificates/register.html",
        form=form,
        chosen=chosen,
        found=found,
        pager=_pager(found.number, found.pages, found.total),
        status_words=STATUS_WORDS,
        kind_words=KIND_WORDS,
        exports=[url_for("register.export", form=kind, **_query()) for kind in ("csv", "xlsx")],
    )


@bp.get("/export.<form>")
@requires(EXPORT)
def export(form: str) -> ResponseReturnValue:
    """Exactly what the list shows, every page of it."""
    make = {"csv": csv_response, "xlsx": xlsx_response}.get(form)
    if make is None:
        raise NotFound
    headings = [
        _("证书编号"), _("种类"), _("名称"), _("持证人"), _("证件号"), _("发证机构"),
        _("发证日期"), _("有效期至"), _("状态"),
    ]  # fmt: skip
    rows = register_rows(acting(), FilterForm(request.args).chosen())
    return make(_("证书登记册"), headings, _cells(rows))


@bp.get("/waiting")
@requires(SEE_REGISTER)
def waiting() -> ResponseReturnValue:
    """Certificates suspended because what they rest on counts no more: decide about each."""
    return render_template(
        "certificates/register_waiting.html", found=waiting_for(acting()),
        ground_words=GROUND_WORDS, mine=acting().organisations(Role.EXAMINER),
    )  # fmt: skip


@bp.get("/<code>")
@requires(SEE_REGISTER)
def detail(code: str) -> ResponseReturnValue:
    """One certificate: facts, history, what can be done."""
    entry = permitted(code, SEE_REGISTER)
    actor = acting()
    people = person_cards({line.actor_id for line in entry.history} - {0})
    lost = open_grounds(entry.id) if entry.status is rules.Status.SUSPENDED else []
    return render_template(
        "certificates/register_entry.html",
        entry=entry,
        steps={
            kind: step
            for kind, step in STEPS.items()
            if entry.intact
            and rules.allowed(kind, entry.status)
            and step.action.may(actor, entry)
            and not (lost and kind == "reinstated")
        },
        lost=lost,
        ground_words=GROUND_WORDS,
        answers=entry.issuer_id in actor.organisations(Role.EXAMINER),
        printable=entry.status in PRINTABLE and REPRINT.may(actor, entry),
        reason_form=ReasonForm(formdata=None),
        names={person_id: card.name for person_id, card in people.items()},
        status_words=STATUS_WORDS,
        kind_words=KIND_WORDS,
        event_words=EVENT_WORDS,
    )


@bp.route("/<code>/step/<kind>", methods=["GET", "POST"])
@requires(SEE_REGISTER)
def step(code: str, kind: str) -> ResponseReturnValue:
    """Say what will happen, ask for the reason, do it."""
    known = STEPS.get(kind)
    if known is None:
        raise NotFound
    entry = permitted(code, known.action)
    form = ReasonForm()
    if form.sent():
        with unit_of_work():
            known.run(entry.id, form.reason.data or "", acting(), clock.now())
        flash(str(known.done), "success")
        return redirect(url_for("register.detail", code=entry.code), 303)
    body = render_template(
        "certificates/register_step.html", entry=entry, step=known, form=form,
        possible=entry.intact and rules.allowed(kind, entry.status), status_words=STATUS_WORDS,
    )  # fmt: skip
    return Response(body, status=422 if request.method == "POST" else 200)


@bp.post("/<code>/reprint")
@requires(REPRINT)
def reprint(code: str) -> ResponseReturnValue:
    """The paper with its full id number, noted with a reason that the holder can read.

    The answer is the file itself: a link to it could be passed on, this cannot.
    """
    entry = permitted(code, REPRINT)
    form = ReasonForm()
    if not form.sent():
        blame(form.reason, _("请写明原因，至少 4 个字。"))
        flash(_("请写明原因，至少 4 个字。"), "warning")
        return redirect(url_for("register.detail", code=entry.code), 303)
    content = paper_of(entry.id, "pdf")
    with unit_of_work():
        operations.reprint(entry.id, form.reason.data or "", acting(), clock.now())
    return send_paper(entry, "pdf", content, "attachment")


def permitted(code: str, action: Action) -> Entry:
    """The certificate, if the actor may do ``action`` to it; else NotFound."""
    entry = entry_of(code)
    if entry is None:
        raise NotFound
    action.ensure(acting(), entry)
    return entry


def _query() -> dict[str, Any]:
    """The filters of this request; ``url_for`` keeps names beginning with ``_`` to itself."""
    return {
        key: value
        for key, value in request.args.items()
        if value and key != "page" and not key.startswith("_")
    }


def _pager(number: int, pages: int, total: int) -> dict[str, object]:
    def url(wanted: int) -> str | None:
        if not 1 <= wanted <= pages:
            return None
        return url_for("register.page", **{**_query(), "page": str(wanted)})

    return {
        "number": number,
        "pages": pages,
        "total": total,
        "prev_url": url(number - 1),
        "next_url": url(number + 1),
    }


def _cells(rows: Iterator[RegisterRow]) -> Iterator[list[object]]:
    for row in rows:
        yield [
            row.number,
            str(KIND_WORDS[row.kind]),
            row.title,
            row.holder,
            row.id_masked,
            row.issuer,
            row.issued_on,
            row.valid_to,
            str(STATUS_WORDS[row.status][0]),
        ]
