"""More of the yearly duty, case by case: whole lives with moves, two posts, leave across New Year,
corrections, records taken back, two records of one person joined, and rules that change. What was
known at a moment is asked in the fourth place; other terms of the rule in the fifth."""

import pytest

from courses.compliance.rules import verdict
from tests.courses.compliance.test_verdict_cases import CASES
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

NOV, END, NEXT_YEAR = "11-23", "12-31", "2027-01-10"
STRICTER = {"posts": {"caregiver": 120, "director": 120, "social_worker": 80}}
#: case → (facts, asked on, state, main reason, known at or None, changed terms)
LIVES = {
    # moves between counties
    "moved in June; the make-up at the old home in May still counts": (
        [job(end="06-14"), attended("05-20"), job("06-15", home=GUCHENG)], END, "done", "enough",
        None, {}),
    "moved in June; half there, half here": (
        [job(end="06-14"), attended("05-20", 40), job("06-15", home=GUCHENG),
         attended("09-01", 40)], END, "done", "enough", None, {}),
    "moved in June; only the half of the old county": (
        [job(end="06-14"), attended("05-20", 40), job("06-15", home=GUCHENG)], END, "missed",
        "partial", None, {}),
    "moved three times in one year, never trained": (
        [job(end="03-31"), job("04-01", "06-30", GUCHENG), job("07-01", home=XINGHUA)], END,
        "missed", "none_yet", None, {}),
    "a gap of two months between two counties": (
        [job(end="04-30"), job("07-01", home=GUCHENG)], NOV, "at_risk", "none_yet", None, {}),
    "asked during the gap between two counties": (
        [job(end="04-30"), job("07-01", home=GUCHENG)], "05-15", "not_due", "left", None, {}),
    "moved away on the last day of the year": (
        [job(end="12-31"), job("2027-01-01", home=GUCHENG)], NEXT_YEAR, "missed", "none_yet",
        None, {}),
    "the move was reported a month late": (
        [job(known="2024-03-01", until="08-01"), job(end="06-30", known="08-01"),
         job("07-01", home=GUCHENG, known="08-01")], NOV, "at_risk", "none_yet", "07-15", {}),
    "moved to the other county into a post that owes nothing": (
        [job(end="06-14"), job("06-15", home=GUCHENG, post="cook")], NOV, "not_due",
        "changed_post", None, {}),
    "moved from the kitchen here to the ward there in May": (
        [job(post="cook", end="04-30"), job("05-01", home=GUCHENG)], NOV, "at_risk", "none_yet",
        None, {}),
    # two roles
    "two half posts as caregiver in two homes": (
        [job(), job(home=XINGHUA)], NOV, "at_risk", "none_yet", None, {}),
    "two half posts, trained once": (
        [job(), job(home=XINGHUA), attended()], NOV, "done", "enough", None, {}),
    "social worker here, caregiver there, eight hours": (
        [job(post="social_worker"), job(home=XINGHUA), attended()], NOV, "done", "enough",
        None, {}),
    "director and cook at once: the director's hours": (
        [job(post="director"), job(post="cook", home=XINGHUA), attended()], NOV, "at_risk",
        "partial", None, {}),
    "gave up the director's post in August, still caregiver with eight hours": (
        [job(), job(post="director", end="08-31"), attended()], NOV, "done", "enough", None, {}),
    "became director on the last day with eight hours": (
        [job(end="12-30"), job("12-31", post="director"), attended()], END, "missed", "partial",
        None, {}),
    "second post began after the limit, first one all year": (
        [job(), job("11-01", home=XINGHUA)], NOV, "at_risk", "none_yet", None, {}),
    "the second post ended, the first one goes on": (
        [job(), job(home=XINGHUA, end="05-31")], NOV, "at_risk", "none_yet", None, {}),
    # late joiners and rehires
    "began on 1 October of last year": ([job("2025-10-01")], NOV, "at_risk", "none_yet", None, {}),
    "a late joiner who left before the end": (
        [job("10-15", "11-30")], END, "not_due", "left", None, {}),
    "a late joiner asked before she began": ([job("10-15")], "10-14", "not_due", "not_employed",
        None, {}),
    "a late joiner promoted to director in December": (
        [job("10-15", "11-30"), job("12-01", post="director")], END, "exempt", "late_joiner",
        None, {}),
    "a late joiner with a seat is still exempt": (
        [job("10-15"), seat()], NOV, "exempt", "late_joiner", None, {}),
    "a late joiner with half the hours is still exempt": (
        [job("10-15"), attended("11-02", 40)], NOV, "exempt", "late_joiner", None, {}),
    "rehired after a year away, before the limit": (
        [job("2020-01-01", "2025-03-31"), job("09-01")], NOV, "at_risk", "none_yet", None, {}),
    "worked in January, again from November: no late joiner": (
        [job("2024-03-01", "01-15"), job("11-01")], END, "missed", "none_yet", None, {}),
    "left and rehired within the same week": (
        [job(end="06-01"), job("06-05")], NOV, "at_risk", "none_yet", None, {}),
    "rehired for next year only": (
        [job(end="03-31"), job("2027-01-04")], END, "not_due", "left", None, {}),
    "trained, left, rehired elsewhere: the hours stay hers": (
        [job(end="06-30"), attended("05-20"), job("09-01", home=GUCHENG)], END, "done", "enough",
        None, {}),
    # leave across New Year
    "leave from October to April: too few days of this year": (
        [job(), asked("leave", "10-05", "2027-04-05", "approved")], END, "missed", "none_yet",
        None, {}),
    "leave from last July to this June": (
        [job(), asked("leave", "2025-07-01", "06-29", "approved")], NOV, "exempt", "exempted",
        None, {}),
    "leave that ended on New Year's Eve last year": (
        [job(), asked("leave", "2025-07-01", "2025-12-31", "approved")], NOV, "at_risk",
        "none_yet", None, {}),
    "two short leaves are not one long leave": (
        [job(), asked("leave", "01-01", "04-10", "approved"),
         asked("leave", "07-01", "10-08", "approved")], NOV, "at_risk", "none_yet", None, {}),
    "a long leave, and she attended after it": (
        [job(), asked("leave", "01-01", "08-31", "approved"), attended("09-10")], NOV, "done",
        "enough", None, {}),
    # corrections of attendance
    "the hours were cut from eight to four": (
        [job(), attended("05-20", 80, session=5), attended("05-20", 40, session=5, number=2)],
        END, "missed", "partial", None, {}),
    "the hours were raised from four to eight": (
        [job(), attended("05-20", 40, session=5), attended("05-20", 80, session=5, number=2)],
        END, "done", "enough", None, {}),
    "corrected to absent in January, as known on New Year's Eve": (
        [job(), attended("05-20", session=5),
         absent("05-20", session=5, number=2, known="2027-01-08")], END, "done", "enough", END, {}),
    "corrected to absent in January, as known afterwards": (
        [job(), attended("05-20", session=5),
         absent("05-20", session=5, number=2, known="2027-01-08")], END, "missed", "none_yet",
        "2027-01-09", {}),
    "one session corrected, another one whole": (
        [job(), absent("05-20", session=5), attended("09-20", session=6)], END, "done", "enough",
        None, {}),
    # records taken back, records joined
    "her record was a mistake: no stay is left": (
        [job(known="2024-03-01", until="10-01")], NOV, "not_due", "not_employed", None, {}),
    "her record was a mistake, as known before that was found out": (
        [job(known="2024-03-01", until="10-01")], NOV, "at_risk", "none_yet", "09-01", {}),
    "she died in August; the stay ends that day": (
        [job(end="08-14", known="08-16")], END, "not_due", "left", None, {}),
    "she died in August, not yet known in her county": (
        [job(known="2024-03-01", until="08-16"), job(end="08-14", known="08-16")], "08-15",
        "at_risk", "none_yet", "08-15", {}),
    "two records of one person joined: the hours of both count": (
        [job("2024-03-01"), attended("05-20", 40, session=5), job("2024-03-01", home=XINGHUA),
         attended("09-20", 40, session=6)], END, "done", "enough", None, {}),
    "two records joined: the same session is counted once": (
        [job(), attended("05-20", 40, session=5), attended("05-20", 40, session=5)], END,
        "missed", "partial", None, {}),
    "two records joined: exempt under the old one": (
        [job(), job(home=XINGHUA), asked(step="approved")], END, "exempt", "exempted", None, {}),
    "a stay that was later said to have begun earlier: no late joiner any more": (
        [job("10-15", known="10-15", until="11-10"), job("09-15", known="11-10")], NOV, "at_risk",
        "none_yet", None, {}),
    "the same, as known before it was said": (
        [job("10-15", known="10-15", until="11-10"), job("09-15", known="11-10")], "11-05",
        "exempt", "late_joiner", "11-05", {}),
    # rules that change
    "hours raised in mid-year: eight are no longer enough": (
        [job(), attended()], NOV, "at_risk", "partial", None, STRICTER),
    "hours raised in mid-year: twelve are": (
        [job(), attended("05-20"), attended("09-20", 40)], NOV, "done", "enough", None, STRICTER),
    "hours lowered in mid-year: four are enough": (
        [job(), attended("05-20", 40)], NOV, "done", "enough", None,
        {"posts": {"caregiver": 40}}),
    "the post was taken out of the rule": (
        [job()], END, "not_due", "other_post", None, {"posts": {"director": 120}}),
    "the window was cut to the end of November": (
        [job()], "12-01", "missed", "none_yet", None, {"window_ends": "11-30"}),
    "the window was cut; trained in December is trained": (
        [job(), attended("12-05")], END, "done", "enough", None, {"window_ends": "11-30"}),
    "grace until the end of January": (
        [job()], NEXT_YEAR, "at_risk", "none_yet", None, {"grace_days": 31}),
    "trained within the days of grace": (
        [job(), attended("2027-01-09")], NEXT_YEAR, "done", "enough", None, {"grace_days": 31}),
    "the limit for late joiners moved to September": (
        [job("09-15")], NOV, "exempt", "late_joiner", None, {"late_joiner_after": "09-01"}),
    "reminders begin in March": (
        [job()], "03-01", "at_risk", "none_yet", None, {"at_risk_from": "03-01"}),
    "a kind of leave that needs fewer days now": (
        [job(), asked("leave", "01-01", "03-31", "approved")], NOV, "exempt", "exempted", None,
        {"exemptions": {"leave": 90}}),
    "longer patience with an uncounted session": (
        [job(), seat("11-01")], NOV, "scheduled", "being_counted", None, {"count_days": 30}),
}  # fmt: skip


@pytest.mark.parametrize(
    ("given", "on", "state", "reason", "known", "changed"), LIVES.values(), ids=LIVES.keys()
)
def test_life(given, on, state, reason, known, changed):
    moment = at(known) if known else None
    found = verdict(terms(**changed), facts_of(*given), day(on), moment)
    assert (found.state, found.reasons[0].code) == (state, reason)


def test_there_are_at_least_a_hundred_and_twenty_named_cases():
    assert len(CASES) + len(LIVES) >= 120
    assert not CASES.keys() & LIVES.keys()


@pytest.mark.parametrize(
    ("on", "home"), [("05-01", KANGNING), ("07-01", GUCHENG), (END, GUCHENG), (NEXT_YEAR, GUCHENG)]
)
def test_the_flag_follows_her_and_is_charged_to_the_employer_at_the_test_date(on, home):
    moved = facts_of(job(end="06-14"), job("06-15", home=GUCHENG))
    assert verdict(terms(), moved, day(on)).organisation_id == home
