"""A person's hours as a certificate anyone can check: the ledger, frozen. Callers commit."""

from collections import Counter
from collections.abc import Collection
from datetime import date, datetime
from hashlib import sha256

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from certificates.api import Issued, IssueRequest, issue
from courses.catalogue.models import Course
from courses.classroom.models import CentralSession
from courses.credits.models import CATEGORIES
from courses.credits.queries import TranscriptLine, transcript
from courses.enrolment.models import Completion, Enrolment
from lms.core import audit, clock
from lms.core.access import Actor
from lms.core.db import Json, session
from lms.core.errors import Conflict
from lms.core.signing import canonical
from lms.people.api import (
    identities_of,
    organisation_cards,
    organisations_in,
    spells_as_known,
)

MOST_YEARS = 3
_PROVINCE = 2  # characters of a region's code that name the province


class NoHours(Conflict):
    """An extract of nothing is no use."""

    code = "no-hours"
    title = _l("没有学时")
    text = _l("这段时间还没有学时，不能开具证明。")


class NoKeeper(Conflict):
    """No authority is registered that could answer for the extract."""

    code = "no-keeper"
    title = _l("没有出具单位")
    text = _l("平台上还没有登记您所在地区的民政部门，不能出具证明。请联系平台管理员。")


def issue_extract(person_id: int, years: tuple[int, int], actor: Actor, now: datetime) -> Issued:
    """The sealed transcript of the years from the first to the last.

    Asked again while nothing changed (entries, name, issuer), the same one; else a new one.

    Raises:
        NoHours: nothing stands in the ledger. NoKeeper: no authority covers her.
    """
    lines = [
        line
        for line in transcript(person_id)
        if years[0] <= line.year <= years[1] and not (line.reversed or line.is_reversal)
    ]
    if not lines:
        raise NoHours
    facts = _facts(sorted(lines, key=lambda line: line.entry_id), years)
    issuer_id = keeper_of(person_id, clock.local_date(now))
    state = {
        "facts": facts,
        "issuer": issuer_id,
        "name": identities_of([person_id])[person_id].name,
    }
    audit.record(actor, "credit.extract", "person", person_id, years=f"{years[0]}-{years[1]}")
    return issue(
        IssueRequest(
            source=f"credits:extract:{person_id}:{sha256(canonical(state)).hexdigest()[:40]}",
            kind="ce",
            person_id=person_id,
            issuer_id=issuer_id,
            rung=None,
            facts=facts,
            issued_on=clock.local_date(now),
        ),
        actor,
        now,
    )


def keeper_of(person_id: int, on: date) -> int:
    """The authority nearest to where she works, or last worked; else the province's."""
    spells = spells_as_known([person_id])
    spells.sort(key=lambda spell: (spell.covers(on), spell.started_on))
    home = spells[-1].region if spells else ""
    for length in (6, 4, _PROVINCE):
        found = organisations_in(home[:length], "authority") if len(home) >= length else []
        exact = [o.id for o in found if o.region == home[:length] and o.closed_on is None]
        if exact:
            return exact[0]
    anywhere = [o for o in organisations_in("", "authority") if o.closed_on is None]
    if not anywhere:
        raise NoKeeper
    return min(anywhere, key=lambda o: (len(o.region), o.region, o.id)).id


def _facts(lines: list[TranscriptLine], years: tuple[int, int]) -> Json:
    origins = _origins([line.source_key for line in lines])
    entries: list[Json] = []
    sums = Counter[str]()
    for line in lines:
        on, organiser = origins.get(line.source_key, (clock.local_date(line.recorded_at), ""))
        entries.append(
            {
                "on": on.isoformat(),
                "category": line.category,
                "tenths": line.tenths,
                "source": line.source,
                "organiser": organiser,
            }
        )
        sums[line.category] += line.tenths
    span = str(years[0]) if years[0] == years[1] else f"{years[0]}–{years[1]}"
    return {
        "subject": f"{span}年继续教育学时",
        "from": date(years[0], 1, 1).isoformat(),
        "to": date(years[1], 12, 31).isoformat(),
        "tenths": sums.total(),
        "entries": sorted(entries, key=lambda entry: str(entry["on"])),
        "totals": [{"category": name, "tenths": sums[name]} for name in CATEGORIES],
    }


def _origins(source_keys: Collection[str]) -> dict[str, tuple[date, str]]:
    """Source key → the day it happened and who held it, as far as the rooms know."""
    parts = {key: key.split(":") for key in source_keys}
    sessions = {key: int(p[1]) for key, p in parts.items() if p[0] == "central" and len(p) > 2}
    enrolments = {key: int(p[1]) for key, p in parts.items() if p[0] == "course" and len(p) == 2}
    held = {
        row.id: (clock.local_date(row.ends_at), row.organiser_id)
        for row in session().execute(
            select(CentralSession.id, CentralSession.ends_at, CentralSession.organiser_id).where(
                CentralSession.id.in_(sessions.values())
            )
        )
    }
    done = {
        row.id: (clock.local_date(row.at), row.owner_id)
        for row in session().execute(
            select(Enrolment.id, Completion.at, Course.owner_id)
            .join(Completion, Completion.enrolment_id == Enrolment.id)
            .join(Course, Course.id == Enrolment.course_id)
            .where(Enrolment.id.in_(enrolments.values()))
        )
    }
    found = {key: held[n] for key, n in sessions.items() if n in held}
    found |= {key: done[n] for key, n in enrolments.items() if n in done}
    names = organisation_cards({owner for _, owner in found.values() if owner})
    return {
        key: (day, names[owner].name if owner in names else "")
        for key, (day, owner) in found.items()
    }
