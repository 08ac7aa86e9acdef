"""Named outcomes: an operation raises one, one handler turns it into a page or problem+json."""

from typing import ClassVar

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString


class DomainError(Exception):
    """A refusal the user can understand. Subclasses set code, status and text."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 400
    title: ClassVar[LazyString | str] = _l("没有办成")
    text: ClassVar[LazyString | str] = _l("请检查后再试。")

    def __init__(self, text: LazyString | str | None = None, **details: object) -> None:
        super().__init__(self.code)
        self.message: LazyString | str = text or self.text
        self.details = details

    def __str__(self) -> str:
        return str(self.message)


class Invalid(DomainError):
    """What was sent cannot be used; the text says where and how to cure it."""

    code = "invalid"
    status = 422


class NotFound(DomainError):
    """Nothing there, or nothing this person may know of: the two look alike on purpose."""

    code = "not-found"
    status = 404
    title = _l("没有找到")
    text = _l("页面不存在，或者不在您的权限范围内。")


class Forbidden(DomainError):
    """The role does not allow the action."""

    code = "forbidden"
    status = 403
    title = _l("没有权限")
    text = _l("您的角色不能做这件事。如有需要，请联系管理员。")


class Conflict(DomainError):
    """The state has moved on since the page was drawn."""

    code = "conflict"
    status = 409
    title = _l("情况有变化")
    text = _l("这条记录刚刚被更新，请刷新后再试。")


class Throttled(DomainError):
    """Too many tries; wait."""

    code = "throttled"
    status = 429
    title = _l("请稍候")
    text = _l("尝试次数过多，请过几分钟再试。")


class Unavailable(DomainError):
    """The database or a service is busy; the same request may succeed soon."""

    code = "unavailable"
    status = 503
    title = _l("系统正忙")
    text = _l("请稍后再试，您填写的内容没有丢失。")
