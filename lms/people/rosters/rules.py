"""What a parsed row means, given what is known: pure, tested by tables."""

from datetime import date, timedelta

from flask_babel import gettext as _

from lms.people import identifiers as ids
from lms.people.rosters.columns import ENDED, LEVEL, NAME, PHONE, POST, STARTED, CellError
from lms.people.rosters.facts import Facts, KnownPerson
from lms.people.rosters.plan import KnownSpell, ParsedRow, Step

FURTHEST_AHEAD = timedelta(days=60)
YOUNGEST = 16
FIRST_YEAR = 1950


class RowError(CellError):
    """A row that cannot be used, and the column to look at."""

    def __init__(self, column: str, text: str) -> None:
        super().__init__(text)
        self.column = column


def check_dates(row: ParsedRow, today: date) -> None:
    """Raise RowError for dates that cannot be."""
    start, end = row.started_on, row.ended_on
    if start is not None:
        if start.year < FIRST_YEAR or start > today + FURTHEST_AHEAD:
            raise RowError(STARTED, _("入职日期应在 1950 年之后，最多提前 60 天登记。"))
        if start < _sixteenth_birthday(row.id_number):
            raise RowError(STARTED, _("按身份证号，入职时未满 16 周岁。请核对号码和日期。"))
    if end is not None:
        if start is not None and end < start:
            raise RowError(ENDED, _("离职日期早于入职日期。请核对两个日期。"))
        if end > today + FURTHEST_AHEAD:
            raise RowError(ENDED, _("离职日期最多提前 60 天登记。"))


def _sixteenth_birthday(id_number: str) -> date:
    born = ids.birth_date(id_number) or date.min
    try:
        return born.replace(year=born.year + YOUNGEST)
    except ValueError:  # 29 February
        return date(born.year + YOUNGEST, 3, 1)


def judge(row: ParsedRow, facts: Facts) -> Step:
    """Decide what a row would do. Raises RowError when it contradicts what is known."""
    person = facts.people.get(row.id_hash)
    if person is None:
        _needs_start(row)
        return Step("new", row)
    if person.name.replace(" ", "") != row.name.replace(" ", ""):
        known = ids.mask_name(person.name)
        raise RowError(
            NAME,
            _("这个证件号码登记的姓名是 %(name)s。请核对；改名请先在人员页面更正。", name=known),
        )
    stays = facts.spells.get(person.id, [])
    here = [stay for stay in stays if stay.organisation_id == row.organisation_id]
    same = _same_stay(row, here)
    if same is not None:
        return _restated(row, person, same, facts)
    _needs_start(row)
    return _begun(row, person, here, facts)


def _needs_start(row: ParsedRow) -> None:
    if row.started_on is None:
        raise RowError(STARTED, _("请填写入职日期。"))


def _same_stay(row: ParsedRow, here: list[KnownSpell]) -> KnownSpell | None:
    """The known stay a row speaks of: same start, or the open one when no start is given."""
    for stay in here:
        if stay.started_on == row.started_on or (row.started_on is None and stay.ended_on is None):
            return stay
    return None


def _restated(row: ParsedRow, person: KnownPerson, stay: KnownSpell, facts: Facts) -> Step:
    if stay.ended_on is not None and row.ended_on != stay.ended_on:
        raise RowError(
            ENDED,
            _("这段任职已登记为 %(day)s 离职。更正请到人员页面。", day=stay.ended_on.isoformat()),
        )
    if row.ended_on is not None and row.ended_on < stay.started_on:
        raise RowError(ENDED, _("离职日期早于入职日期。请核对两个日期。"))
    changes = ((POST,) if row.post != stay.post else ()) + _personal_changes(row, person, facts)
    if row.ended_on is not None and stay.ended_on is None:
        return Step("left", row, person.id, restates=stay, changes=(*changes, ENDED))
    kind = "changed" if changes else "unchanged"
    return Step(kind, row, person.id, restates=stay, changes=changes)


def _begun(row: ParsedRow, person: KnownPerson, here: list[KnownSpell], facts: Facts) -> Step:
    """A stay not known yet, of somebody who is."""
    stays, changes = facts.spells.get(person.id, []), _personal_changes(row, person, facts)
    start = row.started_on or date.min
    for stay in here:
        if _overlap(start, row.ended_on, stay):
            raise RowError(
                STARTED,
                _(
                    "此人在本单位已有 %(day)s 入职的任职，日期重叠。更正入职日期请到人员页面。",
                    day=stay.started_on.isoformat(),
                ),
            )
    elsewhere = [stay for stay in stays if stay not in here and stay.ended_on is None]
    if row.ended_on is not None or not elsewhere:
        return Step("new", row, person.id, changes=changes)
    if any(stay.started_on >= start for stay in elsewhere):
        latest = max(stay.started_on for stay in elsewhere)
        raise RowError(
            STARTED,
            _(
                "此人在另一单位的入职日期（%(day)s）不早于这里。请与原单位核对。",
                day=latest.isoformat(),
            ),
        )
    return Step("moved", row, person.id, closes=tuple(elsewhere), changes=changes)


def _personal_changes(row: ParsedRow, person: KnownPerson, facts: Facts) -> tuple[str, ...]:
    phone = row.phone_hash is not None and row.phone_hash != person.phone_hash
    level = row.rung is not None and row.rung != facts.rungs.get(person.id)
    return ((PHONE,) if phone else ()) + ((LEVEL,) if level else ())


def _overlap(start: date, end: date | None, stay: KnownSpell) -> bool:
    last, stay_last = end or date.max, stay.ended_on or date.max
    return start <= stay_last and stay.started_on <= last
