"""The door of the post room."""

from lms.post.carrying import carry
from lms.post.cli import commands
from lms.post.demo import DemoReminder, seed_reminders
from lms.post.rooms import register
from lms.post.sending import Message, Place, to_endpoints, to_person

__all__ = [
    "DemoReminder",
    "Message",
    "Place",
    "carry",
    "commands",
    "register",
    "seed_reminders",
    "to_endpoints",
    "to_person",
]
