"""A learner's courses and lessons. Every page works without script."""

import secrets

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from courses.catalogue.queries import LessonLine, lesson_with_checks
from courses.enrolment.operations import Deed, NotYet, enrol, finish_lesson, record
from courses.enrolment.policy import STUDY
from courses.enrolment.queries import CourseCard, board, course_card
from courses.enrolment.tokens import opened_at, opened_token
from courses.enrolment.views.evidence import who
from lms.core import clock
from lms.core.access import acting, requires
from lms.core.errors import NotFound
from lms.core.uow import unit_of_work
from lms.core.web import limiter, wants_json

bp = Blueprint("learning", __name__, url_prefix="/learn")


def _card(code: str) -> CourseCard:
    return course_card(acting().person_id, code, clock.today())


def _line(card: CourseCard, code: str) -> LessonLine:
    line = next((line for line, _state in card.lessons if line.code == code), None)
    if line is None:
        raise NotFound
    return line


def _begun(course: str, lesson: str) -> tuple[CourseCard, LessonLine, int]:
    card = _card(course)
    if card.enrolment_id is None:
        raise NotFound
    return card, _line(card, lesson), card.enrolment_id


@bp.get("")
@requires(STUDY)
def courses() -> ResponseReturnValue:
    """What is due first, then everything else."""
    today = clock.today()
    cards = board(acting().person_id, today)
    return render_template(
        "courses/learn.html",
        today=today,
        owed=[card for card in cards if card.due_on and card.state != "done"],
        others=[card for card in cards if not card.due_on and card.state != "done"],
        done=[card for card in cards if card.state == "done"],
    )


@bp.get("/<course>")
@requires(STUDY)
def course(course: str) -> ResponseReturnValue:
    """The lessons of a course."""
    return render_template("courses/course.html", card=_card(course), today=clock.today())


@bp.post("/<course>/start")
@requires(STUDY)
def start(course: str) -> ResponseReturnValue:
    """Begin a course and go to its first lesson."""
    card = _card(course)
    with unit_of_work():
        enrol(acting().person_id, card.version, clock.now())
    following = card.next_lesson
    if following is None:
        return redirect(url_for(".course", course=course), 303)
    return redirect(url_for(".lesson", course=course, lesson=following.code), 303)


@bp.get("/<course>/done")
@requires(STUDY)
def done(course: str) -> ResponseReturnValue:
    """The course is completed: hours earned, and what comes next."""
    card = _card(course)
    if card.completed_at is None:
        return redirect(url_for(".course", course=course))
    today = clock.today()
    cards = board(acting().person_id, today)
    following = next((c for c in cards if c.state != "done" and (c.due_on or c.enrolment_id)), None)
    return render_template("courses/done.html", card=card, following=following)


@bp.get("/<course>/<lesson>")
@requires(STUDY)
def lesson(course: str, lesson: str) -> ResponseReturnValue:
    """Read a lesson; its questions stand at the end."""
    card = _card(course)
    line = _line(card, lesson)
    if card.enrolment_id is None:
        return redirect(url_for(".course", course=course))
    text, checks = lesson_with_checks(line.id)
    return render_template(
        "courses/lesson.html",
        card=card,
        line=line,
        lesson=text,
        checks=checks,
        state={other.id: state for other, state in card.lessons}[line.id],
        done=card.is_done(line.id),
        opened=opened_token(card.enrolment_id, line.id, clock.now()),
        op_id=secrets.token_hex(12),
        before=_neighbour(card, line, -1),
        after=_neighbour(card, line, 1),
    )


def _neighbour(card: CourseCard, line: LessonLine, step: int) -> LessonLine | None:
    lines = [other for other, _state in card.lessons]
    place = lines.index(line) + step
    return lines[place] if 0 <= place < len(lines) else None


@bp.post("/<course>/<lesson>/check")
@requires(STUDY)
@limiter.limit("60/minute", key_func=who)
def check(course: str, lesson: str) -> ResponseReturnValue:
    """Answer the lesson's questions; wrong ones may be tried again."""
    _card_seen, line, enrolment_id = _begun(course, lesson)
    answers = {str(n): request.form.get(f"q{n}", "") for n in range(1, line.checks + 1)}
    if not any(answers.values()):
        flash(_("请先选答案，再提交。"), "warning")
        return _go(url_for(".lesson", course=course, lesson=lesson, _anchor="check"))
    deeds = [_opened(enrolment_id, line.id), _deed(line.id, "check", answers=answers)]
    with unit_of_work():
        record(enrolment_id, deeds, acting(), clock.now())
    return _go(url_for(".lesson", course=course, lesson=lesson, _anchor="check"))


@bp.post("/<course>/<lesson>/finish")
@requires(STUDY)
@limiter.limit("60/minute", key_func=who)
def finish(course: str, lesson: str) -> ResponseReturnValue:
    """Finish the lesson and go to the next one, or to the course's last page."""
    card, line, enrolment_id = _begun(course, lesson)
    opened = _opened(enrolment_id, line.id)
    try:
        with unit_of_work():
            outcome = finish_lesson(
                enrolment_id, line, opened, _deed(line.id, "finished"), acting(), clock.now()
            )
    except NotYet as refusal:
        if wants_json():
            raise
        flash(str(refusal), "warning")
        return _go(url_for(".lesson", course=course, lesson=lesson, _anchor="check"))
    if outcome.complete and card.completed_at is None:
        return _go(url_for(".done", course=course))
    after = _neighbour(card, line, 1)
    if after is None:
        return _go(url_for(".course", course=course))
    return _go(url_for(".lesson", course=course, lesson=after.code))


def _opened(enrolment_id: int, lesson_id: int) -> Deed:
    """The opening of the page this form stood on."""
    when = opened_at(request.form.get("opened"), enrolment_id, lesson_id)
    op_id = f"opened-{lesson_id}-{int(when.timestamp())}" if when else secrets.token_hex(12)
    return Deed(op_id, lesson_id, "opened", {"opened": when})


def _deed(lesson_id: int, kind: str, **value: object) -> Deed:
    op_id = request.form.get("op", "")
    op_id = op_id if 8 <= len(op_id) <= 30 else secrets.token_hex(12)
    return Deed(f"{kind[:5]}-{op_id}", lesson_id, kind, dict(value))


def _go(url: str) -> ResponseReturnValue:
    """Follow the form: a redirect for browsers, the address for the page's own script."""
    return jsonify(next=url) if wants_json() else redirect(url, 303)
