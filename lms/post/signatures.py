"""Signatures that receivers ask for; each follows its publisher's description.

Standard Webhooks (standardwebhooks.com), DingTalk and Feishu custom robots, and version 3 of the
Alibaba Cloud request signature (ACS3-HMAC-SHA256). Pure functions of their arguments.
"""

import base64
import hmac
import secrets
from collections.abc import Mapping, Sequence
from hashlib import sha256
from urllib.parse import quote

PREFIX = "whsec_"


def new_secret() -> str:
    """A fresh webhook secret: 32 random bytes, written as Standard Webhooks does."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def webhook_signature(keys: Sequence[str], message_id: str, timestamp: int, body: bytes) -> str:
    """The header ``webhook-signature``: one ``v1`` signature for each secret that is in use."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return " ".join(
        "v1," + _base64(base64.b64decode(key.removeprefix(PREFIX)), signed) for key in keys
    )


def dingtalk_sign(secret: str, milliseconds: int) -> str:
    """The parameter ``sign`` of a DingTalk robot's address, not yet percent-encoded."""
    return _base64(secret.encode(), f"{milliseconds}\n{secret}".encode())


def feishu_sign(secret: str, seconds: int) -> str:
    """The field ``sign`` of a Feishu robot's message; the text is the key, the message is empty."""
    return _base64(f"{seconds}\n{secret}".encode(), b"")


def acs3_query(parameters: Mapping[str, str]) -> str:
    """The canonical query: sorted, percent-encoded as RFC 3986 says."""
    return "&".join(f"{_encoded(key)}={_encoded(parameters[key])}" for key in sorted(parameters))


def acs3_authorization(
    key: str, secret: str, query: str, headers: Mapping[str, str], body: bytes = b""
) -> str:
    """The header ``Authorization`` of a POST to ``/``; ``headers`` are the signed ones, in small
    letters, ``x-acs-content-sha256`` among them."""
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in sorted(headers))
    request = "\n".join(("POST", "/", query, lines, names, sha256(body).hexdigest()))
    told = f"ACS3-HMAC-SHA256\n{sha256(request.encode()).hexdigest()}"
    signature = hmac.new(secret.encode(), told.encode(), sha256).hexdigest()
    return f"ACS3-HMAC-SHA256 Credential={key},SignedHeaders={names},Signature={signature}"


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")


def _base64(key: bytes, message: bytes) -> str:
    return base64.b64encode(hmac.new(key, message, sha256).digest()).decode()
