"""The form's token, given and checked without a Flask request, as Flask-WTF gives and checks it."""

import secrets
from collections.abc import Mapping
from hashlib import blake2b
from hmac import compare_digest

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadData, Signer, URLSafeTimedSerializer
from itsdangerous.encoding import base64_encode

from lms.core import clock

#: So many pairs are remembered; each takes some 150 bytes.
REMEMBERED = 60_000


class FormTokens:
    """Knows whether a token belongs to a browser's form cookie.

    A pair that was proven is remembered by a keyed digest until its cookie is too
    old: a phone sends the same pair with every answer.
    """

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
        # Kept, because making a signer derives its key anew.
        self._cookie_signer = cookies.make_signer(cookies.salt)
        self._token_signer = self._tokens.make_signer(self._tokens.salt)
        self._longest = int(app.permanent_session_lifetime.total_seconds())
        self._key = secrets.token_bytes(32)
        self._proven: dict[bytes, float] = {}

    def belongs(self, token: str, cookie: str) -> bool:
        """True if the site gave this token to the browser that holds this cookie."""
        pair = blake2b(f"{token} {cookie}".encode(), key=self._key, digest_size=16).digest()
        now = clock.now().timestamp()
        if now < self._proven.get(pair, 0.0):
            return True
        until = self._proof(token, cookie)
        if until <= now:
            return False
        if len(self._proven) >= REMEMBERED:
            self._proven.clear()
        self._proven[pair] = until
        return True

    def fresh(self, cookie: str) -> str | None:
        """A token for the page of the browser that holds this cookie; None if there is no such
        cookie, or if it carries a message that the page has to show."""
        try:
            kept = self._cookies.loads(cookie, max_age=self._longest)
        except BadData:
            return None
        known = kept.get("csrf_token") if isinstance(kept, Mapping) else None
        if not isinstance(known, str) or "_flashes" in kept:
            return None
        return self.token_for(known)

    def alone_in(self, cookie: str) -> str | None:
        """The secret a form cookie of ours carries; None if it is none, too old, or carries more,
        such as a message that waits to be shown."""
        try:
            kept = self._cookies.loads(cookie, max_age=self._longest)
        except BadData:
            return None
        if not isinstance(kept, Mapping) or kept.keys() != {"csrf_token"}:
            return None
        secret = kept["csrf_token"]
        return secret if isinstance(secret, str) else None

    def new_secret(self) -> tuple[str, str]:
        """A secret for a browser without a form cookie, and the cookie's value."""
        secret = secrets.token_hex(20)
        return secret, _signed(self._cookie_signer, f'{{"csrf_token":"{secret}"}}')

    def token_for(self, secret: str) -> str:
        """A form's token for the browser with this secret."""
        return _signed(self._token_signer, f'"{secret}"')

    def _proof(self, token: str, cookie: str) -> float:
        """Until when (seconds since 1970) the pair is good; 0 if it is not."""
        try:
            kept, signed_at = self._cookies.loads(
                cookie, max_age=self._longest, return_timestamp=True
            )
            said = self._tokens.loads(token)
        except BadData:
            return 0.0
        known = kept.get("csrf_token") if isinstance(kept, Mapping) else None
        if not isinstance(known, str) or not isinstance(said, str):
            return 0.0
        return signed_at.timestamp() + self._longest if compare_digest(known, said) else 0.0


def _signed(signer: Signer, json: str) -> str:
    """What a serializer makes of this JSON, without trying whether fifty characters compress."""
    return signer.sign(base64_encode(json)).decode()
