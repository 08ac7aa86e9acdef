"""The door of ``exams``."""

from exams.bank.starter_bank import load_starter_questions
from exams.rooms import register

__all__ = ["load_starter_questions", "register"]
