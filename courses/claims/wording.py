"""Words of claims."""

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

KIND_LABELS: dict[str, LazyString] = {
    "training": _l("外出培训（学时）"),
    "lecture": _l("听讲座（场）"),
    "teaching": _l("授课带教（课时）"),
    "contest": _l("技能竞赛（次）"),
    "article": _l("发表文章（篇）"),
    "study": _l("学历进修（学期）"),
}
STATUS_LABELS: dict[str, LazyString] = {
    "waiting": _l("等待审核"),
    "approved": _l("已通过"),
    "refused": _l("未通过"),
    "withdrawn": _l("已撤回"),
    "taken_back": _l("已撤销"),
}
STATUS_TONES = {
    "waiting": "info", "approved": "ok", "refused": "bad", "withdrawn": "mute", "taken_back": "bad",
}  # fmt: skip
ORIGIN_LABELS: dict[str, LazyString] = {
    "central": _l("集中培训"),
    "course": _l("网上课程"),
    "claim": _l("外部学时"),
}
CATEGORY_LABELS: dict[str, LazyString] = {
    "professional": _l("专业科目"),
    "public": _l("公需科目"),
}
