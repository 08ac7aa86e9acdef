"""Shapes of what people type when they revoke many."""

from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from certificates.forms import ReasonForm
from certificates.models import KINDS
from certificates.revoking.choosing import Chosen, numbers_in
from certificates.words import KIND_WORDS
from lms.core.forms import Form, choices, strip


class ManyForm(ReasonForm):
    """Which certificates are meant, and why."""

    numbers = TextAreaField(
        _l("证书编号"), filters=[strip], validators=[Optional(), Length(max=900_000)]
    )
    issuer = SelectField(_l("发证机构"), choices=[], validate_choice=True)
    kind = SelectField(
        _l("种类"),
        choices=choices([("", _l("全部")), *((kind, KIND_WORDS[kind]) for kind in KINDS)]),
    )
    event = SelectField(_l("考试"), choices=[])
    batch = SelectField(_l("发证批次"), choices=[])
    source = StringField(_l("来源"), filters=[strip], validators=[Optional(), Length(max=160)])
    key_id = StringField(_l("签名密钥"), filters=[strip], validators=[Optional(), Length(max=16)])
    since = DateField(_l("发证日期从"), validators=[Optional()])
    until = DateField(_l("发证日期到"), validators=[Optional()])

    def offer_issuers(self, names: dict[int, str]) -> None:
        """The issuers in scope."""
        self.issuer.choices = choices([("", _l("全部")), *names.items()])

    def offer_origins(self, events: dict[int, str], batches: dict[int, str]) -> None:
        """The exams and batches in scope."""
        self.event.choices = choices([("", _l("全部")), *events.items()])
        self.batch.choices = choices([("", _l("全部")), *batches.items()])

    def chosen(self) -> Chosen:
        """What is meant."""
        return Chosen(
            numbers_in(self.numbers.data or ""),
            int(self.issuer.data) if self.issuer.data else None,
            self.source.data or "",
            (self.key_id.data or "").lower(),
            self.kind.data or "",
            self.since.data,
            self.until.data,
            int(self.event.data) if self.event.data else None,
            int(self.batch.data) if self.batch.data else None,
        )


class DecideForm(Form):
    """The second person's note."""

    note = StringField(_l("意见"), filters=[strip], validators=[Optional(), Length(max=300)])
