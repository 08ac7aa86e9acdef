"""Credentials as JWT (W3C vc-jose-cose, ``typ: vc+jwt``), with the claims Open Badges asks for."""

from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature

from certificates.badges.integrity import Keys, issuer_key
from certificates.badges.strict import Refused, b64, from_b64, parse
from lms.core.db import Json
from lms.core.signing import canonical

_CLAIMS = ("iss", "jti", "nbf", "exp")


def signing_input(credential: Json, method: str) -> bytes:
    """Header and payload, ready to be signed."""
    header = {"alg": "EdDSA", "kid": method, "typ": "vc+jwt"}
    payload = credential | _claims(credential)
    return f"{b64(canonical(header))}.{b64(canonical(payload))}".encode()


def token(signing: bytes, signature: bytes) -> str:
    """The compact form."""
    return f"{signing.decode()}.{b64(signature)}"


def _claims(credential: Json) -> Json:
    """The registered claims; each repeats what the credential says."""
    issuer = credential["issuer"]
    claims = {
        "iss": issuer["id"] if isinstance(issuer, dict) else issuer,
        "jti": credential["id"],
        "nbf": _seconds(credential["validFrom"]),
    }
    until = credential.get("validUntil")
    return claims | ({"exp": _seconds(until)} if until is not None else {})


def _seconds(text: Any) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def opened(text: str, keys: Keys) -> Json:
    """The credential in a token, if a key of its issuer signed it.

    Raises:
        Refused: anything else, with the reason.
    """
    parts = text.split(".")
    if len(parts) != 3 or not text.isascii():
        raise Refused("not a signed token")
    header, payload = parse(from_b64(parts[0])), parse(from_b64(parts[1]))
    if set(header) != {"alg", "kid", "typ"} or (header["alg"], header["typ"]) != (
        "EdDSA",
        "vc+jwt",
    ):
        raise Refused("not a token of the accepted form")
    public = issuer_key(payload, header["kid"], keys)
    try:
        public.verify(from_b64(parts[2]), f"{parts[0]}.{parts[1]}".encode())
    except InvalidSignature as error:
        raise Refused("the signature does not fit") from error
    return _credential(payload)


def _credential(payload: Json) -> Json:
    credential = {name: value for name, value in payload.items() if name not in _CLAIMS}
    try:
        claims = _claims(credential)
    except (KeyError, TypeError, ValueError) as error:
        raise Refused("not a credential") from error
    if {name: payload[name] for name in _CLAIMS if name in payload} != claims:
        raise Refused("the token and the credential in it disagree")
    return credential


def unchecked(text: str) -> Json:
    """The payload of a token that nobody has checked yet. Raises Refused."""
    parts = text.split(".")
    if len(parts) != 3:
        raise Refused("not a signed token")
    return parse(from_b64(parts[1]))
