"""DID documents (did:web): which keys speak for an issuer. Old keys stay for ever."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from certificates.badges import contexts
from certificates.badges.addresses import key_name
from certificates.badges.multikey import multikey
from lms.core.db import Json


def document(did: str, keys: dict[str, Ed25519PublicKey]) -> Json:
    """The document of ``did``, with every key of the ring."""
    methods = [
        {
            "id": key_name(did, kid),
            "type": "Multikey",
            "controller": did,
            "publicKeyMultibase": multikey(public),
        }
        for kid, public in keys.items()
    ]
    return {
        "@context": [contexts.DID, contexts.MULTIKEY],
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
    }
