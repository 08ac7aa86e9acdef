"""Whatever is changed in the database, the seal or the log, a check refuses it and says why."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from certificates.log.models import LogLeaf
from certificates.models import Certificate
from certificates.operations import suspend
from certificates.rules import Fault, Status
from certificates.verification import verify
from lms.core.access import SYSTEM
from lms.core.db import db, session
from lms.core.uow import unit_of_work
from tests.certificates.log.test_log import untriggered
from tests.factories.certificates import NOW, issue_now, skill_request

SLOW = settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def row(app, cast):
    """A certificate that was suspended once; the database holds nothing back any more."""
    issued = issue_now(skill_request(cast.wang, cast.base))
    with unit_of_work():
        suspend(issued.certificate_id, "投诉待查实", SYSTEM, NOW)
    unguarded()
    return session().get_one(Certificate, issued.certificate_id)


def unguarded():
    """No trigger of ours holds back a change."""
    if db.engine.dialect.name == "sqlite":
        untriggered("SELECT 1")
        return
    for table in ("certificate", "certificate_event", "log_leaf", "log_checkpoint"):
        untriggered(f"ALTER TABLE {table} DISABLE TRIGGER USER")


def said(row, **changed):
    """The verdict while these columns are changed; they are put back afterwards."""
    kept = {name: getattr(row, name) for name in changed}
    for name, value in changed.items():
        setattr(row, name, value)
    session().flush()
    try:
        return verify(row.code, NOW)
    finally:
        for name, value in kept.items():
            setattr(row, name, value)
        session().flush()


def leaves(facts, path=()):
    """Every field of the sealed facts: its path and what it says."""
    if isinstance(facts, dict):
        for name, value in facts.items():
            yield from leaves(value, (*path, name))
    else:
        yield path, facts


def changed(facts, path, value):
    if not path:
        return value
    return facts | {path[0]: changed(facts[path[0]], path[1:], value)}


def test_the_untouched_certificate_is_believed(row):
    assert verify(row.code, NOW).status is Status.SUSPENDED
    assert verify(row.code, NOW).fault is None


@SLOW
@given(data=st.data())
def test_any_byte_of_the_payload(row, data):
    text = row.facts
    place = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.characters(codec="utf-8", exclude_characters="\0" + text[place]))
    verdict = said(row, facts=text[:place] + letter + text[place + 1 :])
    assert (verdict.status, verdict.fault, verdict.shown) == (Status.DAMAGED, Fault.SEAL, None)


@SLOW
@given(data=st.data())
def test_any_byte_of_the_seal(row, data):
    seal = bytearray(row.seal)
    seal[data.draw(st.integers(0, len(seal) - 1))] ^= data.draw(st.integers(1, 255))
    verdict = said(row, seal=bytes(seal))
    assert (verdict.status, verdict.fault) == (Status.DAMAGED, Fault.SEAL)


def test_every_sealed_field(row):
    facts = json.loads(row.facts)
    fields = [path for path, _value in leaves(facts)]
    assert len(fields) > 20
    for path in fields:
        forged = changed(facts, path, "改")
        text = json.dumps(forged, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        verdict = said(row, facts=text)
        assert (path, verdict.status, verdict.fault) == (path, Status.DAMAGED, Fault.SEAL)


VISIBLE = {
    "number": "S000014000123261000001",
    "holder_name": "李四",
    "title": "养老护理员 一级/高级技师",
    "source": "forged",
    "rung": 6,
}


@pytest.mark.parametrize("column", VISIBLE)
def test_every_visible_field_of_the_register(row, column):
    verdict = said(row, **{column: VISIBLE[column]})
    assert (verdict.status, verdict.fault) == (Status.DAMAGED, Fault.REGISTER)


def test_another_key_or_digest(row):
    for forged in ({"key_id": "0" * 16}, {"digest": "0" * 64}):
        verdict = said(row, **forged)
        assert (verdict.status, verdict.fault) == (Status.DAMAGED, Fault.SEAL)


@SLOW
@given(data=st.data())
def test_any_letter_of_a_log_leaf(row, data):
    leaf = (
        session()
        .scalars(select(LogLeaf).order_by(LogLeaf.place))
        .all()[data.draw(st.integers(0, 1))]
    )
    kept = leaf.data
    place = data.draw(st.integers(0, len(kept) - 1))
    letter = data.draw(st.characters(codec="ascii", exclude_characters="\0" + kept[place]))
    spoil = LogLeaf.__table__.update().where(LogLeaf.place == leaf.place)
    session().execute(spoil.values(data=kept[:place] + letter + kept[place + 1 :]))
    try:
        verdict = verify(row.code, NOW)
    finally:
        session().execute(spoil.values(data=kept))
    assert (verdict.status, verdict.fault) == (Status.DAMAGED, Fault.LOG)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM certificate_event WHERE kind = 'suspended'",
        "UPDATE certificate_event SET kind = 'reprinted' WHERE kind = 'suspended'",
        "UPDATE certificate_event SET reason = 'x' WHERE kind = 'suspended'",
        "UPDATE certificate_event SET actor_id = 77 WHERE kind = 'issued'",
        "UPDATE log_checkpoint SET size = 1 WHERE size = 2",
    ],
)
def test_a_history_that_was_changed(row, visitor, statement):
    code = row.code
    if "checkpoint" in statement:
        untriggered("DELETE FROM log_checkpoint WHERE size = 1")
    untriggered(statement)
    answer = visitor.get(f"/v/{code}", headers={"Accept": "application/json"}).json
    assert (answer["status"], answer["fault"]) == ("damaged", "log")
    assert "证书经历与登记日志不一致" in visitor.get(f"/v/{code}").text
