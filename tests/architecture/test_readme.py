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


def test_the_places_of_the_tour_are_called_as_in_the_side_bar(sign_in, cast):
    seen = "".join(sign_in(person).get("/").text for person in (cast.li, cast.zhou, cast.county))
    tour = README.split("## A short tour\n", 1)[1].split("\n## ", 1)[0]
    for place in ("导入花名册", "考试安排", "证书登记册", "年度集中培训"):
        assert place in tour
        assert f">{place}<" in seen
