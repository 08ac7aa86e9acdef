"""Where checked pictures and sounds are kept: one file each, named by its digest."""

from datetime import datetime
from pathlib import Path

from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from exams.bank.kinds import DIGEST
from exams.bank.media import ENDINGS, Checked, checked
from exams.bank.models import Bank, BankMedia, MediaFile
from lms.core import audit
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import NotFound
from lms.core.files import write_private


def keep(bank: Bank, data: bytes, actor: Actor, now: datetime) -> MediaFile:
    """Check an upload and let a bank use it; the same file again is the same row. Callers commit.

    Raises:
        BadMedia: it cannot be used.
    """
    found = checked(data)
    kept = session().get(MediaFile, found.digest) or _kept(found, now)
    if session().get(BankMedia, (bank.id, kept.digest)) is None:
        row = BankMedia(bank_id=bank.id, digest=kept.digest, added_by=actor.person_id, added_at=now)
        session().add(row)
        session().flush()
        audit.record(actor, "bank.media.add", "bank", bank.id, digest=kept.digest)
    return kept


def _kept(found: Checked, now: datetime) -> MediaFile:
    """The file first, then its row: a row without a file is never seen."""
    row = MediaFile(
        digest=found.digest,
        kind=found.kind,
        content_type=found.content_type,
        size=len(found.content),
        width=found.width,
        height=found.height,
        duration=found.duration,
        added_at=now,
    )
    write_private(_path(row), found.content)
    try:
        with session().begin_nested():
            session().add(row)
    except IntegrityError:  # somebody else kept the same file this very moment
        return session().get_one(MediaFile, found.digest)
    return row


def file_named(digest: str) -> MediaFile:
    """The file with this digest. Raises NotFound."""
    row = session().get(MediaFile, digest) if DIGEST.fullmatch(digest) else None
    if row is None:
        raise NotFound
    return row


def path_of(file: MediaFile) -> Path:
    """Where a file lies. Raises NotFound when it was lost."""
    path = _path(file)
    if not path.is_file():
        raise NotFound
    return path


def banks_with(digest: str) -> list[Bank]:
    """The banks that may use a file."""
    query = select(Bank).join(BankMedia, BankMedia.bank_id == Bank.id)
    return list(session().scalars(query.where(BankMedia.digest == digest)))


def _path(file: MediaFile) -> Path:
    name = f"{file.digest}.{ENDINGS[file.content_type]}"
    return Path(current_app.instance_path) / "media" / file.digest[:2] / name
