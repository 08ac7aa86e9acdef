"""``lms init`` sets up an empty database once, and says what is wrong with what it was given."""

import re

from tests.cast import citizen_id

GOOD = ("--login", "root", "--name", "管理员", "--id-number", citizen_id(77), "--phone", "")


def test_it_gives_a_code_for_the_first_administrator(lms):
    done = lms("init", *GOOD)
    assert done.exit_code == 0, done.output
    assert re.search(r"^  [0-9A-Z]{4}(-?[0-9A-Z]{4})+$", done.output, re.M), done.output
    assert lms("doctor").exit_code == 0


def test_a_second_time_is_refused_and_changes_nothing(lms):
    lms("init", *GOOD)
    again = lms(
        "init", "--login", "x2", "--name", "乙", "--id-number", citizen_id(78), "--phone", ""
    )
    assert again.exit_code == 1
    assert "in use already" in again.output


def test_a_database_in_use_is_refused_before_anything_is_asked(lms):
    lms("init", *GOOD)
    refused = lms("init")
    assert refused.exit_code == 1
    assert "Login name" not in refused.output


def test_a_bad_id_number_is_named_and_nothing_is_kept(lms):
    bad = lms("init", "--login", "root", "--name", "甲", "--id-number", "123", "--phone", "")
    assert bad.exit_code == 1
    assert "身份证号" in bad.output
    assert lms("init", *GOOD).exit_code == 0


def test_it_asks_for_what_was_not_given(lms):
    done = lms("init", text=f"root\n管理员\n{citizen_id(77)}\n\n")
    assert done.exit_code == 0, done.output


def test_the_demo_is_refused_on_a_database_in_use(lms):
    lms("init", *GOOD)
    refused = lms("demo", "--staff", "50")
    assert refused.exit_code == 1
    assert "not empty" in refused.output


def test_a_wrong_option_is_wrong_usage(lms):
    assert lms("demo", "--staff", "many").exit_code == 2
    assert lms("flying").exit_code == 2
