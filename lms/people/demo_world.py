"""What the demo's people part tells the other packages."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class DemoStaff:
    """One person at work today; ``rung`` is the level she is said to hold, if any."""

    person_id: int
    organisation_id: int
    region: str
    post: str
    started_on: date
    rung: int | None


@dataclass(frozen=True, slots=True)
class DemoHome:
    """One home and how many work there."""

    organisation_id: int
    region: str
    name: str
    staff: int


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """A named account for trying the site."""

    login: str
    role: str
    person_id: int


@dataclass(frozen=True)
class DemoWorld:
    """What the other packages need to seed on top of the people.

    ``bases`` maps a city's code to its training base; ``base_id`` is Taiyuan's, which is also
    the evaluator on file (``evaluator_id``).
    """

    year: int
    today: date
    seed: int
    homes: list[DemoHome]
    bases: dict[str, int]
    base_id: int
    evaluator_id: int
    staff: list[DemoStaff]
    accounts: list[DemoAccount]

    @property
    def logins(self) -> dict[str, int]:
        """Login name → person id."""
        return {account.login: account.person_id for account in self.accounts}
