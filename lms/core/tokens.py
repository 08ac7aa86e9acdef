"""The form's token, checked without a Flask request; the same check as Flask-WTF's."""

from hmac import compare_digest

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadData, URLSafeTimedSerializer


class FormTokens:
    """Knows whether a token belongs to a browser's form cookie."""

    def __init__(self, app: Flask) -> None:
        interface = app.session_interface
        cookies = (
            interface.get_signing_serializer(app)
            if isinstance(interface, SecureCookieSessionInterface)
            else None
        )
        if cookies is None or not isinstance(app.secret_key, str):
            raise RuntimeError("the form cookie cannot be read")
        self.cookie = str(app.config["SESSION_COOKIE_NAME"])
        self._cookies = cookies
        self._tokens = URLSafeTimedSerializer(app.secret_key, salt="wtf-csrf-token")
        self._longest = int(app.permanent_session_lifetime.total_seconds())

    def belongs(self, token: str, cookie: str) -> bool:
        """True if the site gave this token to the browser that holds this cookie."""
        try:
            kept = self._cookies.loads(cookie, max_age=self._longest).get("csrf_token")
            said = self._tokens.loads(token)
        except BadData:
            return False
        return isinstance(kept, str) and isinstance(said, str) and compare_digest(kept, said)
