"""Reading hostile YAML: plain values only, no aliases, each fault named by file and field."""

from collections.abc import Sequence
from typing import Any

import yaml
from flask_babel import gettext as _

from courses.catalogue.plans import Fault

LONGEST = 200_000


class _PlainLoader(yaml.SafeLoader):
    """Safe YAML without aliases, so that a few lines cannot unfold into gigabytes."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.events.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.YAMLError(f"alias at line {mark.line + 1}")
        return super().compose_node(parent, index)


class Record:
    """A mapping being read: every getter notes a fault instead of raising."""

    def __init__(
        self, values: dict[str, Any], file: str, faults: list[Fault], prefix: str = ""
    ) -> None:
        self.values = values
        self.file = file
        self.faults = faults
        self.prefix = prefix

    def fault(self, field: str, reason: str) -> None:
        """Note what is wrong with ``field``."""
        self.faults.append(Fault(self.file, self.prefix + field, reason))

    def text(self, field: str, longest: int, required: bool = True) -> str:
        """A line of text of at most ``longest`` characters."""
        value = self.values.get(field)
        if value is None or value == "":
            if required:
                self.fault(field, _("缺少这一项，请补上。"))
            return ""
        if not isinstance(value, str):
            self.fault(field, _("应当是文字；像数字的文字请加引号。"))
            return ""
        text = value.strip()
        if len(text) > longest:
            self.fault(
                field, _("太长：最多 %(most)s 个字，现有 %(now)s 个。", most=longest, now=len(text))
            )
        if any(ord(char) < 32 and char not in "\n\t" for char in text):
            self.fault(field, _("含有看不见的控制字符，请删去。"))
        return text

    def whole(self, field: str, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``."""
        value = self.values.get(field)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.fault(field, _("应当是 %(low)s 到 %(high)s 之间的整数。", low=low, high=high))
            return low
        return value

    def one_of(self, field: str, allowed: Sequence[str]) -> str:
        """One of a few known words."""
        value = self.values.get(field)
        if value not in allowed:
            self.fault(field, _("只能填：%(words)s。", words="、".join(allowed)))
            return allowed[0]
        return str(value)

    def texts(self, field: str, least: int, most: int, longest: int) -> tuple[str, ...]:
        """A list of short texts."""
        value = self.values.get(field)
        if not isinstance(value, list) or not least <= len(value) <= most:
            self.fault(field, _("应当是列表，%(least)s 到 %(most)s 条。", least=least, most=most))
            return ()
        return tuple(
            Record({f"{field}[{n}]": item}, self.file, self.faults, self.prefix).text(
                f"{field}[{n}]", longest
            )
            for n, item in enumerate(value, start=1)
        )

    def records(self, field: str, least: int, most: int) -> list["Record"]:
        """A list of mappings."""
        value = self.values.get(field)
        if not isinstance(value, list) or not least <= len(value) <= most:
            self.fault(field, _("应当是列表，%(least)s 到 %(most)s 条。", least=least, most=most))
            return []
        found = []
        for number, item in enumerate(value, start=1):
            if isinstance(item, dict):
                prefix = f"{self.prefix}{field}[{number}]."
                found.append(Record(item, self.file, self.faults, prefix))
            else:
                self.fault(f"{field}[{number}]", _("应当是一组“名称: 内容”。"))
        return found

    def only(self, *known: str) -> None:
        """Note every field nobody reads: most often a misspelling."""
        for name in self.values:
            if name not in known:
                self.fault(
                    str(name)[:40],
                    _("不认识这一项，请检查拼写；可用：%(words)s。", words="、".join(known)),
                )


def read_mapping(text: str, file: str, faults: list[Fault]) -> Record | None:
    """Read a YAML mapping, or note why it cannot be read."""
    if len(text) > LONGEST:
        faults.append(Fault(file, "", _("文件太大。")))
        return None
    try:
        values = yaml.load(text, _PlainLoader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = _("第 %(line)s 行", line=mark.line + 1) if mark else ""
        faults.append(
            Fault(file, where, _("格式读不懂：检查缩进、冒号后的空格和引号；不能用 & 和 * 引用。"))
        )
        return None
    if not isinstance(values, dict):
        faults.append(Fault(file, "", _("应当由“名称: 内容”组成。")))
        return None
    return Record(values, file, faults)
