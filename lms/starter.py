"""What every installation begins with: the regions and the first version of each rule."""

from pathlib import Path

from lms.core.rules import load_starter_rules
from lms.people.api import load_regions

_ROOT = Path(__file__).parent.parent
RULE_FOLDERS = tuple(
    _ROOT / place / "starter_rules" for place in ("lms", "certificates", "courses", "exams")
)


def load_starter() -> None:
    """Load regions and rules that are not there yet, in the present unit of work."""
    load_regions()
    for folder in RULE_FOLDERS:
        load_starter_rules(folder)
