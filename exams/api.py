"""The door of ``exams``."""

from exams.bank.starter_bank import load_starter_questions
from exams.cli import commands
from exams.demo import seed_demo
from exams.entries.queries import ExamCard, Stage, exams_for
from exams.entries.staff_queries import EventRow, events_on
from exams.jobs import JOBS, TASK_RUNNERS
from exams.marking.concluding import conclude
from exams.marking.stations.library import load_starter_checklists
from exams.results.queries import ResultCard, results_of
from exams.rooms import register

__all__ = [
    "JOBS",
    "TASK_RUNNERS",
    "EventRow",
    "ExamCard",
    "ResultCard",
    "Stage",
    "commands",
    "conclude",
    "events_on",
    "exams_for",
    "load_starter_checklists",
    "load_starter_questions",
    "register",
    "results_of",
    "seed_demo",
]
