"""The keys credentials are signed with, as their documents name them."""

from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from certificates.badges.addresses import key_name
from certificates.badges.integrity import Keys
from certificates.badges.multikey import from_multikey
from lms.core.db import Json
from lms.core.signing import ring, sign


def sign_named(purpose: str, did: str, message: Callable[[str], bytes]) -> tuple[str, bytes]:
    """(verification method, signature); ``message`` is told the method, which it contains."""
    kid = ring().current
    method = key_name(did, kid)
    return method, sign(purpose, message(method), kid)[1]


def known_keys() -> dict[str, Ed25519PublicKey]:
    """Every key of the ring by its id, oldest first, also those announced; for a stolen one the
    issuer does not answer any more."""
    return {key.kid: key.public for key in ring().keys if key.compromised_from is None}


def keys_of_site(is_ours: Callable[[str], bool]) -> Keys:
    """Finds the keys of the issuers of this site; ``is_ours`` knows their DIDs."""

    def find(method: str) -> Ed25519PublicKey | None:
        did, _, kid = method.partition("#")
        return ring().public_key(kid) if is_ours(did) else None

    return find


def keys_in(documents: dict[str, Json]) -> Keys:
    """Finds keys in DID documents that were saved before; see ``did.document``."""

    def find(method: str) -> Ed25519PublicKey | None:
        document = documents.get(method.partition("#")[0])
        return did_key(document, method) if document else None

    return find


def did_key(document: Json, method: str) -> Ed25519PublicKey | None:
    """The Ed25519 key ``method`` in a DID document, if it may sign credentials."""
    may_sign, methods = document.get("assertionMethod"), document.get("verificationMethod")
    if not isinstance(may_sign, list) or not isinstance(methods, list) or method not in may_sign:
        return None
    for entry in methods:
        said = entry if isinstance(entry, dict) else {}
        if (said.get("id"), said.get("controller")) == (method, document.get("id")):
            return _multikey(said.get("publicKeyMultibase"))
    return None


def _multikey(text: object) -> Ed25519PublicKey | None:
    try:
        return from_multikey(text) if isinstance(text, str) else None
    except ValueError:
        return None
