"""The door of ``courses``."""

from courses.catalogue import models as _catalogue_models  # noqa: F401 - tables
from courses.classroom import models as _classroom_models  # noqa: F401 - tables
from courses.compliance import models as _compliance_models  # noqa: F401 - tables
from courses.credits.operations import post_hours, reverse
from courses.credits.queries import TranscriptLine, hours_in_year, transcript
from courses.enrolment import models as _enrolment_models  # noqa: F401 - tables
from courses.rooms import register

__all__ = [
    "TranscriptLine",
    "hours_in_year",
    "post_hours",
    "register",
    "reverse",
    "transcript",
]
