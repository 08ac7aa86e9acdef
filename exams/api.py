"""The door of ``exams``."""

from exams.bank.starter_bank import load_starter_questions
from exams.cli import commands
from exams.demo import seed_demo
from exams.entries.queries import ExamCard, Stage, exams_for
from exams.jobs import JOBS
from exams.results.concluding import conclude
from exams.results.queries import ResultCard, results_of
from exams.rooms import register

__all__ = [
    "JOBS",
    "ExamCard",
    "ResultCard",
    "Stage",
    "commands",
    "conclude",
    "exams_for",
    "load_starter_questions",
    "register",
    "results_of",
    "seed_demo",
]
