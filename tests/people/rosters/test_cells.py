"""Cells and identifiers: any value is read or refused in words, and what is right is accepted."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.core.ladder import Rung
from lms.people import identifiers as ids
from lms.people.rosters.columns import (
    READERS,
    CellError,
    is_blank,
    masked,
    read_credit_code,
    read_date,
    read_id,
    read_level,
    read_phone,
)

pytestmark = pytest.mark.usefixtures("app_once")
VALUES = st.one_of(
    st.text(max_size=40), st.integers(), st.floats(allow_nan=False), st.dates(), st.booleans(),
    st.none(),
)  # fmt: skip
BORN = st.dates(date(1900, 1, 1), date(2020, 12, 31))


@st.composite
def citizen_ids(draw):
    first = draw(st.integers(110000, 829999))
    return _closed(f"{first}{draw(BORN):%Y%m%d}{draw(st.integers(0, 999)):03d}")


def _closed(first17: str) -> str:
    return first17 + ids.id_check_digit(first17)


@st.composite
def credit_codes(draw):
    first = draw(st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=17, max_size=17))
    return first + ids.credit_check_digit(first)


@given(st.sampled_from(list(READERS)), VALUES)
def test_any_cell_is_read_or_refused_in_words(field, value):
    try:
        READERS[field](value)
    except CellError as error:
        told = str(error)
    else:
        told = "read"
    assert told


@given(st.sampled_from(["姓名", "证件号码", "手机号", "岗位"]), VALUES)
def test_anything_can_be_masked_for_a_fault(field, value):
    assert isinstance(masked(field, value), str)
    assert isinstance(is_blank(value), bool)


@given(citizen_ids(), st.booleans())
def test_a_valid_id_is_read_however_it_is_typed(number, wide):
    typed = "".join(chr(ord(c) + 0xFEE0) for c in number) if wide else f" {number.lower()} "
    assert read_id(typed) == number


@given(citizen_ids(), st.integers(0, 17), st.sampled_from("0123456789"))
def test_one_wrong_digit_is_always_caught(number, at, digit):
    typed = number[:at] + digit + number[at + 1 :]
    assert (typed == number) == ids.is_citizen_id(typed)


@given(credit_codes(), st.integers(0, 17), st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_credit_codes_are_read_and_one_wrong_character_caught(code, at, char):
    assert read_credit_code(f" {code[:8].lower()}-{code[8:]}") == code
    typed = code[:at] + char + code[at + 1 :]
    assert (typed == code) == ids.is_credit_code(typed)


@given(st.dates(date(1950, 1, 1), date(2030, 1, 1)))
def test_dates_are_read_in_every_form_offices_type(day):
    for typed in (
        day, f"{day:%Y-%m-%d}", f"{day:%Y/%m/%d}", f"{day.year}.{day.month}.{day.day}",
        f"{day.year}年{day.month}月{day.day}日", f"{day:%Y%m%d}", int(f"{day:%Y%m%d}"),
        f"{day:%Y-%m-%d} 00:00:00", float((day - date(1899, 12, 30)).days),
    ):  # fmt: skip
        assert read_date(typed) == day


@pytest.mark.parametrize(
    "typed", ["13800000000", "138 0000 0000", "+86 138-0000-0000", 13800000000]
)
def test_phones_are_read_however_they_are_typed(typed):
    assert read_phone(typed) == "13800000000"


@pytest.mark.parametrize("rung", list(Rung))
def test_levels_are_read_by_name_and_grade(rung):
    assert read_level(rung.name_zh) == rung
    assert read_level(f"养老护理员{rung.name_zh}") == rung
    if rung.examined:
        assert read_level(rung.grade) == rung
        assert read_level(rung.grade[:2]) == rung


@pytest.mark.parametrize("number", ["140105196803124046", "14270119701010003X"])
def test_known_ids_are_valid(number):
    assert read_id(number) == number
