"""Static files: versioned by content, so a phone fetches each once; texts travel compressed."""

from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from flask_compress import Compress
from flask_compress.flask_compress import _choose_algorithm, _compress_data

YEAR = 365 * 24 * 3600
ENCODINGS = ["br", "gzip"]
WORTHWHILE = 600  # bytes
TEXTS = {"text/css", "text/javascript", "application/javascript", "image/svg+xml"}


@cache
def _version(path: Path, _changed: float) -> str:
    return sha256(path.read_bytes()).hexdigest()[:10]


def _static_folder(app: Flask, endpoint: str) -> str | None:
    if endpoint == "static":
        return app.static_folder
    blueprint = app.blueprints.get(endpoint.rsplit(".", 1)[0])
    return blueprint.static_folder if blueprint else None


@lru_cache(maxsize=512)
def encoding_for(accepted: str) -> str | None:
    """The encoding that an Accept-Encoding header gets here; None for none."""
    return _choose_algorithm(tuple(ENCODINGS), accepted)


def encoded(app: Flask, body: bytes, encoding: str) -> bytes:
    """A body in that encoding."""
    return _compress_data(app, body, encoding)


def init_assets(app: Flask) -> None:
    """Add ``?v=…`` to the addresses of static files and let versioned ones be kept for a year."""
    app.config.update(
        COMPRESS_ALGORITHM=ENCODINGS,
        COMPRESS_BR_LEVEL=5,
        COMPRESS_LEVEL=6,
        COMPRESS_MIN_SIZE=WORTHWHILE,
    )
    Compress(app)

    @app.url_defaults
    def add_version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint.rsplit(".", 1)[-1] != "static" or "filename" not in values:
            return
        folder = _static_folder(app, endpoint)
        path = Path(folder or "") / str(values["filename"])
        if path.is_file():
            values.setdefault("v", _version(path, path.stat().st_mtime))

    @app.after_request
    def keep(response: Response) -> Response:
        if (request.endpoint or "").rsplit(".", 1)[-1] != "static":
            return response
        if response.status_code == 200 and response.mimetype in TEXTS:
            response.direct_passthrough = False
            response.make_sequence()  # in memory, so that it can be compressed and closed
        if request.args.get("v"):
            response.cache_control.public = True
            response.cache_control.max_age = YEAR
            response.cache_control.immutable = True
            response.cache_control.no_cache = None
        else:
            # Modules import each other without a version: ask each time, so that no phone mixes
            # the parts of two releases.
            response.cache_control.max_age = None
            response.cache_control.no_cache = True
        return response
