"""Words of learning progress."""

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

PROGRESS_LABELS: dict[str, LazyString] = {
    "none": _l("未开始"),
    "going": _l("学习中"),
    "done": _l("已完成"),
    "exempt": _l("不要求"),
}
