"""What holds for every verdict, whatever the facts."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from courses.compliance.facts import Facts
from courses.compliance.rules import verdict
from tests.factories.duty import asked, attended, day, facts_of, job, seat, terms

days = st.dates(day("01-01"), day("2027-02-28")).map(lambda d: d.isoformat())
homes = st.sampled_from((1, 2, 3))
posts = st.sampled_from(("caregiver", "director", "social_worker", "cook"))
tenths = st.integers(1, 13).map(lambda n: n * 10)
#: The worst first; a state never gets worse by more evidence.
RANK = {"missed": 0, "at_risk": 1, "year_open": 2, "scheduled": 3}


@st.composite
def jobs(draw):
    first, last = sorted((draw(days), draw(days)))
    return job(first, draw(st.sampled_from((last, None))), draw(homes), draw(posts))


@st.composite
def outcomes(draw):
    return attended(
        draw(days), draw(tenths), session=draw(st.integers(1, 4)),
        number=draw(st.integers(1, 3)), ok=draw(st.booleans()),
    )  # fmt: skip


seats = st.builds(
    seat, days, st.sampled_from(("booked", "waiting", "cancelled", "invited")), tenths=tenths
)
requests = st.builds(
    asked,
    st.sampled_from(("elsewhere", "illness")),
    st.just("01-01"),
    st.sampled_from(("03-01", "09-01")),
    st.sampled_from((None, "approved", "refused", "revoked")),
)
worlds = st.lists(st.one_of(jobs(), outcomes(), seats, requests), max_size=10)


def rank(found):
    key = found.reasons[0].code if found.reasons[0].code == "year_open" else found.state
    return RANK.get(key, 4)


def distinct(items):
    """One outcome per session and round, as the database keeps it."""
    kept, seen = [], set()
    for item in items:
        key = (item.session_id, item.round) if hasattr(item, "round") else id(item)
        if key not in seen:
            seen.add(key)
            kept.append(item)
    return kept


@settings(max_examples=300, deadline=None)
@given(worlds, days, st.randoms(use_true_random=False))
def test_the_order_in_which_facts_arrive_changes_nothing(items, on, shuffler: random.Random):
    facts = facts_of(*distinct(items))
    mixed = Facts(
        facts.person_id,
        *(
            tuple(shuffler.sample(kind, len(kind)))
            for kind in (
                facts.employments, facts.outcomes, facts.seats,
                facts.sessions, facts.exemptions, facts.decisions,
            )
        ),
    )  # fmt: skip
    assert verdict(terms(), facts, day(on)) == verdict(terms(), mixed, day(on))


@settings(max_examples=300, deadline=None)
@given(worlds, days, days, tenths)
def test_attending_one_session_more_never_makes_it_worse(items, on, held, hours):
    before = verdict(terms(), facts_of(*distinct(items)), day(on))
    more = attended(held, hours, session=99)
    after = verdict(terms(), facts_of(*distinct(items), more), day(on))
    assert rank(after) >= rank(before)


@settings(max_examples=300, deadline=None)
@given(worlds, days, days)
def test_an_approval_or_a_seat_more_never_makes_it_worse(items, on, held):
    before = verdict(terms(), facts_of(*distinct(items)), day(on))
    for more in (asked(step="approved"), seat(held, tenths=80, session=98)):
        after = verdict(terms(), facts_of(*distinct(items), more), day(on))
        assert rank(after) >= rank(before)


@settings(max_examples=300, deadline=None)
@given(worlds, days, days)
def test_what_was_learnt_later_does_not_change_what_was_known(items, on, moment):
    facts = facts_of(*distinct(items))
    cut = day(moment)
    then = verdict(terms(), facts, day(on), _at(cut))
    only = Facts(
        facts.person_id,
        *(
            tuple(f for f in kind if f.recorded_at <= _at(cut))
            for kind in (
                facts.employments, facts.outcomes, facts.seats,
                facts.sessions, facts.exemptions, facts.decisions,
            )
        ),
    )  # fmt: skip
    assert then == verdict(terms(), only, day(on), _at(cut))


@settings(max_examples=300, deadline=None)
@given(worlds, days)
def test_a_flag_always_says_why_and_what_clears_it(items, on):
    found = verdict(terms(), facts_of(*distinct(items)), day(on))
    assert found.reasons
    if found.state in {"missed", "at_risk"}:
        assert found.clears
        assert found.missing > 0
        assert found.organisation_id is not None


def _at(moment):
    from_day = day(moment.isoformat())
    return attended(from_day.isoformat()).recorded_at
