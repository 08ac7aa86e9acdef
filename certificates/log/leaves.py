"""What the log keeps of an event: enough to prove it, nothing that names anybody."""

from dataclasses import dataclass
from datetime import UTC, datetime

from lms.core.signing import canonical
from lms.core.vault import vault

VERSION = 1


@dataclass(frozen=True, slots=True)
class Happened:
    """The ``nth`` event of the certificate whose sealed facts have this digest."""

    digest: str
    nth: int
    kind: str
    at: datetime
    actor_id: int
    reason: str


def leaf_text(event: Happened) -> str:
    """The bytes that are hashed, as text. The digest covers a code nobody can guess, and who did
    it for which reason is bound by a keyed hash, so that a leaf may be published."""
    bound = vault().blind(f"{event.actor_id}\n{event.reason}", "certificate.event")
    said = {
        "v": VERSION,
        "certificate": event.digest,
        "nth": event.nth,
        "event": event.kind,
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "bound": bound,
    }
    return canonical(said).decode()
