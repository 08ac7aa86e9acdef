"""The eight rungs of the skill ladder and their order (晋民发〔2024〕26号, clause 七)."""

from enum import IntEnum

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString


class Rung(IntEnum):
    """A rung; the integer is its rank, 1 lowest."""

    APPRENTICE = 1
    JUNIOR = 2
    INTERMEDIATE = 3
    SENIOR = 4
    TECHNICIAN = 5
    SENIOR_TECHNICIAN = 6
    SPECIAL_TECHNICIAN = 7
    CHIEF_TECHNICIAN = 8

    @property
    def label(self) -> LazyString:
        """The name people use, translated."""
        return _LABELS[self]

    @property
    def name_zh(self) -> str:
        """The official Chinese name, never translated."""
        return _NAMES[self]

    @property
    def grade(self) -> str:
        """The grade as written on a certificate (always Chinese); 学徒工 has none."""
        return _GRADES[self]

    @property
    def examined(self) -> bool:
        """True for rungs reached by examination (2 to 6); 7 and 8 are appointments."""
        return Rung.JUNIOR <= self <= Rung.SENIOR_TECHNICIAN


_NAMES = dict(
    zip(
        Rung,
        ("学徒工", "初级工", "中级工", "高级工", "技师", "高级技师", "特级技师", "首席技师"),
        strict=True,
    )
)
_GRADES = {
    Rung.APPRENTICE: "--",
    Rung.JUNIOR: "五级/初级工",
    Rung.INTERMEDIATE: "四级/中级工",
    Rung.SENIOR: "三级/高级工",
    Rung.TECHNICIAN: "二级/技师",
    Rung.SENIOR_TECHNICIAN: "一级/高级技师",
    Rung.SPECIAL_TECHNICIAN: "特级技师",
    Rung.CHIEF_TECHNICIAN: "首席技师",
}
_LABELS = {
    Rung.APPRENTICE: _l("学徒工"),
    Rung.JUNIOR: _l("初级工"),
    Rung.INTERMEDIATE: _l("中级工"),
    Rung.SENIOR: _l("高级工"),
    Rung.TECHNICIAN: _l("技师"),
    Rung.SENIOR_TECHNICIAN: _l("高级技师"),
    Rung.SPECIAL_TECHNICIAN: _l("特级技师"),
    Rung.CHIEF_TECHNICIAN: _l("首席技师"),
}


def rung_named(text: str) -> Rung | None:
    """Return the rung for a Chinese name or certificate grade (``五级``, ``五级/初级工``)."""
    text = text.strip()
    for rung in Rung:
        if text in {rung.name_zh, rung.grade, rung.grade.split("/")[0]} - {"--"}:
            return rung
    return None
