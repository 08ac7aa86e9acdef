"""The command that imports a weight table: only a table of a hundred is taken."""

import json

import pytest

from exams.papers.cli import import_command
from exams.papers.queries import plan_for
from exams.papers.rules import weights_of
from lms.core import clock
from lms.core.errors import Invalid

TABLE = """
rung: 5
source: 评价机构补全的技师理论权重表
weights: {职业道德: 5, 基础知识: 10, 康复服务: 20, 照护评估: 25, 质量管理: 25, 培训指导: 15}
"""


ADMIN, EXAMINER = "13800000011", "13800000006"
STRAY = "rung: 5\nsections: [{kind: single, tenths: 10, quotas: {基础知识: 3}}]"


@pytest.fixture
def run(site, tmp_path):
    """``run(text, *options)`` imports a file with this text."""

    def command(text, *options, user=ADMIN):
        file = tmp_path / "table.yaml"
        file.write_text(text, encoding="utf-8")
        arguments = [str(file), "--as", user, *options]
        return site.app.test_cli_runner().invoke(import_command, arguments)

    return command


def test_a_table_of_a_hundred_becomes_the_next_version_of_the_rule(site, run):
    done = run(TABLE, "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.output)["rule"] == "exams.blueprint.technician@2"
    with site.app.app_context():
        rule = plan_for(5, "theory", clock.today())
        assert weights_of(rule.value)["质量管理"] == 25
        assert not rule.confirmed


def test_a_dry_run_writes_nothing(site, run):
    assert run(TABLE, "--dry-run").exit_code == 0
    with site.app.app_context(), pytest.raises(Invalid):
        weights_of(plan_for(5, "theory", clock.today()).value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("培训指导: 15", "培训指导: 20", "应为 100，现在是 105（职业道德 5 + 基础知识 10"),
        ("培训指导: 15", "培训指导: 40", "应为 100，现在是 125"),
        ("rung: 5", "rung: 7", "等级应为 2 到 6"),
        ("source: 评价机构补全的技师理论权重表", "", "出处"),
        ("职业道德: 5", "职业道德: 五", "权重应为整数"),
        (
            "rung: 5",
            "rung: 5\nsections: [{kind: single, tenths: 10, quotas: {基础知识: 3}}]",
            "按题量",
        ),
        ("rung: 5", "rung: 5\nsections: [1]", "写法不对"),
    ],
)
def test_any_other_table_is_refused_with_the_numbers(run, old, new, said):
    refused = run(TABLE.replace(old, new))
    assert refused.exit_code == 1
    assert said in refused.output


def test_only_an_administrator_changes_a_rule(run):
    assert run(TABLE, user=EXAMINER).exit_code == 2
