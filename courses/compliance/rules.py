"""The yearly duty of one person: a pure function of a rule, facts, a day and a moment.

"On" is the day the question is about; "as known at" is the moment whose knowledge is used.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from courses.compliance import facts as folded
from courses.compliance.facts import Booking, Employment, ExemptionFact, Facts, Outcome
from courses.compliance.verdicts import CENTRAL, Reason, Terms, Verdict


def verdict(terms: Terms, facts: Facts, on: date, as_known_at: datetime | None = None) -> Verdict:
    """Decide where a person stands with this year's central training."""
    case = _Case.of(terms, facts, on, as_known_at)
    released = _not_owed(case)
    if released is not None:
        return case.say("not_due", released)
    if case.done >= case.required:
        return case.say("done", _r("enough", done=case.done, required=case.required))
    freed = _exempt(case)
    if freed is not None:
        return case.say("exempt", freed)
    if on >= terms.final:
        return case.say("missed", *_shortfall(case), clears=_cures(case, late=True))
    seated = _scheduled(case)
    if seated is not None:
        return case.say("scheduled", seated, clears=(_r("attend_booked"),))
    if on < terms.at_risk_from:
        return case.say(
            "not_due", _r("year_open", until=terms.ends), clears=_cures(case, late=False)
        )
    return case.say("at_risk", *_shortfall(case), clears=_cures(case, late=False))


@dataclass(frozen=True, slots=True)
class _Case:
    terms: Terms
    facts: Facts
    on: date
    tested_on: date
    owing: list[Employment]
    active: list[Employment]
    elsewhere: bool
    held: list[Outcome]
    booked: list[Booking]
    asked: list[tuple[ExemptionFact, str]]
    done: int
    required: int

    @staticmethod
    def of(terms: Terms, facts: Facts, on: date, moment: datetime | None) -> "_Case":
        tested_on = min(on, terms.ends)
        stays = folded.stays(facts, moment)
        owing = [
            s
            for s in stays
            if s.post in terms.posts
            and s.started_on <= tested_on
            and (s.ended_on is None or s.ended_on >= terms.begins)
        ]
        active = [s for s in owing if s.covers(tested_on)]
        held = [
            o for o in folded.outcomes(facts, moment) if o.year == terms.year and o.held_on <= on
        ]
        return _Case(
            terms=terms,
            facts=facts,
            on=on,
            tested_on=tested_on,
            owing=owing,
            active=active,
            elsewhere=any(s.covers(tested_on) for s in stays),
            held=held,
            booked=folded.bookings(facts, terms.year, moment),
            asked=folded.exemptions(facts, terms.year, moment),
            done=sum(o.tenths for o in held if o.attended),
            required=max((terms.posts[s.post] for s in active), default=0),
        )

    def say(self, state: str, *reasons: Reason, clears: tuple[Reason, ...] = ()) -> Verdict:
        charged = _charged(self)
        return Verdict(
            person_id=self.facts.person_id,
            requirement=CENTRAL,
            year=self.terms.year,
            state=state,
            reasons=reasons,
            rule=self.terms.stamp,
            used=_used(self),
            required=self.required,
            done=self.done,
            clears=clears,
            tested_on=self.tested_on,
            organisation_id=charged.organisation_id if charged else None,
            region=charged.region if charged else "",
            post=charged.post if charged else "",
            done_on=_last_day(self) if state == "done" else None,
        )


def _last_day(case: _Case) -> date | None:
    return max((o.held_on for o in case.held if o.attended), default=None)


def _not_owed(case: _Case) -> Reason | None:
    if case.on < case.terms.begins:
        return _r("not_begun", year=case.terms.year)
    if case.active:
        return None
    if not case.owing:
        return _r("other_post") if case.elsewhere else _r("not_employed")
    if case.elsewhere:
        return _r("changed_post")
    return _r("left", on=max(s.ended_on for s in case.owing if s.ended_on is not None))


def _exempt(case: _Case) -> Reason | None:
    first = min(max(s.started_on, case.terms.begins) for s in case.owing)
    if first > case.terms.late_after:
        return _r("late_joiner", started=first, limit=case.terms.late_after)
    for asked, status in case.asked:
        needed = case.terms.exemptions.get(asked.kind)
        if status == "approved" and needed is not None and _days(asked, case.terms) >= needed:
            return _r("exempted", kind=asked.kind, exemption=asked.exemption_id)
    return None


def _days(asked: ExemptionFact, terms: Terms) -> int:
    """How many days of the year a request covers."""
    if asked.starts_on is None or asked.ends_on is None:
        return 0
    first, last = max(asked.starts_on, terms.begins), min(asked.ends_on, terms.ends)
    return max((last - first).days + 1, 0)


def _scheduled(case: _Case) -> Reason | None:
    """A booked seat counts until its session was held and a while longer, to be counted."""
    patience = timedelta(days=case.terms.count_days)
    live = [b for b in case.booked if b.status == "booked" and case.on <= b.ends_on + patience]
    if not live or case.done + sum(b.tenths for b in live) < case.required:
        return None
    last = live[-1]
    code = "seat" if case.on <= last.ends_on else "being_counted"
    return _r(code, session=last.session_id, on=last.ends_on)


def _shortfall(case: _Case) -> tuple[Reason, ...]:
    """The main reason first, then what else bears on it."""
    if case.done:
        main = _r("partial", done=case.done, missing=case.required - case.done)
    else:
        main = _r("none_yet", missing=case.required)
    also = [_r("absent", session=o.session_id, on=o.held_on) for o in case.held if not o.attended]
    also += [_r("waiting", session=b.session_id) for b in case.booked if b.status == "waiting"]
    also += [_request(case, asked, status) for asked, status in case.asked]
    if case.terms.ends < case.on < case.terms.final:
        also.append(_r("in_grace", until=case.terms.final))
    return (main, *also)


def _request(case: _Case, asked: ExemptionFact, status: str) -> Reason:
    if status == "approved":
        needed = case.terms.exemptions.get(asked.kind, 0)
        return _r("exemption_short", days=_days(asked, case.terms), needed=needed)
    return _r(f"exemption_{status}", exemption=asked.exemption_id)


def _cures(case: _Case, late: bool) -> tuple[Reason, ...]:
    cures = [_r("make_up" if late else "attend", missing=case.required - case.done)]
    if any(status == "proposed" for _asked, status in case.asked):
        cures.append(_r("decide_exemption"))
    elif case.terms.exemptions:
        cures.append(_r("ask_exemption"))
    return tuple(cures)


def _charged(case: _Case) -> Employment | None:
    """The employer on the test day: the post that owes most, then the longest stay."""
    if case.active:
        return min(case.active, key=lambda s: (-case.terms.posts[s.post], *_seniority(s)))
    if case.owing:
        return max(case.owing, key=lambda s: (s.ended_on or date.max, s.started_on, s.spell))
    return None


def _seniority(stay: Employment) -> tuple[date, int, str]:
    return stay.started_on, stay.organisation_id, stay.spell


def _used(case: _Case) -> tuple[str, ...]:
    """Names of the facts the verdict rests on."""
    stays = case.active or case.owing
    return (
        *(f"spell:{s.spell}" for s in stays),
        *(f"outcome:{o.session_id}#{o.round}" for o in case.held),
        *(f"seat:{b.session_id}" for b in case.booked),
        *(f"exemption:{a.exemption_id}" for a, _status in case.asked),
    )


def _r(code: str, **params: date | str | int) -> Reason:
    return Reason(
        code,
        tuple((k, v.isoformat() if isinstance(v, date) else v) for k, v in params.items()),
    )
