"""Telling the upper storeys, after commit, whose employment has changed."""

import secrets
from collections.abc import Collection

from lms.core import outbox
from lms.people.queries import in_chunks

EMPLOYMENT_CHANGED = "employment.changed"
_SIZE = 500


def announce_employment(person_ids: Collection[int]) -> None:
    """Write letters in the present unit of work: these people's duties are to be looked at anew."""
    for chunk in in_chunks(sorted(set(person_ids)), _SIZE):
        key = f"{EMPLOYMENT_CHANGED}:{secrets.token_hex(12)}"
        outbox.put(EMPLOYMENT_CHANGED, key, {"person_ids": list(chunk)})
