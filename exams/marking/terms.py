"""The marking rule in force for an event."""

from datetime import datetime

from exams.entries.models import ExamEvent
from exams.marking.agreement import Terms
from lms.core import clock
from lms.core.rules import rule_on


def terms_of(event: ExamEvent, now: datetime) -> Terms:
    """Spread, third marker, panels, recusal; one statement."""
    rule = rule_on("exams.marking", clock.local_date(now))
    return Terms.of(rule.value, rule.stamp, event.spread_tenths)
