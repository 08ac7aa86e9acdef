"""Shapes of what people type about certificates."""

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import DateField, IntegerField, SelectField, StringField
from wtforms import Form as PlainForm
from wtforms.validators import InputRequired, Length, Optional

from certificates.models import KINDS
from certificates.register import RegisterFilter
from certificates.rules import SHORTEST_REASON, Status
from certificates.words import KIND_WORDS, STATUS_WORDS
from lms.core.forms import Form, choices, strip
from lms.core.ladder import Rung

_LISTED = (Status.VALID, Status.SUSPENDED, Status.REVOKED, Status.CORRECTED, Status.EXPIRED)


class LookUpForm(Form):
    """A code, or a number together with the holder."""

    number = StringField(
        _l("证书编号或查验码"),
        filters=[strip],
        validators=[InputRequired(_l("请填写证书编号或查验码。")), Length(max=60)],
    )
    holder = StringField(
        _l("持证人姓名或证件号后四位"), filters=[strip], validators=[Optional(), Length(max=60)]
    )


class ConfirmForm(Form):
    """Who the reader believes the holder to be."""

    holder = StringField(
        _l("持证人姓名或证件号后四位"),
        filters=[strip],
        validators=[InputRequired(_l("请填写姓名或证件号后四位。")), Length(max=60)],
    )


class ReasonForm(Form):
    """Why a step is taken against or for a certificate."""

    reason = StringField(
        _l("原因"),
        filters=[strip],
        validators=[
            InputRequired(_l("请写明原因，至少 4 个字。")),
            Length(SHORTEST_REASON, 300, _l("请写明原因，至少 4 个字。")),
        ],
    )


class FilterForm(PlainForm):
    """The filters of the register; they live in the URL."""

    q = StringField(_l("姓名、编号或查验码"), filters=[strip])
    status = SelectField(
        _l("状态"),
        choices=choices([("", _l("全部")), *((s, STATUS_WORDS[s][0]) for s in _LISTED)]),
        validate_choice=False,
    )
    kind = SelectField(
        _l("种类"),
        choices=choices([("", _l("全部")), *((kind, KIND_WORDS[kind]) for kind in KINDS)]),
        validate_choice=False,
    )
    rung = SelectField(
        _l("等级"),
        choices=choices([("", _l("全部")), *((int(r), r.label) for r in Rung if r > 1)]),
        validate_choice=False,
    )
    since = DateField(_l("发证日期从"), validators=[Optional()])
    until = DateField(_l("发证日期到"), validators=[Optional()])
    page = IntegerField(validators=[Optional()])

    def __init__(self, sent: MultiDict[str, str]) -> None:
        super().__init__(sent)  # type: ignore[no-untyped-call]

    def chosen(self) -> RegisterFilter:
        """What was chosen; anything that cannot be meant narrows nothing."""
        self.validate()  # type: ignore[no-untyped-call]
        rung = self.rung.data or ""
        return RegisterFilter(
            q=(self.q.data or "")[:60],
            status=self.status.data if self.status.data in set(_LISTED) else "",
            kind=self.kind.data if self.kind.data in KINDS else "",
            rung=int(rung) if rung.isdecimal() and int(rung) in set(Rung) else None,
            since=self.since.data,
            until=self.until.data,
        )
