"""``lms init``: an empty production database and its first administrator."""

from lms.core import clock
from lms.core.db import session
from lms.core.errors import Conflict
from lms.core.setup import Installation, installation_kind, migrate_database
from lms.core.uow import unit_of_work
from lms.people.api import NewPerson, create_administrator
from lms.starter import load_starter


def refuse_if_in_use() -> None:
    """Raise Conflict when the present app's database holds an installation."""
    if installation_kind() is not None:
        raise Conflict("this database is in use already; nothing was changed")


def initialise(new: NewPerson, login: str) -> str:
    """Set up the present app's empty database; returns the administrator's activation code.

    Raises:
        Conflict: the database is in use. Invalid: id number, phone or login cannot be used.
    """
    refuse_if_in_use()
    migrate_database()
    now = clock.now()
    with unit_of_work():
        session().add(Installation(id=1, kind="production", created_at=now))
        load_starter()
        return create_administrator(new, login, now)
