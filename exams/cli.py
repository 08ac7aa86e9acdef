"""The commands of ``exams``."""

from exams.bank.cli import import_command
from exams.papers.cli import import_command as import_weights

commands = [import_command, import_weights]
