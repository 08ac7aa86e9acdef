"""Refusals about designs."""

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from lms.core.errors import Conflict, Invalid


class BadDesign(Invalid):
    """A design cannot be kept; ``field`` says which part is at fault, the text says why."""

    code = "bad-design"

    def __init__(self, field: str, text: LazyString | str) -> None:
        super().__init__(text)
        self.field = field


class NotSeen(Conflict):
    """Nobody approves what she did not look at."""

    code = "design-not-seen"
    title = _l("还没有看过预览")
    text = _l("请先打开这一版的预览，再批准。")


class OwnDesign(Conflict):
    """A second person approves."""

    code = "own-design"
    title = _l("需要另一个人批准")
    text = _l("版式由提交人以外的另一个人批准。")


class DesignDone(Conflict):
    """The design's state does not allow the step."""

    code = "design-state"
    title = _l("版式状态已变化")
    text = _l("这一版的状态已经变化，这一步现在不能做。请刷新页面。")
