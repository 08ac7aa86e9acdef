"""The door of ``courses``."""

from courses.appeals import models as _appeals_models  # noqa: F401 - tables
from courses.catalogue import models as _catalogue_models  # noqa: F401 - tables
from courses.catalogue.operations import CourseFaults, load_course_folder, load_starter_courses
from courses.catalogue.queries import LessonLine, VersionCard, current_versions
from courses.claims import models as _claims_models  # noqa: F401 - tables
from courses.claims.queries import hours_missing
from courses.classroom import models as _classroom_models  # noqa: F401 - tables
from courses.classroom import scan_models as _scan_models  # noqa: F401 - tables
from courses.classroom.queries import OwnSession, SessionRow, sessions_for, sessions_on
from courses.cli import commands
from courses.compliance import models as _compliance_models  # noqa: F401 - tables
from courses.compliance.counting import counted_since
from courses.compliance.flags import materialise, refresh_today
from courses.compliance.queries import central_states, duties_of
from courses.compliance.totals import (
    Totals,
    certified_among,
    flag_totals,
    flag_totals_by_home,
    flag_totals_by_region,
)
from courses.compliance.verdicts import Verdict
from courses.compliance.wording import STATE_LABELS, STATE_TONES
from courses.compliance.wording import hours as hours_text
from courses.credits.operations import post_hours, reverse
from courses.credits.queries import TranscriptLine, hours_in_year, transcript
from courses.demo_duty import seed_demo_duty, seed_demo_flags
from courses.demo_learning import seed_demo_courses
from courses.demo_reminders import seed_demo_reminders
from courses.enrolment import models as _enrolment_models  # noqa: F401 - tables
from courses.enrolment.progress import (
    Counts,
    counts_by_organisation,
    counts_by_region,
    staff_progress,
)
from courses.enrolment.queries import (
    CompletedCourse,
    DueCourse,
    completions_of,
    continue_lesson,
    due_courses,
)
from courses.enrolment.wording import PROGRESS_LABELS
from courses.jobs import JOBS
from courses.reminders.delivery import HANDLERS
from courses.rooms import register
from courses.rulebook import models as _rulebook_models  # noqa: F401 - tables
from courses.rulebook.preview import TASK_RUNNERS
from courses.teaching import taught_by

__all__ = [
    "HANDLERS",
    "JOBS",
    "PROGRESS_LABELS",
    "STATE_LABELS",
    "STATE_TONES",
    "TASK_RUNNERS",
    "CompletedCourse",
    "Counts",
    "CourseFaults",
    "DueCourse",
    "LessonLine",
    "OwnSession",
    "SessionRow",
    "Totals",
    "TranscriptLine",
    "Verdict",
    "VersionCard",
    "central_states",
    "certified_among",
    "commands",
    "completions_of",
    "continue_lesson",
    "counted_since",
    "counts_by_organisation",
    "counts_by_region",
    "current_versions",
    "due_courses",
    "duties_of",
    "flag_totals",
    "flag_totals_by_home",
    "flag_totals_by_region",
    "hours_in_year",
    "hours_missing",
    "hours_text",
    "load_course_folder",
    "load_starter_courses",
    "materialise",
    "post_hours",
    "refresh_today",
    "register",
    "reverse",
    "seed_demo_courses",
    "seed_demo_duty",
    "seed_demo_flags",
    "seed_demo_reminders",
    "sessions_for",
    "sessions_on",
    "staff_progress",
    "taught_by",
    "transcript",
]
