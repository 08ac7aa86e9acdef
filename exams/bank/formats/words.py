"""The words people use for kinds, answers, difficulties and levels in question files."""

from exams.bank.models import Difficulty, Kind
from lms.core.ladder import Rung

KINDS = {
    Kind.SINGLE: ("单选题", "单选", "单项选择题", "单项选择", "选择题", "single", "single choice"),
    Kind.MULTIPLE: (
        "多选题", "多选", "多项选择题", "多项选择", "不定项选择题", "不定项", "multiple",
        "multiple choice",
    ),
    Kind.JUDGE: ("判断题", "判断", "是非题", "对错题", "judge", "true/false", "truefalse"),
    Kind.NUMERIC: ("数值题", "数字题", "计算题", "计算填空题", "numeric", "numerical"),
    Kind.FILL: ("填空题", "填空", "fill", "fill in", "blank", "cloze"),
    Kind.MATCHING: ("连线题", "连线", "匹配题", "配对题", "配伍题", "matching", "match"),
    Kind.ORDERING: ("排序题", "排序", "顺序题", "ordering", "order"),
    Kind.CASE: (
        "案例题", "案例分析题", "案例分析", "病例题", "综合题", "材料题", "题组", "case",
    ),
    Kind.SHORT: ("简答题", "简答", "名词解释", "short", "short answer"),
    Kind.ESSAY: ("论述题", "论述", "问答题", "问答", "主观题", "essay"),
}  # fmt: skip
#: Occupations by the names people write; any other text is kept as it is.
OCCUPATIONS = {
    "caregiver": ("养老护理员", "养老护理", "护理员", "caregiver"),
    "director": ("养老院院长", "养老院长", "院长", "director"),
    "social_worker": ("老年社会工作者", "老年社工", "社会工作者", "社工", "social_worker"),
}
DIFFICULTIES = {
    Difficulty.EASY: ("容易", "易", "简单", "较易", "低", "easy"),
    Difficulty.MEDIUM: ("中等", "中", "一般", "适中", "普通", "medium"),
    Difficulty.HARD: ("困难", "难", "较难", "高", "hard"),
}
RIGHT = frozenset({"正确", "对", "√", "✓", "✔", "是", "t", "true", "y", "yes"})
WRONG = frozenset({"错误", "错", "×", "✗", "✘", "x", "否", "f", "false", "n", "no"})
_GRADES = {
    "学徒": Rung.APPRENTICE,
    "五级": Rung.JUNIOR,
    "四级": Rung.INTERMEDIATE,
    "三级": Rung.SENIOR,
    "二级": Rung.TECHNICIAN,
    "一级": Rung.SENIOR_TECHNICIAN,
    "初级": Rung.JUNIOR,
    "中级": Rung.INTERMEDIATE,
    "高级技师": Rung.SENIOR_TECHNICIAN,
    "特级技师": Rung.SPECIAL_TECHNICIAN,
    "首席技师": Rung.CHIEF_TECHNICIAN,
    "技师": Rung.TECHNICIAN,
    "高级": Rung.SENIOR,
}

KIND_OF = {word: kind for kind, words in KINDS.items() for word in words}
_OCCUPATION_OF = {word: code for code, words in OCCUPATIONS.items() for word in words}
DIFFICULTY_OF = {word: level for level, words in DIFFICULTIES.items() for word in words}


def verdict_of(text: str) -> bool | None:
    """``正确`` and its like as True, ``错误`` and its like as False, else None."""
    word = text.strip().lower().rstrip("。.")
    if word in RIGHT:
        return True
    return False if word in WRONG else None


def rung_of(text: str) -> int | None:
    """``2``, ``初级工``, ``五级/初级工`` as 2; None when no level is meant."""
    plain = text.strip()
    if plain.isascii() and plain.isdigit():
        return int(plain) if int(plain[:3]) in tuple(Rung) else None
    return next((int(rung) for word, rung in _GRADES.items() if word in plain), None)


def occupation_of(text: str) -> str:
    """``养老护理员`` as ``caregiver``; what nobody knows stays as it is."""
    plain = text.strip()
    return _OCCUPATION_OF.get(plain.lower(), plain)


def occupation_name(code: str) -> str:
    """The name by which ``occupation_of`` finds a code again."""
    return OCCUPATIONS[code][0] if code in OCCUPATIONS else code
