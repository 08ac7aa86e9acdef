"""Which design is in force, what it looks like, and the lists of them."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from sqlalchemy import exists, func, select

from certificates.designs import rules
from certificates.designs.models import Design, DesignPicture, DesignStep
from certificates.designs.operations import picture_place
from certificates.designs.policy import visible_to
from certificates.designs.rules import Spec, State
from certificates.errors import Damaged
from certificates.paper.look import PLAIN, Look
from lms.core.access import Actor, Role
from lms.core.db import Json, session
from lms.core.vault import VaultError, vault
from lms.people.api import OrganisationCard, organisation_cards, organisations_in

MOST_LISTED = 200
ISSUING_KINDS = ("base", "evaluator", "authority")


@dataclass(frozen=True, slots=True)
class Chosen:
    """The design a new certificate takes: what its facts say of it, and the face's title."""

    facts: Json
    words: dict[str, str]


USUAL = Chosen({"base": PLAIN.base}, {})


def design_for(issuer_id: int, kind: str, on: date) -> Chosen:
    """The newest approved design in force on a day, else the usual look; one statement."""
    approved = exists().where(DesignStep.design_id == Design.id, DesignStep.kind == "approved")
    ended = exists().where(
        DesignStep.design_id == Design.id, DesignStep.kind.in_(("retired", "refused"))
    )
    query = (
        select(Design.id, Design.version, Design.digest, Design.spec)
        .where(
            Design.issuer_id == issuer_id,
            Design.kind == kind,
            Design.effective_from <= on,
            approved,
            ~ended,
        )
        .order_by(Design.effective_from.desc(), Design.version.desc())
        .limit(1)
    )
    row = session().execute(query).first()
    if row is None:
        return USUAL
    spec = json.loads(row.spec)
    named = {"base": spec["base"], "id": row.id, "version": row.version, "digest": row.digest}
    return Chosen(named, spec["words"])


def look_of(named: Json | None) -> Look:
    """The look a certificate's facts name. Raises Damaged if it is not as it was."""
    if not named or "id" not in named:
        return Look(base=named["base"]) if named else PLAIN
    row = session().get(Design, named["id"])
    if row is None or not row.digest == named["digest"] == rules.digest_of(row.spec):
        raise Damaged
    return look_in(row)


def look_in(row: Design) -> Look:
    """The look of a design, pictures opened. Raises Damaged."""
    stored = json.loads(row.spec)
    return Look(
        stored["base"],
        stored["layout"],
        stored["frame"],
        stored["accent"],
        stored["line"],
        stored["words"],
        _pictures(row.issuer_id, stored["pictures"]),
    )


def _pictures(issuer_id: int, wanted: dict[str, str]) -> dict[str, bytes]:
    if not wanted:
        return {}
    query = select(DesignPicture.digest, DesignPicture.sealed).where(
        DesignPicture.issuer_id == issuer_id, DesignPicture.digest.in_(wanted.values())
    )
    sealed = dict(session().execute(query).tuples().all())
    try:
        opened = {d: vault().open(content, picture_place(d)) for d, content in sealed.items()}
        found = {role: opened[digest] for role, digest in wanted.items()}
    except (KeyError, VaultError) as error:
        raise Damaged from error
    if any(sha256(found[role]).hexdigest() != digest for role, digest in wanted.items()):
        raise Damaged
    return found


@dataclass(frozen=True, slots=True)
class DesignLine:
    """A design in a list."""

    id: int
    issuer: str
    kind: str
    version: int
    state: State
    effective_from: date
    drafted_at: datetime


@dataclass(frozen=True, slots=True)
class StepLine:
    """What happened to a design."""

    kind: str
    actor_id: int
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class DesignPage:
    """A design with everything its page shows."""

    id: int
    issuer_id: int
    issuer_region: str
    issuer: str
    kind: str
    version: int
    spec: Spec
    digest: str
    state: State
    effective_from: date
    drafted_by: int
    drafted_at: datetime
    steps: tuple[StepLine, ...]

    def seen_by(self, person_id: int) -> bool:
        """True if she opened the preview."""
        return any(step.kind == "seen" and step.actor_id == person_id for step in self.steps)


def designs_seen_by(actor: Actor) -> list[DesignLine]:
    """The designs an actor may see, newest first; three statements."""
    rows = (
        session()
        .scalars(
            select(Design).where(visible_to(actor)).order_by(Design.id.desc()).limit(MOST_LISTED)
        )
        .all()
    )
    steps = select(DesignStep.design_id, DesignStep.kind).where(
        DesignStep.design_id.in_([row.id for row in rows])
    )
    happened: dict[int, list[str]] = {row.id: [] for row in rows}
    for design_id, kind in session().execute(steps.order_by(DesignStep.id)):
        happened[design_id].append(kind)
    names = organisation_cards({row.issuer_id for row in rows})
    return [
        DesignLine(
            row.id,
            names[row.issuer_id].name,
            row.kind,
            row.version,
            rules.fold(happened[row.id]),
            row.effective_from,
            row.drafted_at,
        )
        for row in rows
    ]


def design_page(design_id: int) -> DesignPage | None:
    """One design, or None; three statements."""
    row = session().get(Design, design_id)
    if row is None:
        return None
    steps = tuple(StepLine(s.kind, s.actor_id, s.at, s.reason) for s in row.steps)
    return DesignPage(
        row.id,
        row.issuer_id,
        row.issuer_region,
        organisation_cards([row.issuer_id])[row.issuer_id].name,
        row.kind,
        row.version,
        rules.spec_of(json.loads(row.spec)),
        row.digest,
        rules.fold(step.kind for step in steps),
        row.effective_from,
        row.drafted_by,
        row.drafted_at,
        steps,
    )


def latest_spec(issuer_id: int, kind: str) -> Spec | None:
    """What the body's newest version of a kind says, to begin the next one with."""
    newest = select(func.max(Design.version)).where(
        Design.issuer_id == issuer_id, Design.kind == kind
    )
    query = select(Design.spec).where(
        Design.issuer_id == issuer_id,
        Design.kind == kind,
        Design.version == newest.scalar_subquery(),
    )
    stored = session().scalar(query)
    return rules.spec_of(json.loads(stored)) if stored else None


def issuers_for(actor: Actor) -> list[OrganisationCard]:
    """The bodies an actor may draft designs for, by name."""
    cards = organisation_cards(actor.organisations(Role.EXAMINER))
    for region in actor.regions(Role.ADMIN):
        cards |= {card.id: card for card in organisations_in(region, *ISSUING_KINDS)}
    known = [card for card in cards.values() if card.closed_on is None]
    return sorted(known, key=lambda card: (card.region, card.name))
