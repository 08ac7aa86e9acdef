"""Answers that people mark: blind, by question, by two where the event says so."""

import threading

import pytest
from sqlalchemy import func, select

from exams.marking import claiming, giving
from exams.marking.claiming import Asked, claim_next
from exams.marking.concluding import conclude
from exams.marking.errors import ClaimLost, NoSuchMark
from exams.marking.models import Claim, Mark, Opinion, Recusal, Script
from exams.results.models import Result
from exams.sittings.models import Attempt
from lms.core import clock
from lms.core.access import SYSTEM, Role
from lms.core.db import session
from lms.core.errors import NotFound
from lms.core.uow import unit_of_work
from lms.people.api import employ, person_cards
from tests.cast import START, THEN
from tests.factories.exams import examiner, learner
from tests.factories.marking import a_desk, desk, sit, staff
from tests.forms import post

MARKER = (Role.MARKER,)


@pytest.fixture
def made(app, cast):
    with unit_of_work():
        return a_desk(cast)


def take(made, actor, third=False):
    asked = Asked(made.event.id, made.essay)
    with unit_of_work():
        return claim_next(asked, actor, clock.now(), third=third)


def give(script, actor, *tenths):
    with unit_of_work():
        giving.give(script.ref, tenths, "", actor, clock.now())


def results():
    return session().scalar(select(func.count()).select_from(Result))


def test_an_essay_waits_for_a_person_and_her_word_concludes_the_sitting(made, cast):
    attempt = made.attempts[0]
    assert attempt.state == "handed_in"
    assert results() == 0
    seen = set()
    while script := take(made, examiner(cast)):
        seen.add(script.attempt_id)
        give(script, examiner(cast), 60, 45)
    assert seen == {a.id for a in made.attempts}
    assert results() == 3
    result = session().scalars(select(Result).where(Result.attempt_id == attempt.id)).one()
    assert (result.tenths, result.passed) == (905, True)
    assert session().get_one(Attempt, attempt.id, populate_existing=True).state == "concluded"
    with unit_of_work():
        assert conclude(attempt, SYSTEM, clock.now()) is None
    assert results() == 3


def test_a_blank_answer_is_worth_nothing_without_a_person(app, cast):
    with unit_of_work():
        made = desk(cast, clock.now())
        attempt = sit(made, cast.wang, clock.now(), text="  ")
        assert attempt.state == "concluded"
    assert session().scalars(select(Result.tenths)).one() == 800
    assert session().scalar(select(func.count()).select_from(Script)) == 0


def test_concluding_again_while_people_mark_adds_nothing(made):
    marks, scripts = (
        select(func.count()).select_from(Mark),
        select(func.count()).select_from(Script),
    )
    before = session().scalar(marks), session().scalar(scripts)
    with unit_of_work():
        assert conclude(made.attempts[0], SYSTEM, clock.now()) is None
    assert (session().scalar(marks), session().scalar(scripts)) == before == (3, 3)


@pytest.mark.parametrize("tenths", [(-5, 0), (125, 0), (60, 42), (60,), (60, 45, 0)])
def test_a_mark_out_of_range_or_step_is_refused(made, cast, tenths):
    script = take(made, examiner(cast))
    with pytest.raises(NoSuchMark):
        give(script, examiner(cast), *tenths)
    assert session().scalar(select(func.count()).select_from(Opinion)) == 0


def test_the_queue_is_random_but_stable_and_resumes(made, cast):
    first = take(made, examiner(cast))
    assert take(made, examiner(cast)).ref == first.ref
    refs = session().scalars(select(Script.ref).order_by(Script.ref)).all()
    assert first.ref == refs[0]


def test_two_markers_never_hold_the_same_answer(made, cast):
    with unit_of_work():
        second = staff(cast, 300, "马评卷", *MARKER)
    one, two = take(made, examiner(cast)), take(made, second)
    assert one.id != two.id
    with pytest.raises(ClaimLost):
        give(one, second, 60, 40)


