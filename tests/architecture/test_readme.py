"""The README names every setting and every command, and promises none that is not there."""

import re
from pathlib import Path

from lms.cli import main
from lms.core.config import KNOWN

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def rows(heading: str) -> set[str]:
    section = README.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return set(re.findall(r"^\| `([^`]+)`", section, flags=re.M))


def test_every_setting_is_in_the_readme():
    assert rows("Settings") == set(KNOWN)


def test_every_command_is_in_the_readme():
    named = {row.removeprefix("lms ").split()[0] for row in rows("Commands")}
    assert named == set(main.commands)
