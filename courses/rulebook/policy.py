"""Who may read the rulebook and who may change it."""

from lms.core.access import Actor, Role, action

PROVINCE = 2  # digits of a province's region code


def of_the_province(actor: Actor) -> bool:
    """True for officers whose region is the whole province."""
    return any(len(prefix) <= PROVINCE for prefix in actor.regions(Role.OFFICER))


RULES_SEE = action("rules.see", Role.OFFICER, Role.HR, Role.ADMIN)
RULES_CHANGE = action("rules.change", Role.OFFICER, condition=of_the_province)
