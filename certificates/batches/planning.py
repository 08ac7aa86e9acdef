"""What would become of every line, nothing written: the dry plan."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from typing import Any

from sqlalchemy import select

from certificates.batches import sheet
from certificates.batches.remarks import Remark, remark, remark_of, said
from certificates.batches.sheet import Asked
from certificates.batches.sources import Eligible
from certificates.errors import EvaluatorNotOnFile, GlyphMissing
from certificates.facts import IssueRequest, title_of
from certificates.issuing import issuer_on
from certificates.models import Certificate
from certificates.numbers import series_for
from certificates.paper.fonts import ensure_glyphs
from certificates.pools.claiming import left_for
from certificates.publicity.models import PublicityEntry
from certificates.publicity.opening import days_for, last_public_day
from certificates.queries import rungs_held
from lms.core.db import session
from lms.core.errors import DomainError
from lms.people.api import PersonCard, find_person_ids, mask_id, person_cards

_MOST = 400


@dataclass(frozen=True, slots=True)
class Planned:
    """A line of the plan; ``outcome`` is ready, already or refused (at ``column``, because).
    ``claim`` is the document by which it was public elsewhere, which a second person checks."""

    row: int
    outcome: str
    name: str = ""
    id_masked: str = ""
    person_id: int | None = None
    kind: str = ""
    rung: int | None = None
    title: str = ""
    source: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    valid_to: date | None = None
    publish: bool = False
    claim: str = ""
    column: str = ""
    code: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    certificate_id: int | None = None

    @property
    def said(self) -> str:
        """What is remarked, in the reader's language."""
        return said(self.code, self.params)


@dataclass(frozen=True, slots=True)
class Plan:
    """All lines, and how many numbers are short: {what: (needed, left)}."""

    lines: list[Planned]
    short: dict[str, tuple[int, int]]

    @property
    def counts(self) -> Counter[str]:
        """Lines by outcome."""
        return Counter(line.outcome for line in self.lines)


@dataclass(frozen=True)
class _Known:
    """What is looked up once for all lines."""

    issuer_id: int
    on: date
    people: dict[int, PersonCard]
    held: dict[int, int]
    awarded: dict[str, tuple[int, int, str]]
    public: set[str]
    filings: dict[tuple[str, int | None], tuple[str, Remark] | None]
    by: int = 0


def plan_sheet(issuer_id: int, lines: Sequence[Asked], on: date, by: int = 0) -> Plan:
    """The plan of an uploaded sheet: people are found by id number, names must agree. Nothing in
    it is for ``by``, who made it."""
    ids = find_person_ids([line.id_number for line in lines if not line.fault])
    found = [replace(line, person_id=ids.get(line.id_number)) for line in lines]
    return _plan(
        issuer_id, [replace(line, source=_source(issuer_id, line)) for line in found], on, by
    )


def plan_eligible(issuer_id: int, awards: Iterable[Eligible], on: date) -> Plan:
    """The plan of what another package says is due."""
    lines = [
        Asked(
            row,
            person_id=award.person_id,
            kind=award.kind,
            rung=award.rung,
            facts=dict(award.facts),
            valid_to=award.valid_to,
            source=award.source,
        )
        for row, award in enumerate(awards, start=1)
    ]
    return _plan(issuer_id, lines, on)


def _source(issuer_id: int, line: Asked) -> str:
    """What makes a line of a sheet the same award again: the issuer's own reference, else who
    received what."""
    if line.source:
        return f"sheet:{issuer_id}:{line.source}"
    if line.kind == "skill":
        return f"sheet:{issuer_id}:skill:{line.rung}:{line.person_id}"
    said = "\n".join(str(line.facts.get(name, "")) for name in ("subject", "from", "to"))
    what = sha256(said.encode()).hexdigest()[:24]
    return f"sheet:{issuer_id}:{line.kind}:{what}:{line.person_id}"


def _plan(issuer_id: int, lines: Sequence[Asked], on: date, by: int = 0) -> Plan:
    people = {line.person_id for line in lines if line.person_id is not None}
    known = _Known(
        issuer_id,
        on,
        person_cards(people),
        rungs_held(people, on),
        _awarded([line.source for line in lines]),
        _public([line.source for line in lines]),
        {},
        by,
    )
    planned: list[Planned] = []
    rows: dict[str, int] = {}
    for line in lines:
        result = _judge(line, known)
        if result.outcome != "refused":
            first = rows.setdefault(result.source, line.row)
            if first != line.row:
                result = _refused(result, sheet.SOURCE, remark("repeated", row=first))
        planned.append(result)
    return Plan(planned, _shortages(planned, known))


