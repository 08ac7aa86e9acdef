"""Refusals of publicity."""

from flask_babel import lazy_gettext as _l

from lms.core.errors import Conflict, Invalid


class NoPublicityRule(Invalid):
    """No rule in force says how long a kind is public."""

    code = "no-publicity-rule"
    title = _l("缺少公示规则")
    text = _l("还没有公示期规则，不能发证。请联系平台管理员补充规则。")


class NotPublic(Conflict):
    """The list is no longer public, or this person is no longer on it."""

    code = "not-public"
    title = _l("公示已结束")
    text = _l("公示期已过，不再接受异议。如有问题，请联系发证机构。")


class TwoPeople(Conflict):
    """The same person cannot find and decide, nor decide about herself."""

    code = "two-people"
    title = _l("需要另一个人")
    text = _l("核查和复核要由两个人完成，也不能处理与本人有关的异议。")


class TextNeeded(Invalid):
    """An objection or a finding must say something."""

    code = "text-needed"
    text = _l("请写清楚事实和理由，至少 10 个字。")
