"""What a learner can do next, gathered from all rooms and put in order of urgency."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import url_for
from flask_babel import gettext as _

import courses.api as courses_api
import exams.api as exams_api
from lms.core import clock
from lms.core.i18n import chosen_locale

SOON = timedelta(days=14)
NOW, TODAY, OVERDUE, OWED, SOMETIME = range(5)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: ``urgency`` sorts first, then the date; ``label`` names its button."""

    urgency: int
    on: date | None
    icon: str
    kicker: str
    title: str
    text: str
    label: str
    url: str


def steps_for(person_id: int, now: datetime) -> list[Step]:
    """Everything the person can do, the most urgent first; a fixed number of statements."""
    today = clock.local_date(now)
    steps = [
        *_exams(person_id, now),
        *_sessions(person_id, today),
        *_courses(person_id, today),
        *_duty(person_id, today),
    ]
    return sorted(steps, key=lambda step: (step.urgency, step.on or date.max))


def _exams(person_id: int, now: datetime) -> Iterator[Step]:
    for card in exams_api.exams_for(person_id, now):
        day = clock.local_date(card.opens_at)
        minutes = _("%(n)d 分钟", n=card.minutes)
        if card.stage == "running":
            yield Step(
                NOW, day, "clock", _("考试进行中"), card.title,
                _("时间还在走，已答的题都在。"), _("回到考场"),
                url_for("exam_room.page", attempt_id=card.attempt_id),
            )  # fmt: skip
        elif card.stage == "open":
            yield Step(
                TODAY, day, "exam", _("现在可以考试"), card.title,
                f"{card.place} · {minutes}", _("进入考试"),
                url_for("exam_learner.admission", entry_id=card.entry_id),
            )  # fmt: skip
        elif card.stage == "upcoming":
            yield Step(
                OWED if card.opens_at - now < SOON else SOMETIME, day, "ticket", _("准备考试"),
                card.title, f"{card.place} · {minutes}", _("看准考证"),
                url_for("exam_learner.admission", entry_id=card.entry_id),
            )  # fmt: skip


def _sessions(person_id: int, today: date) -> Iterator[Step]:
    for own in courses_api.sessions_for(person_id, today):
        day = clock.local_date(own.session.starts_at)
        if own.outcome is not None:
            continue
        if day <= today and not own.present:
            yield Step(
                TODAY, day, "scan", _("今天集中培训"), own.session.title,
                own.session.venue, _("签到"), url_for("check_in.page"),
            )  # fmt: skip
        else:
            yield Step(
                OWED, day, "calendar", _("集中培训已安排"), own.session.title,
                own.session.venue, _("看安排"), url_for("my_sessions.page"),
            )  # fmt: skip


def _courses(person_id: int, today: date) -> Iterator[Step]:
    english = chosen_locale() == "en"
    for due in courses_api.due_courses(person_id, today):
        title = due.title_en if english and due.title_en else due.title
        if due.next_lesson_code and due.state == "going":
            where = url_for("learning.lesson", course=due.course_code, lesson=due.next_lesson_code)
            label = _("继续学习")
        else:
            where, label = url_for("learning.course", course=due.course_code), _("开始学习")
        if due.overdue:
            kicker = _("已过期限，请尽快学完")
        else:
            kicker = _("要学的课") if due.due_on else _("正在学的课")
        done = _("已学 %(done)d / %(all)d 课", done=due.lessons_done, all=due.lessons)
        urgency = OVERDUE if due.overdue else OWED if due.due_on else SOMETIME
        yield Step(urgency, due.due_on, "book", kicker, title, done, label, where)


def _duty(person_id: int, today: date) -> Iterator[Step]:
    for verdict in courses_api.duties_of(person_id, today.year, today):
        if verdict.state in {"at_risk", "missed"}:
            yield Step(
                OWED, date(today.year, 12, 31), "flag", _("今年的集中培训还没参加"),
                _("%(year)d 年度集中培训", year=verdict.year),
                _("还差 %(hours)s 学时", hours=f"{verdict.missing / 10:g}"), _("选一个班次"),
                url_for("my_sessions.page"),
            )  # fmt: skip
