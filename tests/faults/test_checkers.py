"""Every checker finds the defect it is for, and nothing where all is well."""

import copy
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from lms.core.audit import AuditEvent
from lms.core.db import db
from tests.exams.walkthroughs.model import Model
from tests.faults.facts import Facts, Sat, Stored, faults_of, sqlite_faults, unsound
from tests.faults.phones import Journal

START = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
END, GRACE = START + timedelta(minutes=90), timedelta(seconds=120)
SITTING = 7


def at(seconds):
    """An instant so long after the deadline, as a phone writes it."""
    return round((END + timedelta(seconds=seconds)).timestamp() * 1000)


@pytest.fixture
def well(tmp_path):
    """A journal and the facts that it should find: an answer, a newer one above it, one that came
    late, one that was refused, a receipt."""
    journal = Journal(tmp_path / "journal")
    steps = [
        ("op-one", 1, 1, 0, -600, -599), ("op-two", 2, 1, 2, -500, -499),
        ("op-late", 3, 2, 1, -1, 30),
    ]  # fmt: skip
    stored = []
    for op, seq, place, picked, typed, received in steps:
        answer = {"picked": [picked]}
        value = {"op": op, "position": place, "answer": answer, "at": at(typed)}
        journal.note("typed", SITTING, value)
        journal.note("acked", SITTING, op)
        stored.append(
            Stored(
                SITTING, seq, op, place, answer, datetime.fromtimestamp(at(typed) / 1000, UTC),
                END + timedelta(seconds=received), received > 0,
            )
        )  # fmt: skip
    journal.note("saved", SITTING, None)
    journal.note(
        "typed", SITTING, {"op": "op-no", "position": 3, "answer": {"picked": [1]}, "at": at(5)}
    )
    journal.note("refused", SITTING, "op-no")
    model = Model(SITTING, END)
    model.by_seq = {s.seq: {"position": s.position, "answer": s.answer} for s in stored}
    journal.note("receipt", SITTING, {"receipt": "A", "digest": model.digest, "answered": 2})
    sat = Sat("concluded", END, GRACE, END + timedelta(seconds=40), "A", model.digest)
    facts = Facts(stored, {SITTING: sat})
    facts.closings[SITTING] = facts.results[SITTING] = facts.marks[SITTING, 1] = 1
    return journal, facts


def lose(_journal, facts):
    del facts.steps[1]


def sink(_journal, facts):
    facts.steps[0].seq = 9


def double(_journal, facts):
    facts.steps.append(copy.copy(facts.steps[0]))


def reuse(_journal, facts):
    facts.steps[0].seq = 2


def move(_journal, facts):
    facts.steps[1].position = 3


def stray(journal, _facts):
    journal.typed["op-two"].attempt = 8


def forge(_journal, facts):
    facts.steps.append(
        Stored(SITTING, 9, "op-evil", 5, {"picked": [0]}, START, END - timedelta(seconds=1), False)
    )


def too_late(_journal, facts):
    facts.steps[2].received_at = END + GRACE + timedelta(seconds=1)


def unmarked(_journal, facts):
    facts.steps[2].late = False


def typed_after(_journal, facts):
    facts.steps[2].client_at = END + timedelta(seconds=1)


def refuse(journal, _facts):
    journal.typed["op-no"].at = at(-1)


def close_twice(_journal, facts):
    facts.closings[SITTING] = 2


def no_result(_journal, facts):
    facts.results[SITTING] = 0


def mark_twice(_journal, facts):
    facts.marks[SITTING, 1] = 2


def closed_open(_journal, facts):
    facts.sittings[SITTING].state = "open"


def other_receipt(_journal, facts):
    facts.sittings[SITTING].receipt = "B"


def other_answers(_journal, facts):
    facts.steps[1].answer = {"picked": [3]}


def rash(journal, _facts):
    journal.said.insert(0, (journal.typed["op-two"].order + 1, SITTING))
    journal.acked["op-two"] = journal.order


def decay(_journal, facts):
    facts.unsound.append("row 3 missing from index")


def oddity(journal, _facts):
    journal.note("strange", SITTING, "500")


@pytest.mark.parametrize(
    ("plant", "letter"),
    [
        (lose, "A"), (sink, "A"), (double, "B"), (reuse, "B"), (move, "C"), (stray, "C"),
        (forge, "C"), (too_late, "E"), (unmarked, "E"), (typed_after, "E"), (refuse, "E"),
        (decay, "F"), (close_twice, "G"), (no_result, "G"), (mark_twice, "G"), (closed_open, "G"),
        (other_receipt, "G"), (other_answers, "G"), (rash, "H"), (oddity, "s"),
    ],
)  # fmt: skip
def test_a_planted_defect_is_found_and_nothing_before(well, plant, letter):
    assert faults_of(*well) == []
    plant(*well)
    assert letter in {fault[0] for fault in faults_of(*well)}


def test_a_sound_database_is_called_sound_and_a_forged_one_is_not(app):
    assert unsound() == []
    forged = {"at": START, "actor_id": 1, "action": "forged", "details": {}, "chain": "0" * 64}
    blank = {"object_kind": "", "object_id": "", "request_id": ""}
    with db.engine.begin() as connection:
        connection.execute(insert(AuditEvent), forged | blank)
    assert any("audit trail" in line for line in unsound())


def test_a_database_with_dangling_rows_or_a_torn_page_is_not_sound(tmp_path):
    path = tmp_path / "torn.sqlite3"
    with closing(sqlite3.connect(path)) as made:
        made.execute("CREATE TABLE house (id INTEGER PRIMARY KEY)")
        made.execute("CREATE TABLE room (house REFERENCES house, name)")
        made.execute("CREATE INDEX named ON room (name)")
        made.executemany("INSERT INTO room VALUES (NULL, ?)", [(f"{n:099}",) for n in range(500)])
        made.commit()
        assert sqlite_faults(made.execute) == []
        made.execute("INSERT INTO room VALUES (99, 'x')")
        made.commit()
        assert len(sqlite_faults(made.execute)) == 1
    page = path.read_bytes()
    path.write_bytes(page[:-4096] + bytes(4096))
    with closing(sqlite3.connect(path)) as made:
        assert sqlite_faults(made.execute)
