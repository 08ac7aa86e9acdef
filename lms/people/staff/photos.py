"""Portraits: checked, cut to the one-inch shape, re-encoded without metadata, encrypted."""

import io
from collections.abc import Collection
from datetime import datetime

from flask_babel import gettext as _
from PIL import Image, ImageOps
from sqlalchemy import select

from lms.core import audit
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import Invalid, NotFound
from lms.core.pictures import BadPicture, Why, decoded
from lms.core.vault import vault
from lms.people.identity import photo_place
from lms.people.models import Person, PersonPhoto
from lms.people.staff.portraits import Doubt, doubts

SIZE = (295, 413)  # one inch at 300 dpi, 25 × 35 mm
MOST_BYTES = 8 * 1024 * 1024
MOST_PIXELS = 50_000_000
LEAST = (200, 280)


class BadPhoto(Invalid):
    """The picture cannot be used; the text says why and what to do."""

    code = "bad-photo"


def portrait(data: bytes, part: tuple[float, float, float] | None = None) -> bytes:
    """A 295 × 413 JPEG of what was uploaded, with nothing but pixels in it.

    ``part`` is what the person chose of it: left, top and width as shares of the picture.

    Raises:
        BadPhoto: too large, too small, another kind of file, or damaged.
    """
    if len(data) > MOST_BYTES:
        raise BadPhoto(_("照片太大（上限 8 MB），请换一张。"))
    try:
        upright = decoded(data, MOST_PIXELS, LEAST).convert("RGB")
    except BadPicture as bad:
        raise BadPhoto(_refusal(bad.why)) from bad
    if part is not None:
        upright = _cut(upright, *part)
    out = io.BytesIO()
    # Faces sit above the middle: keep more of the top when cutting to shape.
    ImageOps.fit(upright, SIZE, Image.Resampling.LANCZOS, centering=(0.5, 0.4)).save(
        out, "JPEG", quality=88, optimize=True
    )
    return out.getvalue()


def _cut(picture: Image.Image, left: float, top: float, width: float) -> Image.Image:
    """The chosen part, as far as it lies within the picture and has pixels enough."""
    wide, high = picture.size
    size = width * wide, width * wide * SIZE[1] / SIZE[0]
    box = (left * wide, top * high, left * wide + size[0], top * high + size[1])
    inside = box[0] > -1 and box[1] > -1 and box[2] < wide + 1 and box[3] < high + 1
    if not inside:
        raise BadPhoto(_("选取的范围超出了照片，请重新选取。"))
    if size[0] < LEAST[0]:
        raise BadPhoto(_("选取的范围太小，请缩小放大的倍数，或换一张更清晰的照片。"))
    return picture.crop((round(box[0]), round(box[1]), round(box[2]), round(box[3])))


def doubts_about(content: bytes) -> list[Doubt]:
    """What speaks against a portrait (what ``portrait`` returned)."""
    with Image.open(io.BytesIO(content), formats=("JPEG",)) as picture:
        return doubts(picture)


def _refusal(why: Why) -> str:
    return {
        Why.DAMAGED: _("认不出这张照片，请用 JPG 或 PNG 格式。"),
        Why.PIXELS: _("照片的尺寸太大，请缩小后再上传。"),
        Why.SMALL: _("照片太小，至少要 200 × 280 像素。"),
        Why.MOVING: _("请上传一张静止的照片。"),
    }[why]


def keep_photo(person_id: int, content: bytes, actor: Actor, now: datetime) -> None:
    """Make ``content`` (what ``portrait`` returned) the person's photo."""
    person = session().get(Person, person_id)
    if person is None:
        raise NotFound
    sealed = vault().seal(content, photo_place(person.ref))
    kept = session().get(PersonPhoto, person_id)
    if kept is None:
        session().add(
            PersonPhoto(person_id=person_id, sealed=sealed, media_type="image/jpeg", updated_at=now)
        )
    else:
        kept.sealed, kept.media_type, kept.updated_at = sealed, "image/jpeg", now
    session().flush()
    audit.record(actor, "person.photo", "person", person_id)


def photo_of(person_id: int) -> bytes | None:
    """The person's portrait as a JPEG, or None."""
    query = select(PersonPhoto.sealed, Person.ref).join(Person, Person.id == PersonPhoto.person_id)
    row = session().execute(query.where(PersonPhoto.person_id == person_id)).first()
    return vault().open(row.sealed, photo_place(row.ref)) if row else None


def with_photos(person_ids: Collection[int]) -> set[int]:
    """Those of these persons whose portrait is kept."""
    query = select(PersonPhoto.person_id).where(PersonPhoto.person_id.in_(person_ids))
    return set(session().scalars(query))
