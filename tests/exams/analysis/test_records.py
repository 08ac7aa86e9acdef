"""What the bank and the papers are told of a question: pooled over events, from frozen figures."""

from math import atanh, tanh

import pytest
from sqlalchemy import insert

from exams.analysis import rules
from exams.analysis.models import AnalysisRun, ItemStatistic
from exams.analysis.records import bank_records, item_records
from lms.core.db import AppendOnlyError, session
from lms.core.uow import unit_of_work
from tests.exams.analysis.test_pages import make_event
from tests.factories.bank import NOW, make_bank, make_question
from tests.statements import count_statements

SUMS = {"n": 40, "x": 200, "xx": 2000, "t": 20000, "tt": 11_000_000, "xt": 110_000, "w": 400}


def keep(event_id: int, version_id: int, **changes: int) -> None:
    with unit_of_work():
        run = AnalysisRun(
            event_id=event_id, made_at=NOW, made_by=0, mark_id=1, sittings=40, figures={}
        )
        session().add(run)
        session().flush()
        row = {"run_id": run.id, "question_version_id": version_id, "part": 0, "figures": {}}
        session().execute(insert(ItemStatistic), [row | SUMS | changes])


@pytest.fixture
def bank(app, cast):
    return make_bank(cast.base, "ours")


def test_only_the_newest_analysis_of_an_event_counts_and_events_are_pooled(bank, cast):
    version = make_question(bank).id
    first, second = make_event(cast, bank.id), make_event(cast, bank.id)
    keep(first, version, x=400)
    keep(first, version)
    keep(second, version, n=60, w=600, x=540)
    found = item_records([version])[version]
    assert (found.n, found.events) == (100, 2)
    assert found.facility == rules.wilson(740 / 1000, 100)
    assert found.is_enough


def test_a_case_counts_its_candidates_once(bank, cast):
    version, event = make_question(bank).id, make_event(cast, bank.id)
    keep(event, version, part=1)
    with unit_of_work():
        run = session().query(AnalysisRun).one().id
        row = {"run_id": run, "question_version_id": version, "part": 2, "figures": {}}
        session().execute(insert(ItemStatistic), [row | SUMS | {"x": 400}])
    found = item_records([version])[version]
    assert (found.n, found.facility.value) == (40, 0.75)


def test_one_statement_for_one_version_or_a_whole_bank(bank, cast):
    versions = [make_question(bank, code=f"Q-{n}").id for n in range(5)]
    event = make_event(cast, bank.id)
    for version in versions[:1]:
        keep(event, version)
    with count_statements() as seen:
        assert item_records(versions).keys() == {versions[0]}
        assert bank_records(bank.id).keys() == {versions[0]}
        assert item_records([]) == {}
    assert sum(statement.startswith("SELECT") for statement in seen) == 2


def test_correlations_are_pooled_by_fishers_z():
    links = [(rules.fisher(0.2, 33), 33), (rules.fisher(0.6, 63), 63)]
    found = rules.pooled_correlation(links)
    assert found is not None
    assert found.value == pytest.approx(tanh((30 * atanh(0.2) + 60 * atanh(0.6)) / 90))
    assert rules.pooled_correlation([]) is None
    assert rules.pooled_correlation([(rules.Interval(1.0, 1.0, 1.0), 40)]).value == 1.0


def test_an_analysis_is_never_changed(bank, cast):
    keep(make_event(cast, bank.id), make_question(bank).id)
    run = session().query(AnalysisRun).one()
    run.sittings = 1
    with pytest.raises(AppendOnlyError):
        session().flush()
    session().rollback()
