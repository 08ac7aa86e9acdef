"""Words of the rulebook."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from courses.rulebook.rules import SHAPES

STEP_LABELS: dict[str, LazyString] = {
    "waiting": _l("等待审批"),
    "approved": _l("已同意"),
    "refused": _l("未同意"),
    "withdrawn": _l("已撤回"),
}
#: Where a person stands with the hours of a cycle.
MOVE_LABELS: dict[str, LazyString] = {
    "met": _l("学时已够"),
    "short": _l("学时不够"),
    "none": _l("不要求"),
}
#: Rules that decisions name and that are not changed in the rulebook.
OTHERS: dict[str, LazyString] = {"people.staffing": _l("人员配备")}


def rule_words(stamps: str) -> str:
    """``compliance.central@1 credits.ledger@2`` as people call them."""
    said = []
    for stamp in stamps.split():
        code, _at, version = stamp.partition("@")
        title = SHAPES[code].title if code in SHAPES else OTHERS.get(code, code)
        said.append(_("“%(title)s”第 %(n)s 版", title=title, n=version))
    return _("、").join(said)
