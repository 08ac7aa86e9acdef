"""Named outcomes of planning and entering exams."""

from flask_babel import lazy_gettext as _l

from lms.core.errors import Conflict


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
