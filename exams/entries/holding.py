"""One candidate's row, held by whoever starts, withdraws or extends it."""

from exams.entries.models import Entry
from lms.core.db import session


def hold(entry: Entry) -> None:
    """Let acts on one entry wait for each other until the unit of work ends; what the entry says is
    read anew under the lock."""
    session().refresh(entry, with_for_update=True)
