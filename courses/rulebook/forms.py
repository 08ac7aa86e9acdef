"""The form of a rule, made from its shape."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from courses.rulebook.shapes import Cell, Shape, cells, look_up
from lms.core.forms import Form, choices, strip
from lms.core.rules import RuleVersion

_NEEDED = DataRequired(_l("请填写这一项。"))


class ProposalForm(Form):
    """From when, why and on what ground; the rule's own fields are added by ``form_for``."""

    effective_from = DateField(_l("从哪天起生效"), [_NEEDED])
    source = TextAreaField(_l("依据"), [_NEEDED, Length(max=400)], filters=[strip])
    confirmed = BooleanField(_l("已由省厅正式文件确认"))
    reason = StringField(_l("为什么修改"), [_NEEDED, Length(max=300)], filters=[strip])


class DecisionForm(Form):
    """A decision's reason."""

    reason = StringField(_l("审批意见"), [Length(max=300)], filters=[strip])


def form_for(
    shape: Shape, keys: Mapping[str, Mapping[str, str]], present: RuleVersion, start: date
) -> tuple[ProposalForm, list[Cell]]:
    """A form filled with the present version, and its cells in order."""
    own = list(cells(shape, keys))
    fields = {cell.name: _field(cell) for cell in own}
    made = type("RuleForm", (ProposalForm,), fields)
    filled = {cell.name: cell.leaf.show(look_up(present.value, cell.path)) for cell in own}
    form = made(data=filled | {"effective_from": start, "source": present.source})
    return form, own


def _field(cell: Cell) -> Any:
    label = " · ".join(filter(None, (cell.line, str(cell.leaf.label))))
    if cell.leaf.kind == "choice":
        empty = [("", "—")] if len(cell.path) > 2 else []
        return SelectField(label, choices=choices([*empty, *cell.leaf.options.items()]))
    return StringField(label, filters=[strip])
