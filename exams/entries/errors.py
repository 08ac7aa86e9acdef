"""Named outcomes of planning and entering exams."""

from flask_babel import lazy_gettext as _l

from lms.core.errors import Conflict, Invalid


class EventNotDraft(Conflict):
    """Only a draft can be changed."""

    code = "event-not-draft"
    text = _l("考试已经发布，不能再改安排。")


class EventNotOpen(Conflict):
    """The event is not published, or its window is not open."""

    code = "event-not-open"
    title = _l("现在不能开考")
    text = _l("考试还没有开始，或者已经结束。请看准考证上的时间。")


class EntryClosed(Conflict):
    """Nobody can be entered any more."""

    code = "entry-closed"
    text = _l("考试已经结束，不能再报名。")


class NotAdmitted(Conflict):
    """The event asks for the code or the invigilator, and she was not let in yet."""

    code = "not-admitted"
    title = _l("还不能开始")
    text = _l("请先输入监考员念的验证码，或者请监考员核对身份后放行。")


class WrongCode(Invalid):
    """Six digits, but not those of her room now; whatever is wrong with them, the answer is one."""

    code = "wrong-code"
    text = _l("验证码不对或者已经换了，请听监考员再念一次。")


class NoSeat(Conflict):
    """She sits in no room, so no code can let her in."""

    code = "no-seat"
    text = _l("您还没有安排座位，请找考务老师。")


class TooFewInvigilators(Invalid):
    """Rooms lack invigilators or seats; the text says which."""

    code = "too-few-invigilators"
    title = _l("考场还没有安排好")


class Embargoed(Conflict):
    """The time of publication that was announced has not come."""

    code = "embargoed"
    text = _l("还没到公布成绩的时间。")


class Expelled(Conflict):
    """She was sent out of this exam."""

    code = "expelled"
    title = _l("考试资格已取消")
    text = _l("监考员记录了违规，本场考试资格已取消，不能再考。如有异议，请联系考试组织单位申诉。")
