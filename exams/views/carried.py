"""What a request for an express lane carries, read without Flask; what was read is put back for
the ordinary way."""

import io
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from lms.core.doors import cookies_in

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

LONGEST = 64 * 1024
MOST_FIELDS = 10


def cookies_of(environ: "WSGIEnvironment") -> Mapping[str, str]:
    """The cookies of a request."""
    return cookies_in(environ.get("HTTP_COOKIE", ""))


def json_of(environ: "WSGIEnvironment") -> dict[str, Any] | None:
    """The JSON object sent; None for anything else."""
    raw = _body(environ, "application/json")
    if raw is None:
        return None
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def form_of(environ: "WSGIEnvironment") -> dict[str, str] | None:
    """The fields of a small form, each sent once; None for anything else."""
    raw = _body(environ, "application/x-www-form-urlencoded")
    if raw is None:
        return None
    try:
        fields = parse_qsl(
            raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
        )
    except ValueError:
        return None
    form = dict(fields)
    plain = len(form) == len(fields) and not any("\0" in value for value in form.values())
    return form if plain else None


def _body(environ: "WSGIEnvironment", kind: str) -> bytes | None:
    if not environ.get("CONTENT_TYPE", "").startswith(kind):
        return None
    length = environ.get("CONTENT_LENGTH") or ""
    if not length.isdecimal() or int(length) > LONGEST:
        return None
    raw: bytes = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = io.BytesIO(raw)
    return raw


def takes_gzip(environ: "WSGIEnvironment") -> bool:
    """True if the browser unpacks gzip; whoever weighs its encodings gets the bytes as they are."""
    accepted = environ.get("HTTP_ACCEPT_ENCODING", "")
    return "gzip" in accepted and ";" not in accepted
