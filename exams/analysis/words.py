"""The analysis in words: what a flag means and what to do about it."""

from flask_babel import lazy_gettext as _l

from exams.analysis import rules
from exams.analysis.reliability import Method
from exams.bank import forms

#: What stands out, in a word; why, and what to do.
FLAGS = {
    rules.Flag.TOO_HARD: (
        _l("太难"),
        _l("得分率不到 25%。"),
        _l("看题干是否清楚、答案是否有误；都没问题就把难度标为“难”。"),
    ),
    rules.Flag.TOO_EASY: (
        _l("太容易"),
        _l("几乎人人答对，分不出高低。"),
        _l("换更像的干扰项，或者只留作必会题。"),
    ),
    rules.Flag.REVERSED: (
        _l("反常"),
        _l("成绩好的反而答错。"),
        _l("先核对答案；答案有误就走“更正答案”，题干有歧义就停用。"),
    ),
    rules.Flag.WEAK: (
        _l("区分度低"),
        _l("答对与否和其余成绩关系不大。"),
        _l("看各选项有没有歧义、是不是靠猜；改好后作为新版本送审。"),
    ),
    rules.Flag.BLANK: (
        _l("多人没答"),
        _l("每五人里至少一人没有作答。"),
        _l("看题目是否太长、放得太靠后，或者图片没有显示出来。"),
    ),
    rules.Flag.SLOW: (
        _l("费时"),
        _l("用时是一般题目的三倍以上。"),
        _l("看题干能否写短；确实要算的题，可以给更多分值。"),
    ),
}
METHODS = {
    str(Method.KR20): _l("KR-20（同一份试卷，对错计分）"),
    str(Method.ALPHA): _l("克隆巴赫 α（同一份试卷）"),
    str(Method.FORMS): _l("各卷克隆巴赫 α 按人数加权"),
    str(Method.NESTED): _l("方差分析法（一人一卷）"),
}


def words() -> dict[str, object]:
    """What the templates need to speak."""
    return {
        "kinds": {str(kind): label for kind, label in forms.KIND_LABELS.items()},
        "difficulties": {str(level): label for level, label in forms.DIFFICULTY_LABELS.items()},
        "flag_words": FLAGS,
        "methods": METHODS,
        "least": rules.LEAST,
    }
