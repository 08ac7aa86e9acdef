"""From a table to a plan: every fault gathered, nothing written."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from lms.core import clock
from lms.core.access import Actor
from lms.core.sheets import SheetRow, Table, Value, as_text
from lms.people.operations import id_hash, phone_hash
from lms.people.posts import normal, post_codes
from lms.people.queries import in_chunks
from lms.people.rosters.columns import (
    ENDED,
    HEADINGS,
    HOME,
    ID,
    LEVEL,
    NAME,
    PHONE,
    POST,
    READERS,
    REQUIRED,
    STARTED,
    CellError,
    Fault,
    find_columns,
    is_blank,
    masked,
)
from lms.people.rosters.facts import CHUNK, Facts, KnownHome, add_facts, homes_by_code
from lms.people.rosters.plan import ParsedRow, RosterPlan, Step
from lms.people.rosters.policy import IMPORT_ROSTER
from lms.people.rosters.rules import RowError, check_dates, judge

Report = Callable[[int, int], None]
_OPTIONAL_START = {STARTED}


def plan_roster(table: Table, actor: Actor, now: datetime, report: Report) -> RosterPlan:
    """Work out what a roster would do for ``actor``; ``report`` hears rows done and rows total."""
    columns, faults = find_columns(table)
    if faults:
        return RosterPlan(faults=faults)
    sheet = _Sheet(table, columns, actor, now)
    rows = sheet.parse()
    facts, steps = Facts(), []
    for chunk in in_chunks(rows, CHUNK):
        add_facts(facts, [row.id_hash for row in chunk])
        steps += [step for row in chunk if (step := sheet.judged(row, facts)) is not None]
        report(chunk[-1].number, table.rows[-1].number)
    if not table.rows:
        sheet.faults.append(Fault(table.heading_row, NAME, _("表头下面没有内容。")))
    faults = sorted(sheet.faults, key=lambda f: f.row)
    return RosterPlan(steps, faults, facts.digest)


@dataclass(frozen=True, slots=True)
class _Lookup:
    posts: dict[str, str]
    homes: dict[str, KnownHome]


class _Sheet:
    """One reading of a table: parses rows, collects faults."""

    def __init__(self, table: Table, columns: dict[str, int], actor: Actor, now: datetime) -> None:
        self.table, self.columns, self.actor = table, columns, actor
        self.today = clock.local_date(now)
        self.faults: list[Fault] = []
        self._first_at: dict[str, int] = {}
        codes = {self._code(row) for row in table.rows} if HOME in columns else set()
        self.look = _Lookup(post_codes(self.today), homes_by_code(c for c in codes if c))

    def parse(self) -> list[ParsedRow]:
        """The rows whose cells can all be read and which do not contradict each other."""
        return [row for raw in self.table.rows if (row := self._parsed(raw)) is not None]

    def judged(self, row: ParsedRow, facts: Facts) -> Step | None:
        """What a row would do, or None and a fault."""
        try:
            return judge(row, facts)
        except RowError as error:
            self._fault(row.number, error.column, str(error), self._shown(row, error.column))
            return None

    def _parsed(self, raw: SheetRow) -> ParsedRow | None:
        before = len(self.faults)
        cells = {field: self._cell(raw, field) for field in self.columns}
        read = {field: self._read(raw.number, field, value) for field, value in cells.items()}
        home = self._home(raw.number, read.get(HOME))
        post = self._post(raw.number, cells[POST])
        self._once(raw.number, read.get(ID))
        if len(self.faults) > before or home is None or post is None:
            return None
        phone = read.get(PHONE)
        row = ParsedRow(
            raw.number, read[NAME], read[ID], id_hash(read[ID]), phone,
            phone_hash(phone) if phone else None, home.id, post,
            read.get(STARTED), read.get(ENDED), read.get(LEVEL),
        )  # fmt: skip
        try:
            check_dates(row, self.today)
        except RowError as error:
            self._fault(raw.number, error.column, str(error), self._shown(row, error.column))
            return None
        return row

    def _cell(self, raw: SheetRow, field: str) -> Value:
        index = self.columns[field]
        if (raw.number, index) in self.table.formulas:
            self._fault(raw.number, field, _("这一格是公式。请改成直接填写的内容。"))
            return None
        return raw.values[index] if index < len(raw.values) else None

    def _read(self, number: int, field: str, value: Value) -> Any:
        if (number, self.columns[field]) in self.table.formulas:
            return None
        if is_blank(value):
            if field in REQUIRED and field not in _OPTIONAL_START:
                self._fault(number, field, _("这一格不能空着。"))
            return None
        reader = READERS.get(field)
        try:
            return reader(value) if reader else as_text(value)
        except CellError as error:
            self._fault(number, field, str(error), masked(field, value))
            return None

    def _home(self, number: int, code: str | None) -> KnownHome | None:
        if code is None:
            return None
        home = self.look.homes.get(code)
        if home is None or home.kind == "authority" or not IMPORT_ROSTER.may(self.actor, home):
            # One sentence for both: a stranger learns nothing about other employers.
            reason = _("没有这个用人单位，或不在您的管理范围内。请核对代码。")
            self._fault(number, HOME, reason, code)
            return None
        if home.closed:
            self._fault(number, HOME, _("这个用人单位已停业，不能再登记人员。"), code)
            return None
        return home

    def _post(self, number: int, value: Value) -> str | None:
        if is_blank(value):
            return None
        code = self.look.posts.get(normal(as_text(value)))
        if code is None:
            reason = _("没有这个岗位。请从填写说明里的岗位中选一个。")
            self._fault(number, POST, reason, masked(POST, value))
        return code

    def _once(self, number: int, person: str | None) -> None:
        if person is None:
            return
        first = self._first_at.setdefault(person, number)
        if first != number:
            reason = _("与第 %(row)s 行重复，同一个人请只保留一行。", row=first)
            self._fault(number, ID, reason, masked(ID, person))

    def _fault(self, row: int, field: str, reason: str, value: str = "") -> None:
        index = self.columns.get(field)
        heading = self.table.headings[index] if index is not None else field
        self.faults.append(Fault(row, heading, reason, value))

    def _shown(self, row: ParsedRow, field: str) -> str:
        shown = {NAME: row.name, PHONE: row.phone, STARTED: row.started_on, ENDED: row.ended_on}
        return masked(field, shown.get(field))

    def _code(self, row: SheetRow) -> str | None:
        index = self.columns[HOME]
        value = row.values[index] if index < len(row.values) else None
        try:
            return str(READERS[HOME](value)) if not is_blank(value) else None
        except CellError:
            return None


def example_rows() -> list[list[str]]:
    """Headings and one synthetic row, as the template shows them."""
    return [
        list(HEADINGS),
        ["王桂兰", "140105196803124046", "19900000001", "52140000MJ0123456M", "养老护理员",
         "2026-11-23", "", "初级工"],
    ]  # fmt: skip
