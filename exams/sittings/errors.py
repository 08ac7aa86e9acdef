"""Named outcomes of a sitting; their codes are part of the exam room's protocol."""

from flask_babel import lazy_gettext as _l

from lms.core.errors import Conflict, Invalid


class OtherDevice(Conflict):
    """The sitting goes on somewhere else, or was taken over by another device."""

    code = "other-device"
    title = _l("正在另一台设备上考试")
    text = _l("这场考试正在另一台手机或另一个页面上进行。要在这里继续，请点“在这里继续”。")


class AttemptClosed(Conflict):
    """The sitting was handed in; nothing can be added."""

    code = "closed"
    title = _l("已经交卷")
    text = _l("这场考试已经交卷，不能再作答。")


class TimeUp(Conflict):
    """The deadline and the grace time have passed."""

    code = "time-up"
    title = _l("考试时间到")
    text = _l("考试时间已到，系统会按已收到的答案交卷。")


class Paused(Conflict):
    """An invigilator has stopped the clock; nothing is taken until it runs again."""

    code = "paused"
    title = _l("考试暂停")
    text = _l("监考老师暂停了考试，计时已经停住。恢复以后接着答，已经答的都在。")


class SequenceTaken(Conflict):
    """A sequence number was used for something else; the client must enter again."""

    code = "sequence"
    text = _l("答案编号冲突，请重新进入考场。")


class BadSteps(Invalid):
    """What was sent is not a list of answer steps."""

    code = "bad-steps"
    text = _l("答案格式不对，没有保存。请重新进入考场。")


class TooManySteps(Conflict):
    """The sitting has taken as many steps as one may have; it can still be handed in."""

    code = "too-many-steps"
    title = _l("作答次数太多")
    text = _l("这场考试的作答已经改了太多次，不能再改。已经保存的答案都在，请检查后交卷。")


class TooLong(Invalid):
    """A text is longer than its question allows."""

    code = "too-long"
    text = _l("没有保存：写的字数超过了这道题的上限，请删去一些再保存。")


class NotAnOrder(Invalid):
    """Two lines of an ordering were given the same number, or one was given none."""

    code = "not-an-order"
    text = _l("没有保存：每一行都要有号数，同一个号数不能用两次。")


class NoAttemptLeft(Conflict):
    """Every attempt this entry allows was used."""

    code = "no-attempt-left"
    title = _l("已经考过了")
    text = _l("这场考试的机会已经用完。")
