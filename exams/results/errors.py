"""Named outcomes of score reviews."""

from flask_babel import lazy_gettext as _l

from lms.core.errors import Conflict, Forbidden


class ReviewClosed(Conflict):
    """The window for asking is over."""

    code = "review-closed"
    title = _l("复核期已过")
    text = _l("申请成绩复核的期限已经过了。")


class AlreadyAsked(Conflict):
    """A result is reviewed once."""

    code = "review-asked"
    text = _l("这个成绩已经申请过复核。")


class StillUnmarked(Conflict):
    """A person has to mark an answer before the sum can be told."""

    code = "review-unmarked"
    text = _l("有题目漏评，需要评卷员先补评，才能得出总分。")


class NotChecked(Conflict):
    """Nobody has added the marks up yet, or they have changed since."""

    code = "review-unchecked"
    text = _l("请先由一位同事核对；核对以后评分有变化的，要重新核对。")


class SecondPerson(Forbidden):
    """Whoever marked, checked, or is concerned does not decide."""

    code = "review-second-person"
    title = _l("请另一位同事审定")
    text = _l("评过这份卷、核对过分数或者与考生是同一人的，不能审定。")
