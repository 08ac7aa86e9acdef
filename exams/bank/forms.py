"""Forms of the bank: shapes only; what a sound question is, ``rules`` knows."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, NoneOf, Optional, Regexp

from exams.bank.formats.detect import Format
from exams.bank.models import CAREGIVER, Difficulty, Kind
from exams.bank.rules import Draft
from lms.core.forms import Form, choices, strip
from lms.core.ladder import Rung

KIND_LABELS = {
    Kind.SINGLE: _l("单选题"),
    Kind.MULTIPLE: _l("多选题"),
    Kind.JUDGE: _l("判断题"),
    Kind.NUMERIC: _l("数值题"),
    Kind.FILL: _l("填空题"),
    Kind.MATCHING: _l("连线题"),
    Kind.ORDERING: _l("排序题"),
    Kind.CASE: _l("案例题"),
    Kind.SHORT: _l("简答题"),
    Kind.ESSAY: _l("论述题"),
}
DIFFICULTY_LABELS = {
    Difficulty.EASY: _l("容易"),
    Difficulty.MEDIUM: _l("中等"),
    Difficulty.HARD: _l("困难"),
}
#: Occupations of the policy's three lines of training; files may bring others.
OCCUPATION_LABELS: dict[str, LazyString | str] = {
    CAREGIVER: _l("养老护理员"),
    "director": _l("养老院院长"),
    "social_worker": _l("老年社会工作者"),
}
STATE_LABELS = {"waiting": _l("待审核"), "in_use": _l("在用"), "retired": _l("已停用")}
FORMAT_LABELS: dict[str, LazyString | str] = {
    "auto": _l("自动识别"),
    Format.XLSX: _l("Excel 或 CSV 表格"),
    Format.YAML: "YAML",
    Format.GIFT: "GIFT",
    Format.AIKEN: "Aiken",
    Format.MOODLE: "Moodle XML",
    Format.QTI: "QTI 2.1 / 2.2 / 3.0",
}
RUNGS = choices((int(rung), rung.label) for rung in Rung)
_NEEDED = DataRequired(_l("请填写这一项。"))
_CODE = Regexp(r"^[a-z0-9][a-z0-9-]*$", message=_l("只用小写字母、数字和连字符。"))
#: Words that stand in the addresses of the bank's own pages.
_FREE = NoneOf(["new", "questions"], message=_l("这个代码已留作他用，请换一个。"))


class BankForm(Form):
    """A new bank."""

    title = StringField(_l("题库名称"), [_NEEDED, Length(max=120)], filters=[strip])
    code = StringField(_l("题库代码"), [_NEEDED, Length(max=40), _CODE, _FREE], filters=[strip])
    owner = SelectField(_l("归属单位"))


class QuestionForm(Form):
    """What every question has; the fields of its kind are read by ``entering``."""

    code = StringField(
        _l("题目编号"), [Optional(), Length(max=60)], filters=[strip],
        description=_l("不填时自动编号。"),
    )  # fmt: skip
    stem = TextAreaField(_l("题干"), [_NEEDED])
    file = FileField(
        _l("图片或录音"), [Optional()],
        description=_l("图片：JPG、PNG、WEBP，6 MB 以内；录音：MP3、M4A、OGG、WAV，5 分钟以内。"),
    )  # fmt: skip
    file_alt = StringField(
        _l("图片说明"), [Optional(), Length(max=200)], filters=[strip],
        description=_l("图上有什么，写一句。看不见图的人靠它答题，不要写出答案。"),
    )  # fmt: skip
    explanation = TextAreaField(
        _l("解析"), [Optional()], description=_l("考试公布后给考生看，说明为什么。")
    )
    module = StringField(_l("模块"), [_NEEDED], filters=[strip])
    knowledge = StringField(_l("知识点"), [Optional()], filters=[strip])
    difficulty = SelectField(_l("难度"), choices=choices(DIFFICULTY_LABELS.items()))
    rung = SelectField(_l("技能等级"), choices=RUNGS, coerce=int, default=2)
    occupation = SelectField(
        _l("职业"), choices=choices(OCCUPATION_LABELS.items()), default=CAREGIVER
    )
    source = StringField(_l("来源"), [Optional()], filters=[strip])
    note = TextAreaField(_l("备注"), [Optional()], description=_l("只有出题和审题的人看得到。"))

    def know_occupation(self, occupation: str) -> None:
        """Offer an occupation that a file brought and the list does not have."""
        if occupation not in OCCUPATION_LABELS:
            more = (occupation, occupation)
            self.occupation.choices = choices([*OCCUPATION_LABELS.items(), more])

    def draft(self, kind: str, body: dict[str, Any], key: dict[str, Any]) -> Draft:
        """The question as typed."""
        return Draft(
            kind, self.stem.data or "", body, key, self.module.data or "",
            self.difficulty.data or "", self.rung.data or 0, self.explanation.data or "",
            self.knowledge.data or "", self.source.data or "", self.note.data or "",
            self.occupation.data or "",
        )  # fmt: skip


def common_fields(draft: Draft) -> dict[str, Any]:
    """What a ``QuestionForm`` shows for a draft."""
    names = ("stem", "explanation", "module", "knowledge", "difficulty", "rung", "occupation",
             "source", "note")  # fmt: skip
    return {name: getattr(draft, name) for name in names}


class UploadForm(Form):
    """A file of questions, and what it may leave unsaid."""

    file = FileField(_l("题目文件"), [FileRequired(_l("请选择文件。"))])
    wanted = SelectField(_l("格式"), choices=choices(FORMAT_LABELS.items()), default="auto")
    rung = SelectField(
        _l("技能等级"), choices=RUNGS, coerce=int, default=2,
        description=_l("文件里没有写等级的题目按这个等级。"),
    )  # fmt: skip
    module = StringField(
        _l("模块"), [Optional(), Length(max=30)], filters=[strip],
        description=_l("文件里没有写模块的题目归入这个模块。"),
    )  # fmt: skip
