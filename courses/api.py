"""The door of ``courses``."""

from courses.catalogue import models as _catalogue_models  # noqa: F401 - tables
from courses.enrolment import models as _enrolment_models  # noqa: F401 - tables
from courses.rooms import register

__all__ = ["register"]
