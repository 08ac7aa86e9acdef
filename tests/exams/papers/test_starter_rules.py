"""The rules the product ships: every rung's weights, and what is still to be completed."""

import pytest

from exams.papers.queries import plan_for
from exams.papers.rules import FULL_TENTHS, check_weights, parse
from lms.core import clock
from lms.core.errors import Invalid

BASE = {"职业道德": 5, "基础知识": 15}
THEORY = {
    2: {"职业道德": 5, "基础知识": 20, "生活照护": 60, "基础照护": 10, "康复服务": 5},
    3: BASE | {"生活照护": 30, "基础照护": 30, "康复服务": 15, "心理支持": 5},
    4: BASE | {"基础照护": 35, "康复服务": 20, "心理支持": 10, "培训指导": 15},
}  # fmt: skip
SKILLS = {
    2: {"生活照护": 60, "基础照护": 25, "康复服务": 15},
    3: {"生活照护": 30, "基础照护": 45, "康复服务": 15, "心理支持": 10},
    4: {"基础照护": 40, "康复服务": 20, "心理支持": 20, "培训指导": 20},
    5: {"康复服务": 20, "照护评估": 30, "质量管理": 30, "培训指导": 20},
    6: {"照护评估": 40, "质量管理": 35, "培训指导": 25},
}


@pytest.mark.parametrize("rung", THEORY)
def test_theory_of_the_first_three_rungs_is_seventy_ten_and_twenty_questions(app, rung):
    rule = plan_for(rung, "theory", clock.today())
    plan = parse(rule.value)
    assert plan.weights == THEORY[rung]
    counts = {kind: sum(q.count for q in plan.quotas if q.kind == kind) for kind in plan.kinds}
    assert counts == {"single": 70, "multiple": 10, "judge": 20}
    assert sum(q.count * q.tenths for q in plan.quotas) == FULL_TENTHS


@pytest.mark.parametrize("rung", SKILLS)
def test_skills_weights_of_all_five_rungs_sum_to_a_hundred(app, rung):
    weights = plan_for(rung, "skills", clock.today()).value["weights"]
    assert weights == SKILLS[rung]
    check_weights(weights)


@pytest.mark.parametrize(("rung", "total"), [(5, 105), (6, 125)])
def test_the_tables_that_do_not_sum_to_a_hundred_are_unconfirmed_drafts(app, rung, total):
    rule = plan_for(rung, "theory", clock.today())
    assert not rule.confirmed
    with pytest.raises(Invalid, match=f"合计 {total}，不是 100.*请评价机构补全"):
        parse(rule.value)
