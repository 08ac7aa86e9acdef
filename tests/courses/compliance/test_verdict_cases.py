"""The yearly duty, case by case, as an officer would tell them. The year is 2026; caregivers owe
8 class hours, directors 12; whoever starts after 1 October is exempt; reminders begin 1 July."""

import pytest

from courses.compliance.rules import verdict
from tests.factories.duty import (
    GUCHENG,
    KANGNING,
    XINGHUA,
    absent,
    asked,
    at,
    attended,
    day,
    facts_of,
    job,
    seat,
    terms,
)

NOV = "11-23"
END = "12-31"
NEXT_YEAR = "2027-01-10"
#: case → (facts, asked on, state, main reason)
CASES = {
    # attendance
    "nobody trained her by November": ([job()], NOV, "at_risk", "none_yet"),
    "nobody trained her by the end of the year": ([job()], END, "missed", "none_yet"),
    "asked the next January she has still missed it": ([job()], NEXT_YEAR, "missed", "none_yet"),
    "in March there is still time": ([job()], "03-01", "not_due", "year_open"),
    "on 30 June there is still time": ([job()], "06-30", "not_due", "year_open"),
    "on 1 July the reminder begins": ([job()], "07-01", "at_risk", "none_yet"),
    "on 30 December it is not missed yet": ([job()], "12-30", "at_risk", "none_yet"),
    "one full session is enough": ([job(), attended()], NOV, "done", "enough"),
    "two half sessions are enough": (
        [job(), attended("03-02", 40), attended("09-02", 40)], NOV, "done", "enough"),
    "half the hours are not enough": ([job(), attended("03-02", 40)], NOV, "at_risk", "partial"),
    "one tenth short is not enough": ([job(), attended("03-02", 79)], END, "missed", "partial"),
    "one tenth more than needed is enough": ([job(), attended("03-02", 81)], END, "done", "enough"),
    "more than needed stays done": (
        [job(), attended("03-02"), attended("04-02")], END, "done", "enough"),
    "too much absence earns nothing": ([job(), absent()], NOV, "at_risk", "none_yet"),
    "absent once, attended the next time": (
        [job(), absent("03-02"), attended("09-02")], NOV, "done", "enough"),
    "last year's session does not count for this year": (
        [job(), attended("2025-12-20", year=2025)], NOV, "at_risk", "none_yet"),
    "a session of next year does not count for this year": (
        [job(), attended("2027-01-08", year=2027)], NEXT_YEAR, "missed", "none_yet"),
    "a make-up held in January for this year counts": (
        [job(), attended("2027-01-08")], NEXT_YEAR, "done", "enough"),
    "on New Year's Eve the January make-up had not been held": (
        [job(), attended("2027-01-08")], END, "missed", "none_yet"),
    "a session on the last day counts": ([job(), attended("12-31")], END, "done", "enough"),
    "a session after the day asked about does not count yet": (
        [job(), attended("12-01")], NOV, "at_risk", "none_yet"),
    "attendance corrected to absent": (
        [job(), attended("05-20", session=5), absent("05-20", session=5, number=2)],
        NOV, "at_risk", "none_yet"),
    "attendance corrected to present": (
        [job(), absent("05-20", session=5), attended("05-20", session=5, number=2)],
        NOV, "done", "enough"),
    "corrected twice, the last one stands": (
        [job(), attended("05-20", session=5), absent("05-20", session=5, number=2),
         attended("05-20", session=5, number=3)], NOV, "done", "enough"),
    "a correction read before the original still stands": (
        [job(), absent("05-20", session=5, number=2), attended("05-20", session=5)],
        NOV, "at_risk", "none_yet"),
    # seats
    "a booked seat means it is arranged": ([job(), seat("12-10")], NOV, "scheduled", "seat"),
    "a seat on the day itself": ([job(), seat(NOV)], NOV, "scheduled", "seat"),
    "the session was yesterday and is being counted": (
        [job(), seat("11-22")], NOV, "scheduled", "being_counted"),
    "two weeks after the session it is still being counted": (
        [job(), seat("11-09")], NOV, "scheduled", "being_counted"),
    "fifteen days after an uncounted session she is flagged again": (
        [job(), seat("11-08")], NOV, "at_risk", "none_yet"),
    "a place on the waiting list is not a seat": (
        [job(), seat(status="waiting")], NOV, "at_risk", "none_yet"),
    "an invitation is not a seat": ([job(), seat(status="invited")], NOV, "at_risk", "none_yet"),
    "a seat given back": ([job(), seat(status="cancelled")], NOV, "at_risk", "none_yet"),
    "the session was cancelled": ([job(), seat(state="cancelled")], NOV, "at_risk", "none_yet"),
    "the session was closed without her": ([job(), seat(state="closed")], NOV, "at_risk",
        "none_yet"),
    "a seat in a session too short": ([job(), seat(tenths=40)], NOV, "at_risk", "none_yet"),
    "half done and a seat for the other half": (
        [job(), attended("03-02", 40), seat(tenths=40)], NOV, "scheduled", "seat"),
    "two seats of half a day together": (
        [job(), seat("12-01", tenths=40), seat("12-08", tenths=40)], NOV, "scheduled", "seat"),
    "an arranged seat does not save her after the year": (
        [job(), seat("12-31")], END, "missed", "none_yet"),
    "a seat in spring says arranged, not merely time left": (
        [job(), seat("05-20", known="02-01")], "03-01", "scheduled", "seat"),
    "done wins over a further seat": ([job(), attended(), seat()], NOV, "done", "enough"),
    # joining and leaving
    "she started on 1 October and owes it": ([job("10-01")], NOV, "at_risk", "none_yet"),
    "she started on 2 October and is exempt": ([job("10-02")], NOV, "exempt", "late_joiner"),
    "a late joiner stays exempt after the year": ([job("11-15")], NEXT_YEAR, "exempt",
        "late_joiner"),
    "a late joiner who attended is done": ([job("10-15"), attended("11-01")], NOV, "done",
        "enough"),
    "she starts tomorrow": ([job("11-24")], NOV, "not_due", "not_employed"),
    "she left in spring": ([job(end="04-30")], NOV, "not_due", "left"),
    "she left on 30 December": ([job(end="12-30")], END, "not_due", "left"),
    "she left on the last day of the year": ([job(end="12-31")], END, "missed", "none_yet"),
    "she left in January, after the year she missed": (
        [job(end="2027-01-05", known="2024-03-01")], NEXT_YEAR, "missed", "none_yet"),
    "she left last year": ([job(end="2025-12-31")], NOV, "not_due", "not_employed"),
    "nobody ever employed her": ([], NOV, "not_due", "not_employed"),
    "she attended and then left": ([job(end="06-30"), attended()], NOV, "not_due", "left"),
    "rehired in November after a spring in the job": (
        [job(end="03-31"), job("11-01")], NOV, "at_risk", "none_yet"),
    "back in November after two years away": (
        [job("2020-01-01", "2024-10-31"), job("11-01")], NOV, "exempt", "late_joiner"),
    "rehired the day after she left": (
        [job(end="06-30"), job("07-01", home=GUCHENG)], NOV, "at_risk", "none_yet"),
    # moves between employers
    "moved to another county in June, not trained": (
        [job(end="06-14"), job("06-15", home=GUCHENG)], NOV, "at_risk", "none_yet"),
    "trained at the first home, then moved": (
        [job(end="06-14"), job("06-15", home=GUCHENG), attended("04-10")], NOV, "done", "enough"),
    "moved on 1 December: no late joiner, she owed it all year": (
        [job(end="11-30"), job("12-01", home=GUCHENG)], END, "missed", "none_yet"),
    # posts
    "a cook owes nothing": ([job(post="cook")], NOV, "not_due", "other_post"),
    "a nurse owes nothing": ([job(post="nurse")], NOV, "not_due", "other_post"),
    "a social worker owes it": ([job(post="social_worker")], NOV, "at_risk", "none_yet"),
    "a director owes more hours": ([job(post="director"), attended()], NOV, "at_risk", "partial"),
    "a director with all hours": ([job(post="director"), attended(tenths=120)], NOV, "done",
        "enough"),
    "caregiver and director at once owes the larger": (
        [job(), job(home=XINGHUA, post="director"), attended()], NOV, "at_risk", "partial"),
    "cook in the morning, caregiver in the afternoon": (
        [job(post="cook"), job(home=XINGHUA)], NOV, "at_risk", "none_yet"),
    "caregiver until May, office clerk since": (
        [job(end="05-31"), job("06-01", post="clerk")], NOV, "not_due", "changed_post"),
    "cook until October, caregiver since 20 October": (
        [job(post="cook", end="10-19"), job("10-20")], NOV, "exempt", "late_joiner"),
    "cook until April, caregiver since May": (
        [job(post="cook", end="04-30"), job("05-01")], NOV, "at_risk", "none_yet"),
    "promoted from caregiver to director in May with 8 hours": (
        [job(end="05-31"), job("06-01", post="director"), attended("04-02")], NOV, "at_risk",
        "partial"),
    # exemptions
    "an approved exemption": ([job(), asked(step="approved")], NOV, "exempt", "exempted"),
    "an exemption that still waits": ([job(), asked()], NOV, "at_risk", "none_yet"),
    "an exemption that was refused": ([job(), asked(step="refused")], NOV, "at_risk", "none_yet"),
    "an exemption that was revoked": ([job(), asked(step="revoked")], END, "missed", "none_yet"),
    "refused once, approved on the second request": (
        [job(), asked(step="refused"), asked(step="approved")], NOV, "exempt", "exempted"),
    "ill for half the year": (
        [job(), asked("illness", "01-01", "06-29", "approved")], NOV, "exempt", "exempted"),
    "ill for one day less than half the year": (
        [job(), asked("illness", "01-01", "06-28", "approved")], NOV, "at_risk", "none_yet"),
    "leave across New Year counts only its days of this year": (
        [job(), asked("leave", "2025-10-01", "03-31", "approved")], NOV, "at_risk", "none_yet"),
    "a long leave that began last year": (
        [job(), asked("leave", "2025-06-01", "08-31", "approved")], NOV, "exempt", "exempted"),
    "a kind of exemption the rule does not know": (
        [job(), asked("holiday", step="approved")], NOV, "at_risk", "none_yet"),
    "exempt and yet attended: done": (
        [job(), asked(step="approved"), attended()], NOV, "done", "enough"),
    "an approved exemption holds after the year": (
        [job(), asked(step="approved")], NEXT_YEAR, "exempt", "exempted"),
    # before the year
    "asked in December before the year": ([job()], "2025-12-20", "not_due", "not_begun"),
}  # fmt: skip