def _judge(line: Asked, known: _Known) -> Planned:
    masked = mask_id(line.id_number) if line.id_number else ""
    base = Planned(line.row, "ready", line.name, masked, kind=line.kind, rung=line.rung)
    if line.fault:
        return _refused(base, *line.fault)
    person = known.people.get(line.person_id or 0)
    if person is None:
        return _refused(base, sheet.ID, remark("unknown-person"))
    if line.name and line.name != person.name:
        return _refused(base, sheet.NAME, remark("other-name"))
    if person.id == known.by:
        return _refused(base, sheet.NAME, remark("oneself"))
    base = replace(
        base,
        name=person.name,
        id_masked=person.id_masked,
        person_id=person.id,
        source=line.source,
        facts=line.facts,
        valid_to=line.valid_to,
        title=title_of(_request(line, person.id, known)),
    )
    return _once(base, line, known) or _fit(base, line, known)


def _request(line: Asked, person_id: int, known: _Known) -> IssueRequest:
    return IssueRequest(
        line.source, line.kind, person_id, known.issuer_id, line.rung, line.facts, known.on
    )


def _once(base: Planned, line: Asked, known: _Known) -> Planned | None:
    """The line if it was awarded before, or is refused because somebody else was."""
    before = known.awarded.get(line.source)
    if before is None:
        if line.source in known.public:
            return replace(base, outcome="already", code="public")
        return None
    certificate_id, person_id, number = before
    if person_id != base.person_id:
        return _refused(base, sheet.SOURCE, remark("source-taken"))
    return replace(
        base, outcome="already", certificate_id=certificate_id, code="issued-before",
        params={"number": number},
    )  # fmt: skip


def _fit(base: Planned, line: Asked, known: _Known) -> Planned:
    fault = _filing_fault(line, known)
    if fault is not None:
        return _refused(base, *fault)
    if line.rung is not None and known.held.get(base.person_id or 0, 0) >= line.rung:
        return _refused(base, sheet.LEVEL, remark("held"))
    if line.valid_to is not None and line.valid_to < known.on:
        return _refused(base, sheet.VALID_TO, remark("over"))
    try:
        ensure_glyphs([base.name, base.title])
    except GlyphMissing as missing:
        return _refused(base, sheet.NAME, remark_of(missing))
    days = days_for(line.kind, known.on)
    if days == 0:
        return base
    if line.public is None:
        return replace(base, publish=True)
    begin, end, source = line.public
    if end < last_public_day(begin, days) or end >= known.on:
        return _refused(base, sheet.PUBLIC_TO, remark("public-days", n=days))
    public = {
        "publicity_from": begin.isoformat(), "publicity_to": end.isoformat(),
        "publicity_by": source,
    }  # fmt: skip
    return replace(base, facts=base.facts | public, claim=source)


def _filing_fault(line: Asked, known: _Known) -> tuple[str, Remark] | None:
    """Why the issuer may not issue this kind and rung today; looked up once for each."""
    key = (line.kind, line.rung)
    if key not in known.filings:
        try:
            issuer, filing = issuer_on(known.issuer_id, line.rung, known.on)
            series_for(line.kind, line.rung, issuer, filing.site if filing else None, known.on)
            known.filings[key] = None
        except EvaluatorNotOnFile as refusal:
            known.filings[key] = (sheet.LEVEL, remark_of(refusal))
        except DomainError as refusal:
            pooled = left_for(known.issuer_id, line.kind, line.rung) is not None
            known.filings[key] = None if pooled else (sheet.KIND, remark_of(refusal))
    return known.filings[key]


def _shortages(lines: Sequence[Planned], known: _Known) -> dict[str, tuple[int, int]]:
    wanted = Counter((line.kind, line.rung) for line in lines if line.outcome == "ready")
    short: dict[str, tuple[int, int]] = {}
    for (kind, rung), needed in wanted.items():
        left = left_for(known.issuer_id, kind, rung)
        if left is not None and left < needed:
            short[f"{kind}:{rung or ''}"] = (needed, left)
    return short


def _refused(line: Planned, column: str, why: Remark) -> Planned:
    return replace(line, outcome="refused", column=column, code=why.code, params=why.params)


def _awarded(sources: Sequence[str]) -> dict[str, tuple[int, int, str]]:
    """Source → (certificate, person, number) of what was issued."""
    found: dict[str, tuple[int, int, str]] = {}
    columns = select(Certificate.source, Certificate.id, Certificate.person_id, Certificate.number)
    for start in range(0, len(sources), _MOST):
        some = columns.where(Certificate.source.in_(sources[start : start + _MOST]))
        found |= {row[0]: (row[1], row[2], row[3]) for row in session().execute(some)}
    return found


def _public(sources: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(sources), _MOST):
        some = sources[start : start + _MOST]
        query = select(PublicityEntry.source).where(
            PublicityEntry.source.in_(some), PublicityEntry.state != "withdrawn"
        )
        found |= set(session().scalars(query))
    return found