def test_a_claim_that_ran_out_goes_to_the_next_and_the_late_word_is_refused(made, cast, app):
    with unit_of_work():
        second = staff(cast, 300, "马评卷", *MARKER)
    mine = take(made, examiner(cast))
    with unit_of_work():
        session().query(Claim).update({"until": THEN})
    assert take(made, second).id == mine.id
    with pytest.raises(ClaimLost):
        give(mine, examiner(cast), 60, 40)


def test_two_markers_who_agree_make_the_mean_and_none_sees_the_other(app, cast):
    with unit_of_work():
        made = a_desk(cast, people=1, markers=2)
        second = staff(cast, 300, "马评卷", *MARKER)
    one, two = take(made, examiner(cast)), take(made, second)
    assert one.id == two.id
    give(one, examiner(cast), 100, 60)
    assert results() == 0
    assert take(made, examiner(cast)) is None, "nobody marks an answer twice"
    give(two, second, 100, 65)
    assert session().scalars(select(Result.tenths)).one() == 800 + 163
    assert session().scalar(select(func.count()).select_from(Opinion)) == 2


def test_two_who_lie_too_far_apart_bring_a_third_whose_word_counts(app, cast):
    with unit_of_work():
        made = a_desk(cast, people=1, markers=2)
        second, third = (staff(cast, n, f"评卷{n}", *MARKER) for n in (300, 301))
    give(take(made, examiner(cast)), examiner(cast), 100, 60)
    give(take(made, second), second, 50, 20)
    assert results() == 0
    for first in (examiner(cast), second):
        assert take(made, first, third=True) is None
    script = take(made, third, third=True)
    give(script, third, 80, 40)
    assert session().scalars(select(Result.tenths)).one() == 800 + 120
    assert session().scalars(select(Mark.stamp).where(Mark.key.like("person:%"))).one() == (
        "exams.marking@1"
    )


def test_the_event_may_set_its_own_limit(app, cast):
    with unit_of_work():
        made = a_desk(cast, people=1, markers=2, spread_tenths=500)
        second = staff(cast, 300, "马评卷", *MARKER)
    give(take(made, examiner(cast)), examiner(cast), 100, 60)
    give(take(made, second), second, 50, 20)
    assert session().scalars(select(Result.tenths)).one() == 800 + 115


def test_nobody_marks_herself_or_a_colleague_or_a_pupil(app, cast, monkeypatch):
    with unit_of_work():
        made = desk(cast, clock.now())
        sit(made, cast.zhou, clock.now())
        sit(made, cast.wang, clock.now())
        colleague = staff(cast, 300, "马评卷", *MARKER)
        employ(colleague.person_id, cast.kangning, "nurse", START, SYSTEM, THEN)
    assert take(made, examiner(cast)).attempt_id == made.attempts[1].id
    assert take(made, colleague).attempt_id == made.attempts[0].id
    monkeypatch.setattr(
        "exams.marking.conflicts.taught_by", lambda _p: {cast.wang: frozenset({cast.zhou})}
    )
    with unit_of_work():
        session().query(Claim).delete()
    assert take(made, examiner(cast)) is None


def test_who_knows_the_writer_gives_the_answer_back_for_good(made, cast):
    for _n in range(3):
        script = take(made, examiner(cast))
        with unit_of_work():
            claiming.decline(script.ref, "relative", "", examiner(cast), clock.now())
    assert take(made, examiner(cast)) is None
    assert set(session().scalars(select(Recusal.reason))) == {"relative"}
    assert session().scalar(select(func.count()).select_from(Recusal)) == 3


def test_a_marker_of_another_house_has_no_queue(made, cast):
    with pytest.raises(Exception) as refusal:
        take(made, learner(cast.zhao))
    assert refusal.type.__name__ in ("Forbidden", NotFound.__name__)


