"""What both readers of checklist files return: texts with their places, not judged yet."""

from dataclasses import dataclass, field

MOST_LISTS = 60
MOST_BYTES = 2 * 1024 * 1024
#: field -> heading of a sheet; a YAML file names the fields themselves
HEADINGS = {
    "code": "评分表编号",
    "title": "名称",
    "part": "考核",
    "rung": "等级",
    "module": "模块",
    "tenths": "满分",
    "minutes": "时长",
    "way": "方式",
    "text": "评分点",
    "step": "分值",
    "most": "次数",
    "veto": "一票否决",
    "source": "依据",
}
ITEM = ("text", "step", "most")
HEAD = tuple(name for name in HEADINGS if name not in {*ITEM, "veto"})


@dataclass(frozen=True, slots=True)
class Fault:
    """What keeps a file out: its row or line, the column or field, what to do."""

    row: int
    column: str
    text: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A text and where it stands."""

    text: str
    row: int


@dataclass(slots=True)
class RawList:
    """A checklist as a file gives it."""

    row: int
    cells: dict[str, Cell] = field(default_factory=dict)
    items: list[dict[str, Cell]] = field(default_factory=list)
    vetoes: list[Cell] = field(default_factory=list)


@dataclass(slots=True)
class Read:
    """A file: its checklists, its faults, what a column is called in it, and how many tenths of a
    mark its unit of marks is."""

    columns: dict[str, str]
    unit: int
    lists: list[RawList] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def blame(self, row: int, name: str, text: str) -> None:
        """Note a fault; one for each cell."""
        column = self.columns.get(name, name)
        if not any((fault.row, fault.column) == (row, column) for fault in self.faults):
            self.faults.append(Fault(row, column, text))
