"""Designs and their pictures for tests."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

from PIL import Image, ImageDraw

from certificates.designs.models import Design
from certificates.designs.operations import Draft, approve, draft, note_seen
from certificates.designs.rules import Spec
from lms.core.access import Actor
from lms.core.uow import unit_of_work

NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)


def seal_picture(form: str = "PNG", size: tuple[int, int] = (400, 400), **how: object) -> bytes:
    """A red ring on white paper, as a scanner gives it."""
    picture = Image.new("RGB", size, "white")
    ImageDraw.Draw(picture).ellipse(
        (20, 20, size[0] - 20, size[1] - 20), outline=(200, 20, 20), width=30
    )
    out = io.BytesIO()
    picture.save(out, form, **how)
    return out.getvalue()


def drafted(
    issuer_id: int, kind: str, actor: Actor, spec: Spec | None = None, *,
    since: date = date(2026, 11, 1), **uploads: bytes,
) -> int:  # fmt: skip
    """The id of a design that waits for approval."""
    with unit_of_work():
        row: Design = draft(Draft(issuer_id, kind, spec or Spec(), since, uploads), actor, NOW)
        return row.id


def approved(
    issuer_id: int, kind: str, actors: tuple[Actor, Actor], spec: Spec | None = None, *,
    since: date = date(2026, 11, 1), **uploads: bytes,
) -> int:  # fmt: skip
    """The id of a design drafted by the first and approved by the second."""
    design_id = drafted(issuer_id, kind, actors[0], spec, since=since, **uploads)
    with unit_of_work():
        note_seen(design_id, actors[1], NOW)
        approve(design_id, actors[1], NOW)
    return design_id
