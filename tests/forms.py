"""Filling in forms as a browser does: the CSRF token comes from a page."""

import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def token_from(client: FlaskClient, page: str = "/sign-in") -> str:
    """The CSRF token of a page; every page of the site carries one in its top bar."""
    answer = client.get(page, follow_redirects=True)
    found = _TOKEN.search(answer.text)
    assert found, f"{page} has no form ({answer.status_code})"
    return found[1]


def post(
    client: FlaskClient, url: str, data: dict[str, object] | None = None, page: str | None = None,
    **more: object,
) -> TestResponse:  # fmt: skip
    """Send a form with the token of ``page`` (any page of the site will do)."""
    token = token_from(client, page or "/sign-in")
    return client.post(url, data={"csrf_token": token, **(data or {})}, **more)
