"""What a design may say, and where it stands: plain values, no database."""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from certificates.designs.errors import BadDesign
from certificates.paper.face import PLACES
from certificates.paper.look import ACCENT, LINE, PICTURES, WORDS
from lms.core.signing import canonical

BASE = 1
LAYOUTS = {"portrait": _l("竖版 A4"), "landscape": _l("横版 A4")}
FRAMES = {
    "classic": _l("花边底纹"),
    "lines": _l("双线框"),
    "corners": _l("四角线"),
    "band": _l("左侧色带"),
}
PLACE_NAMES = ("时间", "内容", "学时", "机构")
#: characters at most; ``title`` must fit its line, ``seal_note`` the ring
LONGEST = {"title": 12, "english": 48, "body": 120, "note": 90, "seal_note": 10, "signer": 12}
LEAST_CONTRAST = 4.5
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_PAPER = "#fffdf8"


class State(StrEnum):
    """Where a design stands."""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Spec:
    """Everything a design chooses; ``pictures`` are digests by role."""

    layout: str = "portrait"
    frame: str = "classic"
    accent: str = ACCENT
    line: str = LINE
    words: dict[str, str] = field(default_factory=dict)
    pictures: dict[str, str] = field(default_factory=dict)

    def text(self) -> str:
        """The canonical JSON that is kept."""
        return canonical(asdict(self) | {"base": BASE}).decode()


def digest_of(text: str) -> str:
    """What certificates name a design by."""
    return sha256(text.encode()).hexdigest()


def check(spec: Spec, kind: str) -> None:
    """Raise BadDesign naming the first field at fault."""
    _check_shape(spec, kind)
    for name in ("accent", "line"):
        if not _COLOUR.fullmatch(getattr(spec, name)):
            raise BadDesign(name, _("颜色写成 #a5281b 这样。"))
    if contrast(spec.accent, _PAPER) < LEAST_CONTRAST:
        raise BadDesign("accent", _("主色太浅，印在纸上看不清，请选深一些的颜色。"))
    if set(spec.pictures) - set(PICTURES):
        raise ValueError("unknown picture")
    if kind == "skill" and any(spec.words.values()):
        raise BadDesign("title", _("技能等级证书的文字由标准规定，不能改。"))
    for name, text in spec.words.items():
        _check_word(name, text)


def _check_shape(spec: Spec, kind: str) -> None:
    if spec.layout not in LAYOUTS or (spec.layout != "portrait" and kind in {"skill", "ce"}):
        raise BadDesign("layout", _("这种证书只有竖版。"))
    if spec.frame not in FRAMES or (spec.frame != "classic" and kind == "skill"):
        raise BadDesign("frame", _("技能等级证书的边框由标准规定，不能改。"))


def _check_word(name: str, text: str) -> None:
    if name not in WORDS:
        raise ValueError("unknown word")
    if len(text) > LONGEST[name]:
        raise BadDesign(name, _("最多 %(n)s 个字。", n=LONGEST[name]))
    if name == "english" and not text.isascii():
        raise BadDesign(name, _("这里只能用英文字母、数字和标点。"))
    strange = [place for place in PLACES.findall(text) if place not in PLACE_NAMES]
    if name == "body":
        if strange:
            raise BadDesign(name, _("没有“{%(p)s}”这一项。", p=strange[0][:10]))
        text = PLACES.sub("", text)
    if "{" in text or "}" in text:
        raise BadDesign(name, _("花括号只用在正文里，写成 {时间} 这样。"))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21, as WCAG counts it."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def fold(steps: Iterable[str]) -> State:
    """The state after ``steps``, oldest first."""
    state = State.WAITING
    for step in steps:
        if state is State.WAITING and step in {"approved", "refused"}:
            state = State(step)
        elif state is State.APPROVED and step == "retired":
            state = State.RETIRED
    return state


def spec_of(stored: dict[str, Any]) -> Spec:
    """The spec in its stored form."""
    return Spec(**{name: value for name, value in stored.items() if name != "base"})
