"""Shapes of a design as people fill it in."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import DateField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from certificates.designs import rules
from certificates.designs.rules import Spec
from certificates.paper.look import ACCENT, LINE, PICTURES, WORDS
from lms.core.forms import Form, choices, strip


class DesignForm(Form):
    """A new version; pictures left out stay as they are in the version it begins with."""

    effective_from = DateField(
        _l("从哪天起使用"), validators=[InputRequired(_l("请填写开始使用的日期。"))]
    )
    # A kind whose layout or frame is fixed is not asked for it and sends none: hence the defaults.
    layout = SelectField(
        _l("纸张方向"), choices=choices(rules.LAYOUTS.items()), default=next(iter(rules.LAYOUTS))
    )
    frame = SelectField(
        _l("边框"), choices=choices(rules.FRAMES.items()), default=next(iter(rules.FRAMES))
    )
    accent = StringField(_l("主色"), default=ACCENT, filters=[strip])
    line = StringField(_l("辅色"), default=LINE, filters=[strip])
    title = StringField(_l("标题"), filters=[strip], validators=[Optional(), Length(max=60)])
    english = StringField(_l("英文标题"), filters=[strip], validators=[Optional(), Length(max=90)])
    body = TextAreaField(_l("正文"), filters=[strip], validators=[Optional(), Length(max=400)])
    note = StringField(_l("页脚说明"), filters=[strip], validators=[Optional(), Length(max=200)])
    seal_note = StringField(
        _l("印章下方文字"), filters=[strip], validators=[Optional(), Length(max=30)]
    )
    signer = StringField(_l("负责人"), filters=[strip], validators=[Optional(), Length(max=30)])
    seal = FileField(_l("印章图片"))
    logo = FileField(_l("标志图片"))
    signature = FileField(_l("签名图片"))

    def begin_with(self, spec: Spec) -> None:
        """Show what the newest version says."""
        for name in ("layout", "frame", "accent", "line"):
            self[name].data = getattr(spec, name)
        for name in WORDS:
            self[name].data = spec.words.get(name, "")

    def spec(self, kind: str, kept: dict[str, str]) -> Spec:
        """What was chosen, with the pictures kept from before; a skill certificate's words,
        layout and frame are not asked for."""
        fixed = kind == "skill"
        words = {} if fixed else {name: " ".join((self[name].data or "").split()) for name in WORDS}
        return Spec(
            "portrait" if fixed or kind == "ce" else self.layout.data,
            "classic" if fixed else self.frame.data,
            (self.accent.data or "").lower(),
            (self.line.data or "").lower(),
            {name: text for name, text in words.items() if text},
            kept,
        )

    def uploads(self) -> dict[str, bytes]:
        """The new pictures by role."""
        sent = {role: self[role].data for role in PICTURES}
        return {role: file.read() for role, file in sent.items() if file}
