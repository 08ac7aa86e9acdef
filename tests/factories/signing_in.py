"""A browser in which somebody is signed in, without going through the form."""

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from lms.core import clock
from lms.core.db import session
from lms.core.uow import unit_of_work
from lms.people import sessions
from lms.people.api import hash_password
from lms.people.models import Account


def sign_in_as(app: Flask, person_id: int) -> FlaskClient:
    """Start a session with the second factor done and return its browser."""
    with app.app_context():
        with unit_of_work():
            account = session().scalars(select(Account).where(Account.person_id == person_id)).one()
            token = sessions.begin(account, clock.now(), "test", second_factor=True).token
        name = sessions.cookie_name()
    client = app.test_client()
    client.set_cookie(name, token)
    return client


def give_password(app: Flask, person_id: int, password: str, login: str | None = None) -> None:
    """Let a person sign in by password (and login name), as after activation."""
    password_hash = hash_password(password)
    with app.app_context(), unit_of_work():
        account = session().scalars(select(Account).where(Account.person_id == person_id)).one()
        account.password_hash = password_hash
        account.status = "active"
        account.login = login or account.login
