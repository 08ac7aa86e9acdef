"""Writing questions: a new one, or the next version of one; preview; pictures and sounds."""

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from exams.bank import entering, keys, rules
from exams.bank.display import displayed
from exams.bank.forms import QuestionForm, common_fields
from exams.bank.importing import suggested_code
from exams.bank.kinds import MOST_MEDIA, MOST_PARTS, SIMPLE
from exams.bank.media import LARGEST, BadMedia
from exams.bank.models import Bank, Kind, Question
from exams.bank.neighbours import neighbours_of
from exams.bank.operations import add_question, add_version
from exams.bank.policy import WRITE
from exams.bank.reading import drafts_of, question_view
from exams.bank.shelf import keep
from exams.bank.views.base import bank_for, bp, question_for
from lms.core import clock
from lms.core.access import acting, requires
from lms.core.errors import Conflict, Invalid
from lms.core.forms import blame
from lms.core.uow import unit_of_work

#: Buttons that show the form again instead of saving.
_AGAIN = ("preview", "refresh", "add_part")


@dataclass(slots=True)
class Page:
    """A form on its way: whose, of which kind, what stands in the fields of the kind."""

    bank: Bank
    kind: str
    form: QuestionForm
    fields: dict[str, str]
    question: Question | None = None
    based_on: int = 0
    preview: rules.Draft | None = None

    def draft(self) -> rules.Draft:
        """The question as typed so far."""
        stem = self.form.stem.data or ""
        return rules.tidy(self.form.draft(self.kind, *entering.typed(self.kind, stem, self.fields)))


@bp.get("/<code>/add")
@requires(WRITE)
def new(code: str) -> ResponseReturnValue:
    """A form for a new question of one kind."""
    kind = _kind()
    fields = {"longest": str(entering.LONGEST.get(Kind(kind), ""))}
    return _shown(Page(bank_for(code, WRITE), kind, QuestionForm(), fields))


@bp.post("/<code>/add")
@requires(WRITE)
def create(code: str) -> ResponseReturnValue:
    """Put a new question into the bank; it waits for a second person."""
    page = Page(bank_for(code, WRITE), _kind(), QuestionForm(), _posted())
    if (again := _not_yet(page)) is not None:
        return again
    draft = page.draft()
    try:
        with unit_of_work():
            number = page.form.code.data or suggested_code(draft)
            made = add_question(page.bank, number, draft, acting(), clock.now())
            question_id = made.question_id
    except Conflict as taken:
        blame(page.form.code, taken)
        return _shown(page), 409
    except Invalid as unsound:
        return _unsound(page, unsound)
    return _saved(question_id)


@bp.get("/questions/<int:question_id>/edit")
@requires(WRITE)
def edit(question_id: int) -> ResponseReturnValue:
    """The newest version in a form; needs a pass, since the form shows the key."""
    found = question_for(question_id, WRITE)
    newest = question_view(found).newest
    if newest.id not in keys.opened(request.args.get("key"), acting(), clock.now()):
        return redirect(url_for("bank.question", question_id=question_id), 303)
    ((_version, written),) = drafts_of([newest.id])
    draft = written.draft
    form = QuestionForm(formdata=None, data=common_fields(draft))
    form.know_occupation(draft.occupation)
    fields = entering.fields_for(draft.kind, draft.body, draft.key)
    return _shown(Page(found.bank, draft.kind, form, fields, found, newest.number))


@bp.post("/questions/<int:question_id>/edit")
@requires(WRITE)
def revise(question_id: int) -> ResponseReturnValue:
    """Append the next version; refused when somebody else has appended one meanwhile."""
    found = question_for(question_id, WRITE)
    newest = question_view(found).newest
    form = QuestionForm()
    form.know_occupation(newest.occupation)
    based_on = request.form.get("based_on", 0, type=int)
    page = Page(found.bank, newest.kind, form, _posted(), found, based_on)
    if (again := _not_yet(page)) is not None:
        return again
    try:
        with unit_of_work():
            if question_view(found).newest.number != based_on:
                raise Conflict(_("这道题刚刚有了新版本，请先看看新版本，再决定怎么改。"))
            add_version(found, page.draft(), acting(), clock.now())
    except Conflict as refusal:
        blame(form.stem, refusal)
        return _shown(page), 409
    except Invalid as unsound:
        return _unsound(page, unsound)
    return _saved(question_id)


