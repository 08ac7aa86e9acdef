"""What every installation begins with: regions, the first version of each rule, courses."""

from pathlib import Path

from courses.api import load_starter_courses
from lms.core import clock
from lms.core.access import SYSTEM
from lms.core.rules import load_starter_rules
from lms.people.api import load_regions

_ROOT = Path(__file__).parent.parent
RULE_FOLDERS = tuple(
    _ROOT / place / "starter_rules" for place in ("lms", "certificates", "courses", "exams")
)


def load_starter() -> None:
    """Load regions, rules and courses that are not there yet, in the present unit of work."""
    load_regions()
    for folder in RULE_FOLDERS:
        load_starter_rules(folder)
    load_starter_courses(SYSTEM, clock.now())
