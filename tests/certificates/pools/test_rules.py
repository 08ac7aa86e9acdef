"""Runs of numbers: cutting, reading, gathering."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.pools.rules import Line, Run, lines_of, read_lines, runs_of, split

NUMBER = "S000014000123264000001"


def test_a_line_is_one_number_or_two():
    assert lines_of(f"{NUMBER}\n\nA1 ~ A9\nB1至B3\n") == [
        Line(1, NUMBER), Line(3, "A1", "A9"), Line(4, "B1", "B3"),
    ]  # fmt: skip


@given(st.from_regex(r"[A-Z0-9]{0,20}[0-9]{1,20}", fullmatch=True))
def test_a_number_is_put_together_as_it_was_cut(number):
    head, width, serial = split(number)
    assert Run(head, width, serial, serial).begins == number


@pytest.mark.parametrize(
    ("begin", "end", "column"),
    [
        ("A1", "", "起始编号"), ("ABCD", "", "起始编号"), ("AB01!", "", "起始编号"),
        ("AB0001", "AB00010", "截止编号"), ("AB0001", "AC0009", "截止编号"),
        ("AB0009", "AB0001", "截止编号"), (NUMBER.replace("264", "263"), "", "起始编号"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_run_is_refused_where_it_stands(begin, end, column):
    runs, (fault,) = read_lines([Line(7, begin, end)], level="4")
    assert runs == []
    assert (fault.row, fault.column) == (7, column)


def test_lines_that_share_numbers_are_refused_and_name_each_other():
    runs, (fault,) = read_lines([Line(1, "AB0001", "AB0100"), Line(2, "AB0100")], None)
    assert len(runs) == 2
    assert (fault.row, "1" in fault.text) == (2, True)


def test_a_million_is_enough():
    _runs, (fault,) = read_lines([Line(1, "A00000001", "A01000002")], None)
    assert "100 万" in fault.text


def test_neighbours_are_gathered():
    assert runs_of([5, 1, 2, 9, 3], "A", 4) == [
        Run("A", 4, 1, 3), Run("A", 4, 5, 5), Run("A", 4, 9, 9),
    ]  # fmt: skip
