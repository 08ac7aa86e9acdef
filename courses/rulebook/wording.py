"""Words of the rulebook."""

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

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
