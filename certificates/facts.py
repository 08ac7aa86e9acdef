"""What is frozen when a certificate is issued, and whether a stored row still says the same."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from certificates import transcript
from certificates.designs.queries import USUAL, Chosen
from certificates.errors import SourceTaken
from certificates.models import Certificate
from lms.core.db import Json
from lms.core.errors import Invalid
from lms.core.ladder import Rung

VERSION = 1
OCCUPATION = ("4-10-01-05", "养老护理员")
FACE_TITLES = {
    "skill": "职业技能等级证书",
    "course": "培训结业证书",
    "central": "集中培训证明",
    "ce": "继续教育学时证明",
}
_SCALARS = (str, int, bool, type(None))


@dataclass(frozen=True, slots=True)
class IssueRequest:
    """An award to be sealed; ``source`` names it and is awarded once.

    ``facts`` are sealed as they are: flat, JSON, without floats. The paper prints
    ``occupation``, ``speciality`` (skill) and ``subject``, ``tenths`` (hours in tenths),
    ``from``, ``to``, ``place`` (course, central); ``subject`` is needed for all but skill. A
    transcript of class hours (ce) is the one kind with lists: see ``certificates.transcript``.
    """

    source: str
    kind: str
    person_id: int
    issuer_id: int
    rung: int | None
    facts: Json
    issued_on: date
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Holder:
    """The holder as the facts name her."""

    name: str
    id_masked: str
    id_commitment: str
    photo_digest: str | None


@dataclass(frozen=True, slots=True)
class Issuer:
    """The responsible body as the facts name it."""

    organisation_id: int
    name: str
    credit_code: str
    region: str
    region_name: str
    filing: str | None = None
    category: str | None = None


@dataclass(frozen=True, slots=True)
class Identification:
    """How the certificate is known."""

    code: str
    number: str
    number_rule: str
    supersedes: str | None = field(default=None)


def check_request(request: IssueRequest) -> None:
    """Raise Invalid for a request that cannot be sealed; a fault of the caller, not a user's."""
    if request.kind not in FACE_TITLES:
        raise Invalid(f"unknown certificate kind {request.kind!r}")
    if not request.source or len(request.source) > 160:
        raise Invalid("a source has 1 to 160 characters")
    if (request.kind == "skill") != (request.rung is not None):
        raise Invalid("skill certificates, and only they, name a rung")
    if request.rung is not None and request.rung not in set(Rung):
        raise Invalid(f"no rung {request.rung}")
    if request.kind != "skill" and not request.facts.get("subject"):
        raise Invalid("all but skill certificates name a subject")
    if request.valid_to is not None and request.valid_to < request.issued_on:
        raise Invalid("a certificate cannot end before it begins")
    _check_facts(request)


def _check_facts(request: IssueRequest) -> None:
    lists: frozenset[str] = frozenset()
    if request.kind == "ce":
        transcript.check(request.facts)
        lists = transcript.LISTS
    for name, value in request.facts.items():
        if name not in lists and not (isinstance(name, str) and isinstance(value, _SCALARS)):
            raise Invalid(f"fact {name!r} is not text, a whole number, true, false or null")


def title_of(request: IssueRequest) -> str:
    """One line for lists: the grade, or what the course was called."""
    if request.rung is not None:
        return f"{request.facts.get('occupation') or OCCUPATION[1]} {Rung(request.rung).grade}"
    return str(request.facts["subject"])[:120]


def occupation_of(request: IssueRequest) -> str:
    """The code of the occupation whose skill is certified."""
    return str(request.facts.get("occupation_code") or OCCUPATION[0])


def build(
    request: IssueRequest,
    known_as: Identification,
    holder: Holder,
    issuer: Issuer,
    design: Chosen = USUAL,
) -> Json:
    """The facts to be sealed; ``design`` says how the paper looks, for ever."""
    return {
        "v": VERSION,
        "code": known_as.code,
        "number": known_as.number,
        "number_rule": known_as.number_rule,
        "supersedes": known_as.supersedes,
        "source": request.source,
        "kind": request.kind,
        "title": design.words.get("title") or FACE_TITLES[request.kind],
        "subject": title_of(request),
        "issued_on": request.issued_on.isoformat(),
        "valid_to": request.valid_to.isoformat() if request.valid_to else None,
        "holder": {
            "person": request.person_id,
            "name": holder.name,
            "id_kind": "居民身份证",
            "id_masked": holder.id_masked,
            "id_commitment": holder.id_commitment,
            "photo": holder.photo_digest,
        },
        "issuer": {
            "organisation": issuer.organisation_id,
            "name": issuer.name,
            "credit_code": issuer.credit_code,
            "region": issuer.region,
            "region_name": issuer.region_name,
            "filing": issuer.filing,
            "category": issuer.category,
        },
        "award": _award(request),
        "details": dict(sorted(request.facts.items())),
        "design": design.facts,
    }


def _award(request: IssueRequest) -> Json | None:
    if request.rung is None:
        return None
    return {
        "rung": request.rung,
        "grade": Rung(request.rung).grade,
        "occupation_code": occupation_of(request),
        "occupation": request.facts.get("occupation") or OCCUPATION[1],
        "speciality": request.facts.get("speciality") or "--",
    }


def fits_row(facts: Json, row: Certificate) -> bool:
    """True if the searchable columns still say what the sealed facts say."""
    return _said(facts) == {
        "code": row.code,
        "number": row.number,
        "source": row.source,
        "kind": row.kind,
        "person": row.person_id,
        "holder_name": row.holder_name,
        "issuer": row.issuer_id,
        "region": row.issuer_region,
        "rung": row.rung,
        "title": row.title,
        "issued_on": row.issued_on.isoformat(),
        "valid_to": row.valid_to.isoformat() if row.valid_to else None,
    }


def _said(facts: Json) -> dict[str, Any]:
    award = facts["award"] or {}
    return {
        "code": facts["code"],
        "number": facts["number"],
        "source": facts["source"],
        "kind": facts["kind"],
        "person": facts["holder"]["person"],
        "holder_name": facts["holder"]["name"],
        "issuer": facts["issuer"]["organisation"],
        "region": facts["issuer"]["region"],
        "rung": award.get("rung"),
        "title": facts["subject"],
        "issued_on": facts["issued_on"],
        "valid_to": facts["valid_to"],
    }


def same_award(row: Certificate, request: IssueRequest) -> None:
    """Raise SourceTaken if ``row`` was issued for the same source but to somebody else."""
    if (row.person_id, row.kind, row.rung) != (request.person_id, request.kind, request.rung):
        raise SourceTaken
