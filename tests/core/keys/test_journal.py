"""The signer's own record: chained, mended after a power cut, broken by any change."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lms.core.keys.journal import BrokenChain, Journal, Line, read_journal

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
LINES = [Line(NOON.replace(minute=n), "jwt", f"{n:064x}", "k", 0) for n in range(5)]


@pytest.fixture
def path(tmp_path):
    journal = Journal(tmp_path / "signed.log")
    for line in LINES[:3]:
        journal.add(line)
    journal.close()
    return tmp_path / "signed.log"


def test_lines_go_on_where_the_last_process_ended(path):
    journal = Journal(path)
    for line in LINES[3:]:
        journal.add(line)
    journal.close()
    assert list(read_journal(path)) == LINES


def test_a_half_line_is_cut_off(path):
    with path.open("ab") as out:
        out.write(b'{"at":"2026')
    journal = Journal(path)
    journal.add(LINES[3])
    journal.close()
    assert list(read_journal(path)) == LINES[:4]


@pytest.mark.parametrize("change", [lambda t: t.replace(b"jwt", b"jwx", 1),
                                    lambda t: b"".join(t.splitlines(keepends=True)[1:]),
                                    lambda t: b"".join(t.splitlines(keepends=True)[::2]),
                                    lambda t: b"[]\n" + t])  # fmt: skip
def test_a_changed_missing_or_added_line_shows(path, change):
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(BrokenChain):
        list(read_journal(path))
