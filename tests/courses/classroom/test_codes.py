"""The code on the hall's screen lives for two steps and belongs to one session."""

from datetime import timedelta

from courses.classroom.codes import accepted_step, scan_code, step_of, typed_code
from tests.factories.central import NINE

SECRET = b"a" * 32


def test_a_code_is_accepted_in_its_step_and_the_next_one_only():
    step = step_of(NINE, 15)
    for make in (typed_code, scan_code):
        code = make(SECRET, step)
        assert accepted_step(SECRET, code, NINE, 15) == step
        assert accepted_step(SECRET, code, NINE + timedelta(seconds=29), 15) == step
        assert accepted_step(SECRET, code, NINE + timedelta(seconds=30), 15) is None
        assert accepted_step(SECRET, code, NINE - timedelta(seconds=1), 15) is None


def test_a_code_of_another_session_is_refused():
    code = typed_code(b"b" * 32, step_of(NINE, 15))
    assert accepted_step(SECRET, code, NINE, 15) is None


def test_a_code_typed_with_a_blank_is_understood():
    code = typed_code(SECRET, step_of(NINE, 15))
    assert accepted_step(SECRET, f" {code[:3]} {code[3:]} ", NINE, 15) is not None


def test_nonsense_is_refused():
    for code in ("", "0", "000000x", "zz-00", "签到"):
        assert accepted_step(SECRET, code, NINE, 15) is None
