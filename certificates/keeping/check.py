"""Whether keys, the signer's record and the register say the same."""

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import select

from certificates.models import Certificate
from certificates.sealing import PURPOSE
from lms.core.db import session
from lms.core.errors import NotFound
from lms.core.keys.folder import RINGS, KeyFolder
from lms.core.keys.journal import BrokenChain, Line, journal_file, read_journal
from lms.core.keys.module import ModuleSettings
from lms.core.keys.rings import key_id

BATCH = 500


def faults(keys: Path, module: ModuleSettings | None = None) -> Iterator[str]:
    """What does not fit, in words."""
    yield from _key_faults(keys, module)
    try:
        yield from _strangers(read_journal(journal_file(keys)))
    except FileNotFoundError:
        return
    except BrokenChain as error:
        yield f"the signer's record was changed: {error}"


def _key_faults(keys: Path, module: ModuleSettings | None) -> Iterator[str]:
    for name in RINGS:
        folder = KeyFolder(keys, name, module)
        for key in folder.read().keys:
            try:
                private = folder.private_key(key.serial)
            except NotFound:
                if key.retired_at is None:
                    yield f"{name} {key.kid}: the private half is missing"
                continue
            if key_id(private.public_key()) != key.kid:
                yield f"{name} {key.kid}: the private half is another key's"


def _strangers(lines: Iterator[Line]) -> Iterator[str]:
    """Seals the signer made that no certificate carries: of issues that were rolled back, or of
    forgeries made for use elsewhere."""
    waiting: dict[str, Line] = {}
    for line in lines:
        if line.purpose == PURPOSE:
            waiting[line.digest] = line
        if len(waiting) >= BATCH:
            yield from _unknown(waiting)
            waiting = {}
    yield from _unknown(waiting)


def _unknown(lines: dict[str, Line]) -> Iterator[str]:
    query = select(Certificate.digest).where(Certificate.digest.in_(lines))
    known = set(session().scalars(query))
    for digest, line in lines.items():
        if digest not in known:
            yield f"sealed at {line.at:%Y-%m-%d %H:%M:%S} UTC but not in the register: {digest}"
