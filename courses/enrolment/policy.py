"""Who may learn, and who may see how others are doing."""

from lms.core.access import Role, action

STUDY = action("learning.study", Role.LEARNER)
PROGRESS = action("learning.progress", Role.HR, Role.OFFICER, Role.ADMIN)
