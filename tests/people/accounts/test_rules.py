"""Pure rules of accounts, by tables and by chance."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.core.access import Actor, Grant, Role
from lms.people.accounts import rules
from lms.people.accounts.policy import GrantTarget, SlipTarget, may_grant, may_issue_slip

ADMIN = Actor(1, 1, "a", (Grant(Role.ADMIN),))
PROVINCE = Actor(2, 2, "p", (Grant(Role.OFFICER, region="14"),))
CITY = Actor(3, 3, "c", (Grant(Role.OFFICER, region="1401"),))
HR = Actor(4, 4, "h", (Grant(Role.HR, 7),))


@pytest.mark.parametrize(
    ("enforced", "powerful", "confirmed", "passed", "step"),
    [
        (True, True, False, False, rules.Step.ENROL),
        (True, True, True, False, rules.Step.CONFIRM),
        (True, False, True, False, rules.Step.CONFIRM),
        (True, False, False, False, None),
        (True, True, True, True, None),
        (False, True, True, False, None),
    ],
)
def test_what_the_second_factor_asks(enforced, powerful, confirmed, passed, step):
    assert rules.outstanding(enforced, powerful, confirmed, passed) is step


@pytest.mark.parametrize(
    ("login", "good"),
    [
        ("wang", True), ("wang.guilan-2", True), ("wa", False), ("13800000001", False),
        ("王桂兰", False), ("-wang", False), ("w" * 41, False), ("wang guilan", False),
    ],
)  # fmt: skip
def test_login_names(login, good):
    assert rules.is_login(login) is good


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("莜面栲栳栳-2026", None),
        ("correct horse", None),
        ("13812345678", rules.PasswordFault.PERSONAL),
        ("wang13812345678", rules.PasswordFault.PERSONAL),
        ("my dog is 13812345678 years old", None),
        ("abcdefghijk", rules.PasswordFault.COMMON),
        ("9876543210", rules.PasswordFault.COMMON),
        ("Password123", rules.PasswordFault.COMMON),
        ("112211221122", rules.PasswordFault.COMMON),
        ("x" * 9, rules.PasswordFault.SHORT),
        ("xyz1" * 40, rules.PasswordFault.LONG),
    ],
)
def test_passwords(password, fault):
    assert rules.password_fault(password, 10, ("13812345678", "王桂兰", "")) is fault


@given(st.text(max_size=200), st.tuples(st.text(max_size=20)))
def test_any_text_gets_an_answer(password, personal):
    rules.password_fault(password, 10, personal)
    rules.normal_code(password)
    rules.device_of(password)


@given(st.integers(min_value=1, max_value=24))
def test_a_code_survives_being_printed_and_typed(length):
    code = rules.new_code(length)
    assert rules.normal_code(rules.grouped(code).lower()) == code


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        ("Mozilla/5.0 (Linux; Android 13; V2166) Chrome/107 MicroMessenger/8.0", "android/wechat"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 16_0) Version/16.0 Safari/604.1", "iphone/safari"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/120 Safari/537 Edg/120", "windows/edge"),
        ("Mozilla/5.0 (Phone; OpenHarmony 5.0) Chrome/114", "harmony/chrome"),
        ("curl/8", "other/other"),
    ],
)
def test_devices(agent, device):
    assert rules.device_of(agent) == device


@pytest.mark.parametrize(
    ("actor", "target", "may"),
    [
        (ADMIN, GrantTarget(9, Role.ADMIN), True),
        (ADMIN, GrantTarget(1, Role.OFFICER, "14"), False),
        (ADMIN, GrantTarget(9, Role.LEARNER, "14"), False),
        (PROVINCE, GrantTarget(9, Role.OFFICER, "140105"), True),
        (PROVINCE, GrantTarget(9, Role.OFFICER, "15"), False),
        (PROVINCE, GrantTarget(9, Role.OFFICER), False),
        (PROVINCE, GrantTarget(9, Role.HR, "140105", 7), False),
        (PROVINCE, GrantTarget(2, Role.OFFICER, "140105"), False),
        (CITY, GrantTarget(9, Role.OFFICER, "140105"), False),
        (HR, GrantTarget(9, Role.OFFICER, "140105"), False),
    ],
)
def test_who_may_grant_what(actor, target, may):
    assert may_grant(actor, target) is may


@pytest.mark.parametrize(
    ("actor", "target", "may"),
    [
        (HR, SlipTarget(9, (7,), powerful=False), True),
        (HR, SlipTarget(9, (7,), powerful=True), False),
        (HR, SlipTarget(9, (8,), powerful=False), False),
        (ADMIN, SlipTarget(9, (), powerful=True), True),
        (PROVINCE, SlipTarget(9, (7,), powerful=False), False),
    ],
)
def test_who_may_print_a_slip_for_whom(actor, target, may):
    assert may_issue_slip(actor, target) is may
