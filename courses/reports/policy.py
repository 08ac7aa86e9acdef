"""Who reads the yearly report of a region."""

from dataclasses import dataclass

from lms.core.access import Actor, Role, action


@dataclass(frozen=True, slots=True)
class RegionScope:
    """The region a report is about."""

    region: str


def _covers(actor: Actor, target: RegionScope) -> bool:
    return actor.covers(target.region, Role.OFFICER)


REPORT_SEE = action("reports.central", Role.OFFICER, rule=_covers)