def _kind() -> str:
    wanted = request.args.get("kind", "single")
    return wanted if wanted in tuple(Kind) else "single"


def _posted() -> dict[str, str]:
    return {name: value.replace("\0", "") for name, value in request.form.items()}


def _not_yet(page: Page) -> ResponseReturnValue | None:
    """The form again: for a faulty field or file, and for buttons that save nothing."""
    go = request.form.get("go", "save")
    sent = page.form.sent()
    try:
        _take_files(page)
    except BadMedia as refusal:
        blame(page.form.file, refusal)
        return _shown(page), 422
    if go in ("refresh", "add_part"):  # nothing is judged yet
        for field in page.form:
            field.errors = ()
    if go == "add_part":
        _add_part(page.fields)
    if not sent and go not in ("refresh", "add_part"):
        return _shown(page), 422
    if go not in _AGAIN:
        return None
    if go == "preview":
        draft = page.draft()
        if faults := rules.faults(draft):
            return _unsound(page, " ".join(faults))
        page.preview = draft
    return _shown(page)


def _take_files(page: Page) -> None:
    """Keep the pictures and sounds that were sent along, for the question or for one part of a
    case, and let the form show them."""
    _take_file(page, page.form.file.data, "", page.form.file_alt.data or "")
    page.form.file_alt.data = ""
    for n in range(1, MOST_PARTS + 1):
        prefix = f"part{n}_"
        alt = page.fields.pop(f"{prefix}file_alt", "")
        if page.fields.get(f"{prefix}kind"):
            _take_file(page, request.files.get(f"{prefix}file"), prefix, alt)


def _take_file(page: Page, sent: FileStorage | None, prefix: str, alt: str) -> None:
    data = sent.read(LARGEST + 1) if sent else b""
    if not data:
        return
    free = [n for n in range(MOST_MEDIA) if not page.fields.get(f"{prefix}media_{n}")]
    if not free:
        raise BadMedia(_("图片和录音最多 %(n)s 个。", n=MOST_MEDIA))
    with unit_of_work():
        file = keep(page.bank, data, acting(), clock.now())
    name = str(free[0])
    page.fields[f"{prefix}media_{name}"] = file.digest
    page.fields[f"{prefix}alt_{name}"] = alt
    page.fields[f"{prefix}sound_{name}"] = "y" if file.kind == "audio" else ""


def _add_part(fields: dict[str, str]) -> None:
    """Room for one more question of a case."""
    kind = fields.get("new_kind", "")
    free = [n for n in range(1, MOST_PARTS + 1) if not fields.get(f"part{n}_kind")]
    if free and kind in SIMPLE:
        prefix = f"part{free[0]}_"
        longest = str(entering.LONGEST.get(Kind(kind), ""))
        fields |= {f"{prefix}kind": kind, f"{prefix}share": "1", f"{prefix}longest": longest}


def _unsound(page: Page, why: Exception | str) -> ResponseReturnValue:
    page.form.form_errors = [str(why)]
    return _shown(page), 422


def _shown(page: Page) -> str:
    """The form with everything typed, and above it the preview where one was asked for."""
    if request.method == "POST":
        body, key = entering.typed(page.kind, page.form.stem.data or "", page.fields)
        page.fields = entering.fields_for(page.kind, body, key)
    draft, near = page.preview, None
    if draft:
        code = page.question.code if page.question else ""
        near = neighbours_of(page.bank.id, [(code, draft)]).get(code)
    return render_template(
        "exams/bank/question_form.html",
        form=page.form,
        bank=page.bank,
        kind=page.kind,
        v=page.fields,
        question=page.question,
        based_on=page.based_on,
        preview=displayed(draft.kind, draft.stem, draft.body, None) if draft else None,
        near=near,
        simple=SIMPLE,
    )


def _saved(question_id: int) -> ResponseReturnValue:
    flash(_("已保存，等另一位同事审核后才会用于组卷。"), "success")
    return redirect(url_for("bank.question", question_id=question_id), 303)
