"""A skills event with a panel of three at every station, and sheets judged in one call."""

import secrets

from exams.marking.stations import judging, setting
from exams.marking.stations.library import load_starter_checklists, templates_for
from lms.core import clock
from lms.core.access import SYSTEM, Role
from lms.core.uow import unit_of_work
from tests.factories.exams import enter_person, examiner, skills_event
from tests.factories.marking import staff

MARKER = (Role.MARKER,)


class Hall:
    """A skills event with a panel of three at every station, and 王桂兰."""

    def __init__(self, cast, people=3):
        self.now = clock.now()
        load_starter_checklists(SYSTEM, self.now)
        self.judges = [staff(cast, 320 + n, f"考评{n}", *MARKER) for n in range(people)]
        self.event = skills_event(cast, self.now)
        self.entry = enter_person(self.event, cast.wang, cast, self.now)
        chosen = [t.id for t in templates_for("skills", 2)]
        self.stations = setting.set_stations(self.event, chosen, examiner(cast), self.now)
        ids = [judge.person_id for judge in self.judges]
        for station in self.stations:
            setting.assign(self.event, station, ids, examiner(cast), self.now)

    def sheet(self, station, judge):
        with unit_of_work():
            return judging.open_sheet(station, self.entry, judge, clock.now())

    def judge(self, station, judge, *taps):
        sheet = self.sheet(station, judge)
        with unit_of_work():
            judging.tap(sheet, [(secrets.token_hex(8), t) for t in taps], judge, clock.now())
            return sheet, judging.sign(sheet, "", judge, clock.now())
