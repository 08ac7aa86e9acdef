"""Named outcomes of marking by people."""

from flask_babel import lazy_gettext as _l

from lms.core.errors import Conflict, Invalid


class ClaimLost(Conflict):
    """The claim ran out and somebody else took the answer."""

    code = "claim-lost"
    text = _l("这份答卷已经不在您手上（领取超时或已经评完），请领下一份。")


class NoSuchMark(Invalid):
    """A mark outside its range, or not in steps of half a mark."""

    code = "no-such-mark"
    text = _l("每一点的得分应在 0 到满分之间，最小单位 0.5 分。")


class InConflict(Conflict):
    """She taught the candidate, works in the same place, is the candidate, or declared a tie."""

    code = "in-conflict"
    title = _l("需要回避")
    text = _l("您和这位考生有需要回避的关系，不能评分。")


class PanelTooSmall(Conflict):
    """Too few examiners are left for a candidate once those in conflict are taken off."""

    code = "panel-too-small"
    text = _l("回避以后考评员不足 3 人，请考务人员补派。")


class SheetSigned(Conflict):
    """A signed sheet is not changed; a correction is a new sheet."""

    code = "sheet-signed"
    text = _l("评分表已经签字，不能再改。需要更正的，请写明理由另开一份。")


class SamePerson(Conflict):
    """The second person is the first one."""

    code = "same-person"
    text = _l("提出的人不能自己批准，请另一位同事审核。")


class OwnExam(Conflict):
    """Whoever is on an exam's list has no say in how it is marked."""

    code = "own-exam"
    text = _l("您本人在这场考试的考生名单里，不能更正它的答案，请由别的同事办理。")
