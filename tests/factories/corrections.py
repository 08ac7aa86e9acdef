"""What people correct long after a report was read: a seeded stream of real operations."""

import random
from collections import Counter
from datetime import date, datetime, timedelta

from sqlalchemy import select

from certificates import operations as certificates
from certificates.models import Certificate
from courses import central
from courses.appeals import operations as appeals
from courses.appeals.models import DutyAppeal
from courses.classroom.models import CentralSession, SeatStep
from courses.compliance.models import Exemption
from courses.compliance.operations import ExemptionRequest
from courses.compliance.verdicts import RULE
from courses.credits import operations as credits
from courses.credits.models import CreditEntry
from lms.core.access import SYSTEM, Actor, Grant, Role
from lms.core.db import session
from lms.core.errors import DomainError
from lms.core.rules import add_version, rule_on
from lms.core.uow import unit_of_work
from lms.people.api import NewPerson, employ, register_person, restate_spell
from lms.people.models import EmploymentSpell
from lms.people.staff.operations import correct_person, keep_organisation
from tests.cast import citizen_id
from tests.factories.central import book, close, hr, learner, open_session, teacher
from tests.factories.certificates import issue_now, skill_request

REASON = "核对原始记录后更正"


class Corrector:
    """Applies corrections to ``people``; ``applied`` counts each kind that went through."""

    def __init__(self, cast, people: list[int], seed: int) -> None:
        self.cast, self.people = cast, list(people)
        self.rng = random.Random(seed)
        self.applied: Counter[str] = Counter()
        self.serial = 500
        self.officer = Actor(cast.province, 0, "officer", (Grant(Role.OFFICER, region="14"),))
        self.other = Actor(cast.city, 0, "other", (Grant(Role.OFFICER, region="14"),))

    def apply(self, number: int, now: datetime) -> None:
        """Apply so many; a correction that the product refuses is drawn again."""
        kinds = [name for name in dir(self) if name.startswith("do_")]
        while self.applied.total() < number:
            kind = self.rng.choice(kinds)
            # Costly ones that change everybody's verdict at once are rarer.
            if kind in {"do_rule", "do_session"} and self.rng.random() < 0.8:
                continue
            now += timedelta(minutes=1)
            try:
                if getattr(self, kind)(now) is not False:
                    self.applied[kind] += 1
            except DomainError:
                session().rollback()

    def _person(self) -> int:
        return self.rng.choice(self.people)

    def _one(self, query):
        found = sorted(session().scalars(query), key=lambda row: getattr(row, "id", row))
        return self.rng.choice(found) if found else None

    def _spell(self) -> EmploymentSpell | None:
        return self._one(
            select(EmploymentSpell).where(
                EmploymentSpell.person_id == self._person(),
                EmploymentSpell.superseded_at.is_(None),
            )
        )

    def do_reverse_hours(self, now):
        entry = self._one(select(CreditEntry).where(CreditEntry.person_id == self._person()))
        if entry is None:
            return False
        with unit_of_work():
            credits.reverse(entry.id, REASON, SYSTEM, now)
        return True

    def do_attendance(self, now):
        row = self._one(select(CentralSession).where(CentralSession.closed_at.is_not(None)))
        seat = self._one(select(SeatStep.person_id).where(SeatStep.session_id == row.id))
        kind = self.rng.choice(("in", "out"))
        at = row.starts_at + timedelta(minutes=self.rng.randrange(0, 300))
        with unit_of_work():
            central.correct(row.id, seat, kind, at, REASON, teacher(self.cast), now)

    def do_end(self, now):
        spell = self._spell()
        if spell is None:
            return False
        ended = date(2026, self.rng.randrange(1, 13), self.rng.randrange(1, 28))
        with unit_of_work():
            restate_spell(spell, SYSTEM, now, ended_on=max(ended, spell.started_on))
        return True

    def do_post(self, now):
        spell = self._spell()
        if spell is None:
            return False
        with unit_of_work():
            restate_spell(spell, SYSTEM, now, post=self.rng.choice(("cook", "director", "nurse")))
        return True

    def do_start(self, now):
        spell = self._spell()
        if spell is None:
            return False
        with unit_of_work():
            restate_spell(spell, SYSTEM, now, started_on=date(2026, 10, self.rng.randrange(1, 30)))
        return True

    def do_move_or_rehire(self, now):
        home = self.rng.choice((self.cast.kangning, self.cast.gucheng))
        started = date(2026, self.rng.randrange(1, 13), 5)
        with unit_of_work():
            employ(self._person(), home, "caregiver", started, SYSTEM, now)

    def do_merge(self, now):
        """A duplicate turns up: her stay is restated, the same work is put on the other."""
        spell = self._spell()
        if spell is None:
            return False
        self.serial += 1
        with unit_of_work():
            twin = register_person(
                NewPerson(f"重复{self.serial}", citizen_id(self.serial)), SYSTEM, now
            )
            employ(twin.id, spell.organisation_id, spell.post, spell.started_on, SYSTEM, now)
            restate_spell(spell, SYSTEM, now, ended_on=spell.started_on)
        return True

    def do_ask_exemption(self, now):
        asked = ExemptionRequest(
            self._person(), self.cast.kangning, 2026, "elsewhere", "省厅培训证明"
        )
        with unit_of_work():
            central.propose_exemption(asked, hr(self.cast), now)

    def do_decide_exemption(self, now):
        row = self._one(select(Exemption))
        if row is None:
            return False
        step = self.rng.choice(("approved", "approved", "refused", "revoked"))
        with unit_of_work():
            central.decide_exemption(row.id, step, REASON, self.officer, now)
        return True

    def do_rule(self, now):
        value = rule_on(RULE, date(2026, 12, 31)).value
        changed = value | {"posts": value["posts"] | {"caregiver": self.rng.choice((40, 80, 120))}}
        with unit_of_work():
            add_version(self.officer, RULE, changed, date(2026, 1, 1), REASON)

    def do_appeal(self, now):
        with unit_of_work():
            appeals.appeal(2026, "我参加了培训", learner(self._person()), now)

    def do_answer(self, now):
        row = self._one(select(DutyAppeal))
        if row is None:
            return False
        with unit_of_work():
            appeals.answer(row.id, "accepted", REASON, self.officer, now)
        return True

    def do_certificate(self, now):
        asked = skill_request(self._person(), self.cast.base, rung=self.rng.randrange(2, 6))
        issue_now(asked, now=now)

    def do_revoke(self, now):
        row = self._one(select(Certificate).where(Certificate.person_id == self._person()))
        if row is None:
            return False
        step = self.rng.choice((certificates.revoke, certificates.suspend, certificates.reinstate))
        with unit_of_work():
            step(row.id, REASON, SYSTEM, now)
        return True

    def do_rename(self, now):
        self.serial += 1
        with unit_of_work():
            correct_person(self._person(), f"王{chr(0x4E00 + self.serial)}", "", SYSTEM, now)

    def do_home(self, now):
        with unit_of_work():
            home = self.rng.choice((self.cast.kangning, self.cast.gucheng))
            keep_organisation(home, self.rng.randrange(20, 90), 10, "新址", SYSTEM)

    def do_session(self, now):
        """A make-up session that counts for the year before."""
        row = open_session(
            self.cast, start=now + timedelta(days=1), year=2026, now=now, region="14"
        )
        some = self.rng.sample(self.people, 3)
        book(row, some, self.cast, now)
        for person_id in some:
            with unit_of_work():
                at = row.starts_at
                central.correct(row.id, person_id, "in", at, "", teacher(self.cast), at)
        close(row, self.cast)