def test_markers_racing_for_three_answers_get_each_one_once(site, cast):
    with site.app.app_context(), unit_of_work():
        made = a_desk(cast)
        asked = Asked(made.event.id, made.essay)
        people = [staff(cast, 300 + n, f"评卷{n}", *MARKER) for n in range(5)]
    gate, got = threading.Barrier(5), []

    def race(actor):
        with site.app.app_context():
            gate.wait()
            with unit_of_work():
                script = claim_next(asked, actor, clock.now())
                got.append(script and script.id)
            session().close()

    threads = [threading.Thread(target=race, args=(actor,)) for actor in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    held = [one for one in got if one]
    assert len(got) == 5
    assert len(held) == len(set(held))
    with site.app.app_context():
        assert session().scalar(select(func.count()).select_from(Claim)) == len(held)


def test_no_byte_of_a_markers_pages_names_a_candidate(site, cast, sign_in):
    with site.app.app_context():
        with unit_of_work():
            made = a_desk(cast, markers=2)
            second = staff(cast, 300, "马评卷", *MARKER)
            third = staff(cast, 301, "牛评卷", *MARKER)
        entries = [attempt.entry for attempt in made.attempts]
        cards = person_cards([entry.person_id for entry in entries])
        secrets = [card.name for card in cards.values()] + [entry.ticket for entry in entries]
        secrets += [card.id_masked for card in cards.values()] + ["周文静", "马评卷"]
        place = f"/marking/{made.event.id}/{made.essay}/0"
    sent = 0
    for person_id, values, extra in (
        (cast.zhou, ("12", "8"), {}),
        (second.person_id, ("3", "2"), {}),
        (third.person_id, ("8", "4"), {"third": "1"}),
    ):
        client = sign_in(person_id)
        hidden = [s for s in secrets if not (person_id == cast.zhou and s == "周文静")]
        hidden = [s for s in hidden if not (person_id == second.person_id and s == "马评卷")]
        clean(client.get("/marking"), hidden)
        clean(client.get(place), hidden)
        answer = post(client, place + "/next", extra)
        while "/marking/answers/" in answer.location:
            clean(answer, hidden)
            page = client.get(answer.location)
            assert "份作答" in page.text
            clean(page, hidden)
            form = {"point_0": values[0], "point_1": values[1], "comment": ""}
            answer = post(client, answer.location, form, page=answer.location)
            sent += 1
    assert sent == 9
    with site.app.app_context():
        assert results() == 3


def clean(answer, secrets):
    assert answer.status_code in (200, 303)
    seen = answer.data + str(answer.headers).encode()
    assert [secret for secret in secrets if secret.encode() in seen] == []
    assert not any(f"attempt{c}" in answer.text for c in "_=-/")


def test_what_was_typed_wrong_comes_back_with_the_reason(site, cast, sign_in):
    with site.app.app_context(), unit_of_work():
        made = a_desk(cast, people=1)
        place = f"/marking/{made.event.id}/{made.essay}/0"
    client = sign_in(cast.zhou)
    page = post(client, place + "/next").location
    answer = post(client, page, {"point_0": "3.3", "point_1": "2"}, page=page)
    assert answer.status_code == 200
    assert "最小单位 0.5 分" in answer.text
    answer = post(client, page + "/decline", {"reason": "recognised", "note": ""}, page=page)
    assert answer.status_code == 303
    assert client.get(page).status_code == 404


def test_who_only_marks_reads_nobodys_name_on_the_events_page(site, cast, sign_in):
    with site.app.app_context(), unit_of_work():
        marker = staff(cast, 330, "评卷员", *MARKER).person_id
        event = a_desk(cast).event.id
    client = sign_in(marker)
    page = client.get(f"/events/{event}")
    assert (page.status_code, "评卷" in page.text) == (200, True)
    assert "考生0号" not in page.text
    assert 'id="candidates"' not in page.text
    for path in (f"/events/{event}/progress", f"/events/{event}/results.csv"):
        assert client.get(path).status_code == 404, path
    assert "考生0号" in sign_in(cast.zhou).get(f"/events/{event}/progress").text
