"""Timed work of the package."""

from courses.compliance.jobs import JOBS as COMPLIANCE
from courses.compliance.jobs import Job
from courses.reminders.jobs import JOBS as REMINDERS

JOBS: list[Job] = [*COMPLIANCE, *REMINDERS]