@pytest.mark.parametrize(("given", "on", "state", "reason"), CASES.values(), ids=CASES.keys())
def test_case(given, on, state, reason):
    found = verdict(terms(), facts_of(*given), day(on))
    assert (found.state, found.reasons[0].code) == (state, reason)


def test_there_are_enough_cases():
    assert len(CASES) >= 60


def reasons(found):
    return [reason.code for reason in found.reasons]


def test_the_flag_is_charged_to_the_employer_on_the_test_day():
    moved = facts_of(job(end="06-14"), job("06-15", home=GUCHENG))
    assert verdict(terms(), moved, day("05-01")).organisation_id == KANGNING
    assert verdict(terms(), moved, day(NOV)).region == "140728"


def test_after_the_year_the_employer_of_the_last_day_stays_charged():
    moved = facts_of(job(end="2027-01-04"), job("2027-01-05", home=GUCHENG))
    assert verdict(terms(), moved, day(NEXT_YEAR)).organisation_id == KANGNING


def test_with_two_employers_the_post_that_owes_most_is_charged():
    both = facts_of(job(), job(home=XINGHUA, post="director"))
    assert verdict(terms(), both, day(NOV)).organisation_id == XINGHUA
    assert verdict(terms(), both, day(NOV)).missing == 120


def test_with_two_equal_posts_the_longer_stay_is_charged():
    both = facts_of(job("2025-05-01", home=XINGHUA), job("2024-05-01"))
    assert verdict(terms(), both, day(NOV)).organisation_id == KANGNING


