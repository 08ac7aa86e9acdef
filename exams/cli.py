"""The commands of ``exams``."""

from exams.bank.cli import import_command

commands = [import_command]
