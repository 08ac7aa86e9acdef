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
    """Her result was written: making it void takes two people."""

    code = "result-there"
    text = _l("成绩已经产生，一个人不能取消资格。请在考生页提出“成绩作废”，由另一位考务人员决定。")


class NoResult(Conflict):
    """There is no result that could be made void."""

    code = "no-result"
    text = _l("这位考生没有可以作废的成绩。")


class AlreadyProposed(Conflict):
    """A second person has to decide what was proposed before."""

    code = "already-proposed"
    text = _l("已经有人提出成绩作废，请另一位考务人员决定。")


class NothingWaits(Conflict):
    """Nobody proposed anything, or it was decided."""

    code = "nothing-waits"
    text = _l("没有等待决定的成绩作废。")


class NotExpelled(Conflict):
    """There is nothing to take back."""

    code = "not-expelled"
    text = _l("这位考生没有被取消资格。")


class SamePerson(Conflict):
    """Whoever sent her out cannot take it back."""

    code = "same-person"
    text = _l("提出或决定过的人不能自己再办，请另一位考务人员来办。")
