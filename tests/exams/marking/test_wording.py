"""An answer beside its key, in words."""

import pytest

from exams.marking.wording import Line, lines_of


@pytest.mark.parametrize(
    ("kind", "body", "key", "order", "answer", "lines"),
    [
        ("judge", {}, {"right": False}, (), {"value": True}, [("", "对", "错", False)]),
        ("judge", {}, {"right": True}, (), None, [("", "", "对", False)]),
        ("numeric", {"unit": "次/分"}, {"right": "76", "within": "2"}, (), {"number": "７５"},
         [("", "７５ 次/分", "76 次/分（误差不超过 2）", True)]),
        ("numeric", {}, {"right": "76", "within": "0.0"}, (), {"number": ""},
         [("", "", "76", False)]),
        ("fill", {"blanks": 2}, {"blanks": [["二", "2", "两", "贰"], ["压疮"]]}, (),
         {"blanks": ["2"]},
         [("第 1 空", "2", "二 或 2 或 两", True), ("第 2 空", "", "压疮", False)]),
        ("matching", {"left": ["甲", "乙"], "right": ["丙", "丁", "戊"]}, {"pairs": [2, 0]},
         (1, 2, 0), {"pairs": [1, 0]}, [("甲", "戊", "戊", True), ("乙", "丁", "丙", False)]),
        ("ordering", {"items": ["甲", "乙"]}, {"sequence": [1, 0]}, (1, 0), {"sequence": [0, 1]},
         [("第 1 步", "乙", "乙", True), ("第 2 步", "甲", "甲", True)]),
        ("essay", {"longest": 9}, {"reference": "参考。"}, (), {"text": "写了。"},
         [("", "写了。", "参考。", None)]),
        ("single", {"options": ["甲", "乙"]}, {"right": [0]}, (0, 1), {"picked": [0]}, []),
    ],
)  # fmt: skip
def test_lines_say_what_was_asked_answered_and_right(app, kind, body, key, order, answer, lines):
    assert lines_of(kind, body, key, order, answer) == [Line(*line) for line in lines]
