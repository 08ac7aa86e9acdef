"""Regions to choose from: those below what the actor keeps."""

from lms.core.access import Actor, Role
from lms.people.regions import all_regions, region_name


def region_choices(actor: Actor) -> list[tuple[str, str]]:
    """(code, name) of cities and counties in the actor's scope; empty for a single county."""
    prefixes = tuple(actor.regions(Role.OFFICER, Role.ADMIN))
    if not prefixes:
        return []
    below = [code for code in all_regions() if code.startswith(prefixes) and code not in prefixes]
    return [(code, _indented(code)) for code in below if len(code) > 2]


def _indented(code: str) -> str:
    return region_name(code) if len(code) == 4 else f"\u3000{region_name(code)}"
