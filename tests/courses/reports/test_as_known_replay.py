"""Who was missing on 31 December, as known on 5 January, says the same for ever: the command, the
lists and reports of the site, before and after a thousand later corrections of every kind."""

import copy
from datetime import date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from courses.classroom.models import SessionOutcome
from courses.cli import flags as flags_command
from courses.compliance import facts, loading, report
from courses.compliance.loading import Question
from courses.reports import figures, queries
from lms.core import rules
from lms.core.access import SYSTEM
from lms.core.clock import SHANGHAI
from lms.core.db import session
from lms.core.uow import unit_of_work
from lms.people import queries as people_queries
from lms.people.api import NewPerson, employ, register_person
from tests.cast import THEN, citizen_id
from tests.factories.central import NINE, book, close, come, open_session
from tests.factories.certificates import issue_now, skill_request
from tests.factories.corrections import Corrector

KNOWN = datetime(2027, 1, 5, tzinfo=SHANGHAI)
LATER = datetime(2027, 2, 1, 9, tzinfo=SHANGHAI)
CORRECTIONS, SEED = 1000, 20270105


def build(cast):
    """Caregivers of two counties in every state, some with a certificate."""
    people = []
    with unit_of_work():
        for serial in range(200, 224):
            home = cast.kangning if serial % 2 else cast.gucheng
            person = register_person(NewPerson(f"护理{serial}", citizen_id(serial)), SYSTEM, THEN)
            started = date(2026, 11, 1) if serial == 223 else date(2025, 2, 1)
            employ(person.id, home, "caregiver", started, SYSTEM, THEN)
            people.append(person.id)
    for person_id in people[::3]:
        issue_now(skill_request(person_id, cast.base))
    row = open_session(cast, start=NINE, region="14")
    book(row, people[:9], cast, NINE - timedelta(days=3))
    for person_id in people[:7]:
        come(row, person_id, cast, row.starts_at)
    close(row, cast)
    return people, row


def count_again(row, person_id):
    """Somebody whom the teacher forgot on the day is counted after all, with hours enough."""
    with unit_of_work():
        query = select(SessionOutcome).where(
            SessionOutcome.session_id == row.id, SessionOutcome.person_id == person_id
        )
        last = max(session().scalars(query), key=lambda outcome: outcome.round)
        session().add(
            SessionOutcome(
                session_id=row.id, person_id=person_id, round=last.round + 1, year=2026,
                held_on=last.held_on, minutes=360, tenths=200, attended=True, rule=last.rule,
                recorded_at=LATER, recorded_by=0,
            )
        )  # fmt: skip


class Asked:
    """Asks the same questions of the command and of the site."""

    def __init__(self, site, cast, sign_in) -> None:
        self.site, self.cast, self.sign_in = site, cast, sign_in

    def all(self) -> dict[str, bytes]:
        client = self.sign_in(self.cast.province)
        past = "year=2026&on=2026-12-31&known=2027-01-05T00:00"
        home = f"homes/{self.cast.kangning}"
        documents = [
            f"/reports/central/{place}/{name}"
            for place in ("14", "140105", "140728")
            for name in ("flags.csv", "flags.json", "report.pdf", "report.xlsx")
        ]
        documents += [f"/reports/central/{home}/report.{kind}" for kind in ("pdf", "xlsx")]
        found = {path: self._get(client, f"{path}?{past}") for path in documents}
        for form in ("csv", "json"):
            found[f"lms flags, {form}"] = self._command("--format", form)
            found[f"lms flags --all, {form}"] = self._command("--format", form, "--all")
        return found

    def _get(self, client, path: str) -> bytes:
        with client.get(path) as answer:
            assert answer.status_code == 200, path
            return answer.data

    def _command(self, *more: str) -> bytes:
        asked = ("--year", "2026", "--on", "2026-12-31", "--as-known", KNOWN.isoformat())
        result = self.site.app.test_cli_runner().invoke(flags_command, (*asked, *more))
        assert result.exit_code == 0, result.output
        return result.output.encode()


def forget_when_facts_were_learnt(monkeypatch):
    monkeypatch.setattr(Question, "_known", lambda _self, query, _column: query)
    monkeypatch.setattr(facts, "known", lambda found, _moment: list(found))


def forget_when_stays_were_learnt(monkeypatch):
    today = people_queries.known_at(None)
    monkeypatch.setattr(people_queries, "known_at", lambda _moment: today)


def forget_when_rules_were_made(monkeypatch):
    monkeypatch.setattr(loading, "rule_on", lambda code, on, _known=None: rules.rule_on(code, on))


def forget_when_certificates_were_issued(monkeypatch):
    real = figures.rungs_held
    monkeypatch.setattr(figures, "rungs_held", lambda ids, on, _known=None: real(ids, on))


def forget_that_hours_suffice_only_as_known(monkeypatch):
    real = Question.surely_done

    def today(question, ids):
        changed = copy.copy(question)
        object.__setattr__(changed, "as_known_at", None)
        return real(changed, ids)

    monkeypatch.setattr(Question, "surely_done", today)


def print_the_names_of_today(monkeypatch):
    monkeypatch.setattr(queries, "_name", lambda card, _past: f"{card.name}{card.address}")


DEFECTS = (
    forget_when_facts_were_learnt, forget_when_stays_were_learnt, forget_when_rules_were_made,
    forget_when_certificates_were_issued, forget_that_hours_suffice_only_as_known,
    print_the_names_of_today,
)  # fmt: skip


def test_a_thousand_later_corrections_change_no_byte_of_what_was_known(
    site, do, cast, sign_in, monkeypatch
):
    asked = Asked(site, cast, sign_in)
    with time_machine.travel(NINE, tick=False):
        people, row = do(build, cast)
    with time_machine.travel(LATER, tick=False):
        before = asked.all()
        assert before["lms flags, csv"] == before["/reports/central/14/flags.csv"]
        assert before["lms flags, json"] == before["/reports/central/14/flags.json"]
        assert before["lms flags, csv"].count(b",missed,") > 5
        corrector = Corrector(cast, people, SEED)
    with time_machine.travel(LATER + timedelta(days=1), tick=False):
        do(corrector.apply, CORRECTIONS, LATER + timedelta(days=1))
        do(count_again, row, people[8])
    assert corrector.applied.total() == CORRECTIONS
    assert len(corrector.applied) >= 15
    with time_machine.travel(LATER + timedelta(days=90), tick=False):
        after = asked.all()
        assert [name for name in before if before[name] != after[name]] == []
        for plant in DEFECTS:
            with monkeypatch.context() as planted:
                plant(planted)
                wrong = asked.all()
            assert [name for name in before if before[name] != wrong[name]], plant.__name__


@pytest.mark.parametrize("states", [("missed",), ("missed", "at_risk"), ("exempt", "scheduled")])
def test_who_surely_did_it_is_left_out_only_where_that_changes_nothing(
    do, cast, monkeypatch, states
):
    def both():
        asked = report.Asked(2026, date(2026, 12, 31), LATER, "14", states)
        quick = list(report.lines(asked))
        with monkeypatch.context() as slow:
            slow.setattr(Question, "surely_done", lambda _self, _ids: set())
            return quick, list(report.lines(asked))

    with time_machine.travel(NINE, tick=False):
        people, _row = do(build, cast)
    with time_machine.travel(LATER, tick=False):
        do(Corrector(cast, people, 7).apply, 120, LATER - timedelta(days=1))
        quick, slow = do(both)
    assert quick == slow
