"""Data Integrity proofs, ``eddsa-rdfc-2022`` (W3C vc-di-eddsa): made, and checked strictly.

The signature is over two SHA-256 digests: the canonical N-Quads of the proof's options and of the
document. What the canonical form does not see would be unprotected, so a document is accepted only
if it is exactly the compact form of the statements that were signed.
"""

import threading
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pyld import jsonld
from pyld.jsonld import JsonLdError

from certificates.badges import contexts
from certificates.badges.multikey import base58, from_base58
from certificates.badges.strict import Refused
from lms.core.db import Json

SUITE = "eddsa-rdfc-2022"
Loader = Callable[..., dict[str, Any]]
#: the key of a verification method, or None
Keys = Callable[[str], Ed25519PublicKey | None]
_OPTIONS = frozenset(
    {"type", "cryptosuite", "created", "verificationMethod", "proofPurpose", "proofValue"}
)
_ACCEPTED = ([contexts.CREDENTIALS], [contexts.CREDENTIALS, contexts.OPEN_BADGES])
_MOST_OBJECTS = 200
#: PyLD keeps its contexts in caches that are not made for threads.
_turn = threading.Lock()


def options(method: str, created: datetime) -> Json:
    """The proof before its value."""
    return {
        "type": "DataIntegrityProof",
        "cryptosuite": SUITE,
        "created": created.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "verificationMethod": method,
        "proofPurpose": "assertionMethod",
    }


def digests(document: Json, proof: Json, load: Loader = contexts.load) -> bytes:
    """The 64 bytes that are signed; ``document`` without its proof, ``proof`` without its value."""
    configured = {"@context": document["@context"]} | proof
    return _digest(configured, load) + _digest(document, load)


def _digest(document: Json, load: Loader) -> bytes:
    wanted: Any = {
        "algorithm": "URDNA2015",
        "format": "application/n-quads",
        "documentLoader": load,
    }
    with _turn:
        quads = jsonld.normalize(document, wanted)
    return sha256(quads.encode()).digest()


def secured(document: Json, proof: Json, signature: bytes) -> Json:
    """The document with its proof."""
    return document | {"proof": proof | {"proofValue": base58(signature)}}


def check(document: Json, keys: Keys) -> None:
    """Do nothing if every statement of ``document`` was signed by a key of its issuer.

    Raises:
        Refused: anything else, with the reason.
    """
    proof = document.get("proof")
    if not isinstance(proof, dict) or set(proof) != _OPTIONS:
        raise Refused("no Data Integrity proof of the accepted form")
    said = (proof["type"], proof["cryptosuite"], proof["proofPurpose"])
    if said != ("DataIntegrityProof", SUITE, "assertionMethod"):
        raise Refused("no Data Integrity proof of the accepted form")
    if document.get("@context") not in _ACCEPTED:
        raise Refused("contexts other than those of a credential")
    if _objects(document) > _MOST_OBJECTS:
        raise Refused("more parts than any credential")
    public = issuer_key(document, proof["verificationMethod"], keys)
    bare = {name: value for name, value in document.items() if name != "proof"}
    config = {name: value for name, value in proof.items() if name != "proofValue"}
    _check_signature(bare, config, proof["proofValue"], public)
    _check_form(bare)


def issuer_key(document: Json, method: Any, keys: Keys) -> Ed25519PublicKey:
    """The key that ``method`` names, if it is the issuer's. Raises Refused."""
    issuer = document.get("issuer")
    issuer = issuer.get("id") if isinstance(issuer, dict) else issuer
    if not isinstance(issuer, str) or not isinstance(method, str):
        raise Refused("no issuer or no key named")
    if method.partition("#")[0] != issuer:
        raise Refused("signed with a key that is not the issuer's")
    public = keys(method)
    if public is None:
        raise Refused("signed with a key nobody here knows")
    return public


def _check_signature(bare: Json, config: Json, value: Any, public: Ed25519PublicKey) -> None:
    try:
        signature = from_base58(value if isinstance(value, str) else "")
        signed = digests(bare, config)
        public.verify(signature, signed)
    except (ValueError, InvalidSignature) as error:
        raise Refused("the signature does not fit") from error
    except (JsonLdError, RecursionError, TypeError, AttributeError, KeyError) as error:
        raise Refused("not a document its contexts can read") from error


def _check_form(bare: Json) -> None:
    """Refuse members that no signed statement stands for, and other spellings of those there."""
    wanted: Any = {"documentLoader": contexts.load}
    try:
        with _turn:
            compact = jsonld.compact(bare, {"@context": bare["@context"]}, wanted)
    except (JsonLdError, RecursionError, TypeError, AttributeError) as error:
        raise Refused("not a document its contexts can read") from error
    if _plain(compact) != _plain(bare):
        raise Refused("it says more than was signed")


def _plain(value: Any) -> Any:
    """JSON-LD takes one value and a list of one for the same."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        items = [_plain(item) for item in value]
        return items[0] if len(items) == 1 else items
    return (type(value) is bool, value)


def _objects(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + sum(_objects(item) for item in value.values())
    return sum(_objects(item) for item in value) if isinstance(value, list) else 0
