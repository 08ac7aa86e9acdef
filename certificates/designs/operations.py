"""Drafting, looking at, approving and retiring designs. Callers commit."""

from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import func, select, text

from certificates.designs import pictures, rules
from certificates.designs.errors import BadDesign, DesignDone, NotSeen, OwnDesign
from certificates.designs.models import Design, DesignPicture, DesignStep
from certificates.designs.rules import Spec, State
from certificates.errors import GlyphMissing, ReasonNeeded
from certificates.paper.fonts import ensure_glyphs
from certificates.rules import SHORTEST_REASON
from lms.core import audit
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import NotFound
from lms.core.vault import vault
from lms.people.api import organisation_facts


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants a body's papers of a kind to look like from a day on.

    ``uploads`` are new pictures by role, as they came; ``spec.pictures`` are kept ones.
    """

    issuer_id: int
    kind: str
    spec: Spec
    effective_from: date
    uploads: dict[str, bytes] = field(default_factory=dict)


def draft(wanted: Draft, actor: Actor, now: datetime) -> Design:
    """Keep a new version; it waits for a second person.

    Raises:
        BadDesign: a part of it cannot be printed. NotFound: no such body.
    """
    issuer = organisation_facts(wanted.issuer_id)
    if issuer is None:
        raise NotFound
    rules.check(wanted.spec, wanted.kind)
    for name, words in wanted.spec.words.items():
        try:
            ensure_glyphs([words])
        except GlyphMissing as error:
            raise BadDesign(name, str(error)) from error
    spec = _with_pictures(wanted, actor, now).text()
    row = Design(
        issuer_id=wanted.issuer_id,
        issuer_region=issuer.region,
        kind=wanted.kind,
        version=_next_version(wanted.issuer_id, wanted.kind),
        spec=spec,
        digest=rules.digest_of(spec),
        effective_from=wanted.effective_from,
        drafted_by=actor.person_id,
        drafted_at=now,
    )
    session().add(row)
    session().flush()
    audit.record(actor, "design.draft", "certificate_design", row.id, kind=row.kind)
    return row


def _with_pictures(wanted: Draft, actor: Actor, now: datetime) -> Spec:
    kept = {
        role: _known_picture(wanted.issuer_id, digest)
        for role, digest in wanted.spec.pictures.items()
    }
    for role, data in wanted.uploads.items():
        content = pictures.cleaned(data, role)
        kept[role] = _keep_picture(wanted.issuer_id, content, actor, now)
    spec = wanted.spec
    return Spec(spec.layout, spec.frame, spec.accent, spec.line, spec.words, kept)


def _known_picture(issuer_id: int, digest: str) -> str:
    query = select(DesignPicture.digest).where(
        DesignPicture.issuer_id == issuer_id, DesignPicture.digest == digest
    )
    if session().scalar(query) is None:
        raise NotFound  # another body's seal is nobody's to use
    return digest


def _keep_picture(issuer_id: int, content: bytes, actor: Actor, now: datetime) -> str:
    digest = pictures.digest_of(content)
    query = select(DesignPicture.id).where(
        DesignPicture.issuer_id == issuer_id, DesignPicture.digest == digest
    )
    if session().scalar(query) is None:
        session().add(
            DesignPicture(
                issuer_id=issuer_id,
                digest=digest,
                sealed=vault().seal(content, picture_place(digest)),
                kept_by=actor.person_id,
                kept_at=now,
            )
        )
        session().flush()
    return digest


def picture_place(digest: str) -> str:
    """The vault place of a design's picture."""
    return f"design.picture:{digest}"


def _next_version(issuer_id: int, kind: str) -> int:
    _queue_for(f"{issuer_id}:{kind}")
    query = select(func.max(Design.version)).where(
        Design.issuer_id == issuer_id, Design.kind == kind
    )
    return (session().scalar(query) or 0) + 1


def _queue_for(key: str) -> None:
    """Let two drafts or decisions about one body follow each other (SQLite does so anyway)."""
    if session().get_bind().dialect.name == "postgresql":
        session().execute(text("SELECT pg_advisory_xact_lock(7201606, hashtext(:k))"), {"k": key})


def note_seen(design_id: int, actor: Actor, now: datetime) -> None:
    """Note, once a person, that she opened the preview of this version."""
    query = select(DesignStep.id).where(
        DesignStep.design_id == design_id,
        DesignStep.kind == "seen",
        DesignStep.actor_id == actor.person_id,
    )
    if session().scalar(query) is None:
        _step(design_id, "seen", "", actor, now)


def approve(design_id: int, actor: Actor, now: datetime) -> None:
    """Let new certificates use it from its day on.

    Raises:
        OwnDesign: the drafter herself. NotSeen: she has not opened the preview. DesignDone: it
        waits no more.
    """
    row = _locked(design_id)
    if row.drafted_by == actor.person_id:
        raise OwnDesign
    if state_of(row) is not State.WAITING:
        raise DesignDone
    if not any(step.kind == "seen" and step.actor_id == actor.person_id for step in row.steps):
        raise NotSeen
    _step(row.id, "approved", "", actor, now)


def refuse(design_id: int, reason: str, actor: Actor, now: datetime) -> None:
    """Send it back; the drafter may do so herself. Raises ReasonNeeded or DesignDone."""
    _against("refused", State.WAITING, design_id, reason, actor, now)


def retire(design_id: int, reason: str, actor: Actor, now: datetime) -> None:
    """Take it out of use at once; papers issued with it keep it. Raises ReasonNeeded or
    DesignDone."""
    _against("retired", State.APPROVED, design_id, reason, actor, now)


def _against(
    kind: str, needs: State, design_id: int, reason: str, actor: Actor, now: datetime
) -> None:
    reason = " ".join(reason.split())
    if len(reason) < SHORTEST_REASON:
        raise ReasonNeeded
    row = _locked(design_id)
    if state_of(row) is not needs:
        raise DesignDone
    _step(row.id, kind, reason[:300], actor, now)


def _step(design_id: int, kind: str, reason: str, actor: Actor, now: datetime) -> None:
    session().add(
        DesignStep(design_id=design_id, kind=kind, actor_id=actor.person_id, at=now, reason=reason)
    )
    session().flush()
    audit.record(actor, f"design.{kind}", "certificate_design", design_id, reason=reason)


def state_of(row: Design) -> State:
    """Where the design stands by its steps."""
    return rules.fold(step.kind for step in row.steps)


def _locked(design_id: int) -> Design:
    row = session().get(Design, design_id)
    if row is None:
        raise NotFound
    _queue_for(f"{row.issuer_id}:{row.kind}")
    session().expire(row, ["steps"])
    return row
