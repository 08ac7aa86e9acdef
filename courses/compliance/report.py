"""The flags of a region on a day as known at a moment: the same question always gives the same
bytes, because every column is a recorded fact or a stable code."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from courses.compliance.loading import CHUNK, Question, chunks
from courses.compliance.verdicts import ATTENTION, Verdict
from courses.compliance.wording import sentence
from lms.core.clock import SHANGHAI
from lms.people.api import organisation_cards, person_cards

HEADINGS = (
    "year", "requirement", "on", "as_known_at", "region", "employer", "person", "post", "state",
    "reasons", "clears", "required_hours", "done_hours", "missing_hours", "rule", "explanation",
)  # fmt: skip
Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the report is about; ``states`` empty means every state."""

    year: int
    on: date
    as_known_at: datetime
    region: str
    states: tuple[str, ...] = ATTENTION
    names: bool = False


def lines(asked: Asked) -> Iterator[Line]:
    """The report, by region, employer and person; people charged to the region on the test day."""
    question = Question(asked.year, asked.on, asked.as_known_at)
    kept: list[Verdict] = []
    for chunk in chunks(question.charged_in(asked.region), CHUNK):
        some = set(chunk)
        if asked.states and not {"done", "not_due"} & set(asked.states):
            some -= question.surely_done(chunk)
        kept += [v for v in question.verdicts(some) if _wanted(v, asked)]
    homes = organisation_cards({v.organisation_id for v in kept if v.organisation_id})
    kept.sort(key=lambda v: (v.region, v.organisation_id or 0, v.person_id))
    for chunk_of in chunks(kept, CHUNK):
        names = person_cards([v.person_id for v in chunk_of]) if asked.names else {}
        for v in chunk_of:
            line = _line(v, asked, homes[v.organisation_id or 0].credit_code)
            yield line | ({"name": names[v.person_id].name} if asked.names else {})


def headings(asked: Asked) -> tuple[str, ...]:
    """The columns of a report."""
    return (*HEADINGS, "name") if asked.names else HEADINGS


def as_csv(asked: Asked, rows: Iterable[Line]) -> str:
    """The report as CSV text."""
    out = io.StringIO()
    writer = csv.DictWriter(out, headings(asked), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def as_json(asked: Asked, rows: Iterable[Line]) -> str:
    """The report as one JSON document."""
    document = {
        "year": asked.year,
        "on": asked.on.isoformat(),
        "as_known_at": _moment(asked.as_known_at),
        "region": asked.region,
        "flags": list(rows),
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _wanted(verdict: Verdict, asked: Asked) -> bool:
    if verdict.organisation_id is None or not verdict.region.startswith(asked.region):
        return False
    return not asked.states or verdict.state in asked.states


def _line(v: Verdict, asked: Asked, employer: str) -> Line:
    return {
        "year": v.year,
        "requirement": v.requirement,
        "on": asked.on.isoformat(),
        "as_known_at": _moment(asked.as_known_at),
        "region": v.region,
        "employer": employer,
        "person": v.person_id,
        "post": v.post,
        "state": v.state,
        "reasons": " ".join(reason.code for reason in v.reasons),
        "clears": " ".join(cure.code for cure in v.clears),
        "required_hours": _hours(v.required),
        "done_hours": _hours(v.done),
        "missing_hours": _hours(v.missing),
        "rule": v.rule,
        "explanation": "".join(sentence(told) for told in (*v.reasons, *v.clears)),
    }


def _hours(tenths: int) -> str:
    return f"{tenths // 10}.{tenths % 10}"


def _moment(value: datetime) -> str:
    return value.astimezone(SHANGHAI).isoformat(timespec="seconds")
