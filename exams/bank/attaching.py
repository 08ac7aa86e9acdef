"""Pictures and sounds that come with a file of questions: checked when it is planned, kept when it
is applied. What this site has kept before is taken as it is, so an export comes back the same."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from exams.bank import shelf
from exams.bank.formats.items import Fault, Item, Reading
from exams.bank.kinds import media_of
from exams.bank.media import BadMedia, checked
from exams.bank.models import Bank, BankMedia, MediaFile
from lms.core.access import Actor
from lms.core.db import session


@dataclass(slots=True)
class Attached:
    """Items whose media carry the digests they will have; the files behind these digests."""

    items: list[Item] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)


def attached(reading: Reading) -> Attached:
    """Check every file that a question shows; writes nothing."""
    if not reading.files:
        return Attached(list(reading.items))
    settled, refused = _settled(reading)
    found = Attached()
    for item in reading.items:
        wanted = media_of(item.draft.body)
        reasons = dict.fromkeys(refused[digest] for digest in wanted if digest in refused)
        if reasons:
            found.faults += [Fault(item.where, reason) for reason in reasons]
            continue
        found.files |= {settled[d]: reading.files[d] for d in wanted if d in settled}
        body = _renamed(item.draft.body, settled)
        found.items.append(replace(item, draft=replace(item.draft, body=body)))
    return found


def _settled(reading: Reading) -> tuple[dict[str, str], dict[str, str]]:
    """Digest as it came → digest as it is kept, or → why it cannot be."""
    known = set(
        session().scalars(select(MediaFile.digest).where(MediaFile.digest.in_(reading.files)))
    )
    settled, refused = {digest: digest for digest in known}, {}
    for digest in reading.files.keys() - known:
        try:
            settled[digest] = checked(reading.files[digest]).digest
        except BadMedia as refusal:
            refused[digest] = str(refusal)
    return settled, refused


def _renamed(body: Mapping[str, Any], settled: Mapping[str, str]) -> dict[str, Any]:
    """The body with the digests of what is kept."""
    new = dict(body)
    if "media" in new:
        new["media"] = [
            item | {"digest": settled.get(item["digest"], item["digest"])} for item in new["media"]
        ]
    if "parts" in new:
        new["parts"] = [part | {"body": _renamed(part["body"], settled)} for part in new["parts"]]
    return new


def keep_all(bank: Bank, files: Mapping[str, bytes], actor: Actor, now: datetime) -> None:
    """Keep the files of a plan and let the bank use them. Callers commit."""
    for digest, content in files.items():
        if session().get(BankMedia, (bank.id, digest)):
            continue
        if session().get(MediaFile, digest) is None:
            shelf.keep(bank, content, actor, now)
        else:
            row = BankMedia(bank_id=bank.id, digest=digest, added_by=actor.person_id, added_at=now)
            session().add(row)
            session().flush()
