"""The invigilator's acts: each page names what will happen before it is done."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from exams.entries.models import Entry, ExamRoom
from exams.entries.policy import INVIGILATE, MANAGE
from exams.invigilation import acts, expelling, forms, together, voiding
from exams.views.events import event_or_404
from exams.views.wall import entry_or_404, room_or_404
from lms.core import clock
from lms.core.access import Actor, acting, requires
from lms.core.errors import DomainError
from lms.core.forms import Form
from lms.core.uow import unit_of_work
from lms.people.api import person_cards, requires_recent_second_factor

bp = Blueprint("exam_acts", __name__, url_prefix="/events/<int:event_id>")


@dataclass(frozen=True, slots=True)
class Act:
    """One act: what it is called, what will happen, what was done, its form, and the deed."""

    title: LazyString
    will: LazyString
    done: LazyString
    form: type[Form]
    deed: Callable[[Any, Any, Actor, datetime], object]
    danger: bool = False


PERSON = {
    "admit": Act(
        _l("放行"), _l("核对过本人和证件以后放行，%(name)s 就可以开始考试。"), _l("已放行。"),
        forms.PlainForm, lambda entry, _form, actor, now: acts.admit(entry, actor, now),
    ),
    "pause": Act(
        _l("暂停计时"),
        _l("%(name)s 的计时会停住，题目收起，恢复以前不能作答。恢复时按停住的时间顺延。"),
        _l("已暂停计时。"), forms.ReasonForm,
        lambda entry, form, actor, now: acts.pause(entry, form.reason.data, actor, now),
    ),
    "resume": Act(
        _l("恢复计时"), _l("%(name)s 的计时接着走，截止时间按停住的时间顺延。"),
        _l("已恢复计时。"), forms.PlainForm,
        lambda entry, _form, actor, now: acts.resume(entry, actor, now),
    ),
    "release": Act(
        _l("换设备"),
        _l("%(name)s 现在用的设备不能再作答，下一台登录的设备直接接着考，已经保存的答案都在。"
           "原设备上还没交上来的答案会留在那台设备上。"),
        _l("可以用新设备进入了。"), forms.ReasonForm,
        lambda entry, form, actor, now: acts.release_device(entry, form.reason.data, actor, now),
    ),
    "expel": Act(
        _l("取消考试资格"),
        _l("%(name)s 的考试马上结束，不评分、不算零分，成绩栏写“取消资格”。她会看到原因和申诉办法。"
           "您自己不能撤销，只有另一位考务人员有新的事实时才能撤销。"),
        _l("已取消考试资格。"), forms.EvidenceForm,
        lambda entry, form, actor, now: expelling.expel(entry, form.reason.data, actor, now),
        danger=True,
    ),
}  # fmt: skip

PROPOSE_VOID = Act(
    _l("成绩作废"),
    _l("%(name)s 的成绩已经产生。提出以后由另一位考务人员决定；同意的，按取消考试资格处理，"
       "成绩不再算数，原来的记录保留，用它发的证书自动暂停。"),
    _l("已提出，等另一位考务人员决定。"), forms.EvidenceForm,
    lambda entry, form, actor, now: voiding.propose(entry, form.reason.data, actor, now),
    danger=True,
)  # fmt: skip

VOID = {
    "approve": Act(
        _l("同意成绩作废"),
        _l("%(name)s 这次考试的成绩不再算数，按取消考试资格处理，用它发的证书自动暂停。"
           "她会看到原因和申诉办法。"),
        _l("成绩已作废，考试资格已取消。"), forms.EvidenceForm,
        lambda entry, form, actor, now: voiding.decide(entry, True, form.reason.data, actor, now),
        danger=True,
    ),
    "refuse": Act(
        _l("不同意成绩作废"), _l("%(name)s 的成绩照常算数，提出的理由和您的意见都留在记录里。"),
        _l("已记录，成绩照常算数。"), forms.EvidenceForm,
        lambda entry, form, actor, now: voiding.decide(entry, False, form.reason.data, actor, now),
    ),
}  # fmt: skip

ROOM = {
    "pause": Act(
        _l("全场暂停"),
        _l("“%(name)s”里正在考试的 %(n)s 人计时都会停住，恢复时按停住的时间顺延。"),
        _l("全场已暂停：%(n)s 人。"), forms.ReasonForm,
        lambda room, form, actor, now: together.pause_room(room, form.reason.data, actor, now),
    ),
    "resume": Act(
        _l("全场恢复"),
        _l("“%(name)s”里跟全场一起停住的 %(n)s 人都会接着考。单独停住的人要逐个恢复。"),
        _l("全场已恢复：%(n)s 人。"), forms.PlainForm,
        lambda room, _form, actor, now: together.resume_room(room, actor, now),
    ),
    "extend": Act(
        _l("全场延长"), _l("“%(name)s”里还没交卷的 %(n)s 人都会增加同样的分钟数。"),
        _l("全场已延长：%(n)s 人。"), forms.MinutesForm,
        lambda room, form, actor, now: together.extend_room(
            room, form.minutes.data, form.reason.data, actor, now
        ),
    ),
}  # fmt: skip


@bp.route(
    "/entries/<int:entry_id>/<any(admit, pause, resume, release, expel):act>",
    methods=["GET", "POST"],
)
@requires(INVIGILATE)
def person(event_id: int, entry_id: int, act: str) -> ResponseReturnValue:
    """One candidate: say what will happen, then do it."""
    entry = entry_or_404(event_or_404(event_id), entry_id)
    back = url_for("exam_wall.candidate", event_id=event_id, entry_id=entry_id)
    return _ask(PERSON[act], entry, {"name": _name(entry)}, back)


@bp.route("/entries/<int:entry_id>/void", methods=["GET", "POST"])
@requires(INVIGILATE)
@requires_recent_second_factor
def propose_void(event_id: int, entry_id: int) -> ResponseReturnValue:
    """Propose that a result be void; a second person decides."""
    entry = entry_or_404(event_or_404(event_id), entry_id)
    back = url_for("exam_wall.candidate", event_id=event_id, entry_id=entry_id)
    return _ask(PROPOSE_VOID, entry, {"name": _name(entry)}, back)


@bp.route("/entries/<int:entry_id>/void/<any(approve, refuse):word>", methods=["GET", "POST"])
@requires(MANAGE)
@requires_recent_second_factor
def decide_void(event_id: int, entry_id: int, word: str) -> ResponseReturnValue:
    """A second person decides whether a result is void."""
    event = event_or_404(event_id)
    MANAGE.ensure(acting(), event)
    entry = entry_or_404(event, entry_id)
    back = url_for("exam_wall.candidate", event_id=event_id, entry_id=entry_id)
    return _ask(VOID[word], entry, {"name": _name(entry)}, back)


@bp.route("/entries/<int:entry_id>/reinstate", methods=["GET", "POST"])
@requires(MANAGE)
@requires_recent_second_factor
def reinstate(event_id: int, entry_id: int) -> ResponseReturnValue:
    """Take an expulsion back for a new fact."""
    event = event_or_404(event_id)
    MANAGE.ensure(acting(), event)
    entry = entry_or_404(event, entry_id)
    act = Act(
        _l("撤销取消资格"),
        _l(
            "%(name)s 当时已经保存的答案会照常评分，成绩按这场考试的规定公布；"
            "因此暂停的证书自动恢复。"
        ),
        _l("已撤销，成绩照常评定。"),
        forms.FactForm,
        lambda e, form, actor, now: expelling.reinstate(e, form.reason.data, actor, now),
    )
    back = url_for("exam_wall.candidate", event_id=event_id, entry_id=entry_id)
    return _ask(act, entry, {"name": _name(entry)}, back)


@bp.route("/wall/<int:room_id>/<any(pause, resume, extend):act>", methods=["GET", "POST"])
@requires(INVIGILATE)
def room(event_id: int, room_id: int, act: str) -> ResponseReturnValue:
    """A whole room: say what will happen to how many, then do it."""
    found = room_or_404(event_or_404(event_id), room_id)
    paused = {"pause": False, "resume": True, "extend": None}[act]
    many = len(together.sitting_in(found, paused, clock.now()))
    back = url_for("exam_wall.room", event_id=event_id, room_id=room_id)
    return _ask(ROOM[act], found, {"name": found.name, "n": many}, back)


def _name(entry: Entry) -> str:
    return person_cards([entry.person_id])[entry.person_id].name


def _ask(
    act: Act, target: Entry | ExamRoom, words: dict[str, object], back: str
) -> ResponseReturnValue:
    form = act.form()
    if form.sent():
        try:
            with unit_of_work():
                done = act.deed(target, form, acting(), clock.now())
        except DomainError as refusal:
            form.form_errors.append(str(refusal))
        else:
            flash(str(act.done) % {"n": done}, "success")
            return redirect(back, 303)
    return render_template(
        "exams/act.html", form=form, act=act, will=str(act.will) % words, event=target.event,
        back=back,
    )  # fmt: skip