def test_a_flag_says_what_would_clear_it():
    found = verdict(terms(), facts_of(job()), day(NOV))
    assert [cure.code for cure in found.clears] == ["attend", "ask_exemption"]
    late = verdict(terms(), facts_of(job(), asked()), day(END))
    assert [cure.code for cure in late.clears] == ["make_up", "decide_exemption"]


def test_everything_that_bears_on_it_is_said():
    given = facts_of(job(), absent("03-02"), seat(status="waiting"), asked())
    found = verdict(terms(), given, day(NOV))
    assert reasons(found) == ["none_yet", "absent", "waiting", "exemption_proposed"]


def test_a_leave_that_is_too_short_is_told_with_its_days():
    short = asked("leave", "2025-10-01", "03-31", "approved")
    found = verdict(terms(), facts_of(job(), short), day(NOV))
    assert dict(found.reasons[1].params) == {"days": 90, "needed": 180}


def test_a_verdict_names_its_rule_and_the_facts_it_rests_on():
    found = verdict(terms(version=3), facts_of(job(), attended(session=5)), day(NOV))
    assert found.rule == "compliance.central@3"
    assert found.used == ("spell:s2024-03-01-1-caregiver", "outcome:5#1")


def test_a_new_version_of_the_rule_changes_only_what_is_asked_under_it():
    given = facts_of(job(), attended())
    stricter = {"caregiver": 200}
    assert verdict(terms(), given, day(NOV)).state == "done"
    assert verdict(terms(version=2, posts=stricter), given, day(NOV)).missing == 120


