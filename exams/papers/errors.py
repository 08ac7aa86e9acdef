"""Named outcomes of putting papers together."""

from flask_babel import lazy_gettext as _l

from lms.core.errors import Conflict, Invalid


class NoPlan(Invalid):
    """No blueprint or checklist is in force for the rung and part."""

    code = "no-plan"
    text = _l("这个等级还没有生效的组卷方案或考核表，请先由管理员录入。")


class BankTooSmall(Invalid):
    """The bank cannot fill the blueprint; the text says where."""

    code = "bank-too-small"
    title = _l("题库题目不够")


class NotBalanced(Invalid):
    """Papers would differ in difficulty by more than the tolerance; the text says by how much."""

    code = "papers-not-balanced"
    title = _l("试卷难度不够均衡")


class TooExposed(Invalid):
    """Questions will come up more often than the event allows, and nobody said why that is
    accepted."""

    code = "too-exposed"
    text = _l("题目会比设定的上限用得多。要这样发布，请写明理由。")


class FixedPaperFault(Invalid):
    """The fixed paper cannot be used as it stands; the text says why."""

    code = "fixed-paper"
    title = _l("固定试卷还不能用")


class PaperNotReady(Conflict):
    """No paper could be put together for this candidate."""

    code = "paper-not-ready"
    title = _l("试卷还没有准备好")
    text = _l("题库暂时不能组成试卷，请联系考务老师。您的考试时间还没有开始计算。")
