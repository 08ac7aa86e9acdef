"""Forms of marking: shape only."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import DecimalField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from exams.marking.rubrics import Point
from lms.core.forms import Form, strip

NEEDED = InputRequired(_l("请填写这一项。"))
TENTH = Decimal(10)


def opinion_form(points: Sequence[Point]) -> type[Form]:
    """One field of marks for each point of a rubric, and a comment."""
    fields: dict[str, Any] = {
        f"point_{n}": DecimalField(
            point.text or _l("得分"),
            [NEEDED, NumberRange(0, Decimal(point.most) / TENTH)],
            places=1,
        )
        for n, point in enumerate(points)
    }
    fields["comment"] = TextAreaField(_l("评语"), [Optional(), Length(max=400)], filters=[strip])
    return type("OpinionForm", (Form,), fields)


def tenths_in(form: Form, count: int) -> list[int]:
    """The marks typed, in tenths; -1 (refused later) for more than one decimal."""
    scaled = [form[f"point_{n}"].data * 10 for n in range(count)]
    return [int(value) if value == int(value) else -1 for value in scaled]


class DeclineForm(Form):
    """Why a marker gives an answer back."""

    reason = SelectField(_l("原因"))
    note = StringField(_l("说明"), [Optional(), Length(max=200)], filters=[strip])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reason.choices = [
            ("recognised", _l("从作答里认出了考生")),
            ("relative", _l("和考生有亲属或利害关系")),
        ]


class CorrectionForm(Form):
    """How a question shall be marked from now on."""

    way = RadioField(_l("怎么更正"), default="key")
    key = TextAreaField(_l("正确答案"), [Optional(), Length(max=2000)])
    reason = TextAreaField(_l("理由"), [NEEDED, Length(2, 400)], filters=[strip])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.way.choices = [
            ("key", _l("换成另一个答案")),
            ("full", _l("所有人都得满分")),
            ("void", _l("这道题不计分（按其他题的得分率折算）")),
        ]


class DecisionForm(Form):
    """A second person's note."""

    note = StringField(_l("说明"), [Optional(), Length(max=400)], filters=[strip])


class WithdrawalForm(Form):
    """Why something approved is to be taken out of use."""

    reason = TextAreaField(_l("理由"), [NEEDED, Length(2, 400)], filters=[strip])


class RulingForm(Form):
    """An adjudicator's score of a station."""

    marks = DecimalField(_l("得分"), [NEEDED, NumberRange(0, 100)], places=1)
    reason = TextAreaField(_l("理由"), [NEEDED, Length(2, 400)], filters=[strip])


class ChecklistForm(Form):
    """A file of checklists, and the evaluator whose they are."""

    organisation = SelectField(_l("评价机构"), validate_choice=False)
    file = FileField(
        _l("评分表"), validators=[FileRequired(_l("请选择一个 .xlsx、.csv 或 .yaml 文件。"))]
    )