def test_within_the_grace_days_nothing_is_missed():
    found = verdict(terms(grace_days=31), facts_of(job()), day(NEXT_YEAR))
    assert (found.state, reasons(found)) == ("at_risk", ["none_yet", "in_grace"])
    over = verdict(terms(grace_days=31), facts_of(job()), day("2027-01-31"))
    assert over.state == "missed"


def test_as_known_before_the_hours_were_recorded_she_was_missing():
    late = attended("12-20", known="2027-01-08")
    given = facts_of(job(), late)
    assert verdict(terms(), given, day(END), at("2027-01-05")).state == "missed"
    assert verdict(terms(), given, day(END), at("2027-01-09")).state == "done"


def test_as_known_before_a_correction_the_old_statement_stands():
    given = facts_of(
        job("2024-03-01", known="2024-03-01", until="2027-01-06"),
        job("2024-03-01", end="11-30", known="2027-01-06"),
    )
    assert verdict(terms(), given, day(END), at("2027-01-05")).state == "missed"
    assert verdict(terms(), given, day(END), at("2027-01-07")).state == "not_due"


def test_as_known_before_a_seat_was_given_back_it_was_arranged():
    booked = seat("12-20", known="11-01", session=9)
    back = seat("12-20", status="cancelled", known="12-01", session=9)[0]
    given = facts_of(job(), booked, back)
    assert verdict(terms(), given, day("11-23"), at("11-23")).state == "scheduled"
    assert verdict(terms(), given, day("12-02"), at("12-02")).state == "at_risk"


def test_as_known_before_the_approval_the_request_was_waiting():
    given = facts_of(job(), asked(step="approved", known="11-01", decided="12-15"))
    before = verdict(terms(), given, day(NOV), at(NOV))
    assert reasons(before) == ["none_yet", "exemption_proposed"]
    assert verdict(terms(), given, day(NOV), at("12-16")).state == "exempt"
