"""The JSON-LD contexts, read from an installed package; nothing is ever fetched.

A signature covers what the terms of a document mean, so the files are pinned by digest: other
bytes under the same name would silently change what was signed.
"""

import json
from functools import cache
from hashlib import sha256
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from pyld.jsonld import JsonLdError

from lms.core.db import Json

CREDENTIALS = "https://www.w3.org/ns/credentials/v2"
OPEN_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
DID = "https://www.w3.org/ns/did/v1"
MULTIKEY = "https://w3id.org/security/multikey/v1"

#: Read as data from where pip put them: importing the package would load all of its code.
_CARRIER = "openbadgeslib"
_FILES = {
    CREDENTIALS: (
        "credentials-v2.json",
        "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734",
    ),
    OPEN_BADGES: (
        "ob-v3p0-context-3.0.3.json",
        "3d34f4d4ef1bce691106e63798beb5e7b862ba841423f5ee1e53ab7ddf3bca84",
    ),
}


@cache
def context(url: str) -> Json:
    """The context document at ``url``.

    Raises:
        JsonLdError: it is not one of ours. RuntimeError: the installed file is another.
    """
    if url not in _FILES:
        raise JsonLdError(
            "no such context here", "jsonld.LoadDocumentError", code="loading document failed"
        )
    name, digest = _FILES[url]
    path = Path(str(distribution(_CARRIER).locate_file(f"openbadgeslib/ob3/contexts/{name}")))
    data = path.read_bytes()
    if sha256(data).hexdigest() != digest:
        raise RuntimeError(f"{name} of {_CARRIER} is not the file credentials were signed with")
    found: Json = json.loads(data)
    return found


def load(url: str, _options: object = None) -> dict[str, Any]:
    """PyLD's document loader."""
    return {
        "contentType": "application/ld+json",
        "contextUrl": None,
        "documentUrl": url,
        "document": context(url),
        "tag": "static",
    }
