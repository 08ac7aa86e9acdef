"""Addresses and identifiers that credentials carry; all of them follow from the base address."""

from urllib.parse import urlsplit


def _web(base_url: str, *path: str) -> str:
    """The did:web of a path below the base address; a port is written ``%3A``."""
    parts = urlsplit(base_url)
    below = [step for step in parts.path.split("/") if step]
    return ":".join(["did:web", parts.netloc.replace(":", "%3A"), *below, *path])


def site_did(base_url: str) -> str:
    """Who runs the site and looks after the keys."""
    return _web(base_url)


def issuer_did(base_url: str, organisation_id: int) -> str:
    """The body that evaluated, is responsible and issues."""
    return _web(base_url, "issuers", str(organisation_id))


def key_name(did: str, key_id: str) -> str:
    """A verification method of ``did``."""
    return f"{did}#{key_id}"


def credential_url(base_url: str, code: str) -> str:
    """The credential that anybody with the code may read."""
    return f"{base_url}/v/{code}/credential"


def list_url(base_url: str, organisation_id: int, purpose: str, number: int) -> str:
    """A status list of an issuer."""
    return f"{base_url}/issuers/{organisation_id}/status/{purpose}/{number}"
