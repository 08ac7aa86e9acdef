"""Who may take an extract of the ledger."""

from lms.core.access import Role, action

OWN_EXTRACT = action("credits.extract", Role.LEARNER)
