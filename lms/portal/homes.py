"""What a home page shows."""

from dataclasses import dataclass

from lms.core.access import Actor


@dataclass(frozen=True, slots=True)
class Home:
    """A home page."""

    name: str


def home_of(actor: Actor, shell: str) -> Home:
    """The home of ``actor`` in a shell."""
    return Home(actor.name)
