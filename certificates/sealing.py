"""The seal: Ed25519 over the canonical bytes of the facts, checked from what is stored."""

import json
from dataclasses import dataclass
from hashlib import sha256

from lms.core.db import Json
from lms.core.keys.rings import PublicRing
from lms.core.keys.signers import Signer
from lms.core.signing import canonical

PURPOSE = "lms.certificate/1"  # a seal never passes for a signature over something else


@dataclass(frozen=True, slots=True)
class Sealed:
    """Facts with their seal, ready to be stored."""

    text: str
    digest: str
    key_id: str
    signature: bytes


def seal(facts: Json, signer: Signer) -> Sealed:
    """Freeze and seal ``facts``."""
    data = canonical(facts)
    kid, signature = signer.sign(PURPOSE, data)
    return Sealed(data.decode(), sha256(data).hexdigest(), kid, signature)


def open_facts(sealed: Sealed, keys: PublicRing) -> Json | None:
    """The facts, if every byte of them is as it was sealed; else None."""
    data = sealed.text.encode("utf-8", "surrogatepass")
    if sha256(data).hexdigest() != sealed.digest:
        return None
    if not keys.verify(PURPOSE, sealed.key_id, sealed.signature, data):
        return None
    facts: Json = json.loads(data)
    return facts


def commitment(salt: str, id_number: str) -> str:
    """What the sealed facts say about the full id number without giving it away."""
    return sha256(f"{salt}\n{id_number}".encode()).hexdigest()
