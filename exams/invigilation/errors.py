"""Named outcomes of watching over a room."""

from flask_babel import lazy_gettext as _l

from lms.core.errors import Conflict


class AlreadyPaused(Conflict):
    """Somebody stopped this clock before."""

    code = "already-paused"
    text = _l("这位考生的计时已经停住了。")


class NotPaused(Conflict):
    """The clock runs; somebody let it go on before."""

    code = "not-paused"
    text = _l("这位考生的计时没有停。")


class NoDevice(Conflict):
    """No device holds the sitting."""

    code = "no-device"
    text = _l("现在没有设备占着这场考试，新设备可以直接进入。")


class NobodySitting(Conflict):
    """The act fits nobody in the room at this moment."""

    code = "nobody-sitting"
    text = _l("现在考场里没有适用的考生。")


class ResultThere(Conflict):
    """Her result was written; what follows now is the results' business."""

    code = "result-there"
    text = _l("成绩已经产生，不能再在这里取消资格，请走成绩更正。")


class NotExpelled(Conflict):
    """There is nothing to take back."""

    code = "not-expelled"
    text = _l("这位考生没有被取消资格。")


class SamePerson(Conflict):
    """Whoever sent her out cannot take it back."""

    code = "same-person"
    text = _l("取消资格的人不能自己撤销，请另一位考务人员来办。")
