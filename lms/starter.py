"""What every installation begins with: regions, rules, courses, questions and checklists."""

from pathlib import Path

from courses.api import load_starter_courses
from exams.api import load_starter_checklists, load_starter_questions
from lms.core import clock
from lms.core.access import SYSTEM
from lms.core.rules import load_starter_rules
from lms.core.setup import installation_kind, migrate_database
from lms.core.uow import unit_of_work
from lms.people.api import load_regions

_ROOT = Path(__file__).parent.parent
RULE_FOLDERS = tuple(
    _ROOT / place / "starter_rules" for place in ("lms", "certificates", "courses", "exams")
)


def load_new_rules() -> None:
    """Load the rules that came with a newer version of the platform, in the present unit of work;
    rules already there stay as they are."""
    for folder in RULE_FOLDERS:
        load_starter_rules(folder)


def bring_up_to_date() -> None:
    """Migrate the database; an installation in use also gets the rules that are new."""
    migrate_database()
    if installation_kind() is not None:
        with unit_of_work():
            load_new_rules()


def load_starter() -> None:
    """Load what is not there yet, in the present unit of work."""
    load_regions()
    load_new_rules()
    now = clock.now()
    load_starter_courses(SYSTEM, now)
    load_starter_questions(SYSTEM, now)
    load_starter_checklists(SYSTEM, now)
