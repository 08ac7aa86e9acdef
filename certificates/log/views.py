"""The log for everybody: newest checkpoint, tiles, proofs. See ``docs/register-log.md``.

Checkpoints and tiles follow C2SP ``tlog-checkpoint`` and ``tlog-tiles``; the two calls for proofs
carry the names and fields of RFC 6962, section 4.
"""

import struct
from base64 import b64decode, b64encode
from binascii import Error as Base64Error

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from certificates.log import tiles
from certificates.log.models import LogLeaf
from certificates.log.operations import verifier
from certificates.log.queries import (
    consistency,
    inclusion,
    newest_checkpoint,
    nodes_at,
    place_of,
)
from certificates.log.succession import successions
from lms.core.access import public
from lms.core.db import session
from lms.core.errors import NotFound
from lms.core.web import limiter

bp = Blueprint("register_log", __name__, url_prefix="/log")
PACE = "600 per minute"


def _plain(text: str) -> Response:
    return Response(text, mimetype="text/plain")


@bp.get("/checkpoint")
@public
@limiter.limit(PACE)
def checkpoint() -> ResponseReturnValue:
    """The newest signed checkpoint."""
    newest = newest_checkpoint()
    if newest is None:
        raise NotFound
    return _plain(newest.note)


@bp.get("/key")
@public
@limiter.limit(PACE)
def key() -> ResponseReturnValue:
    """The verifier key to give to a witness, on a way of its own."""
    return _plain(verifier().text + "\n")


@bp.get("/successors")
@public
@limiter.limit(PACE)
def successors() -> ResponseReturnValue:
    """The notes by which keys of the log named those that follow them."""
    return jsonify(successors=list(successions()))


@bp.get("/tile/<int:level>/<path:name>")
@public
@limiter.limit(PACE)
def tile(level: int, name: str) -> ResponseReturnValue:
    """Up to 256 hashes side by side."""
    named = tiles.named(name)
    if named is None or level > 5 or not tiles.is_there(level, named, _size()):
        raise NotFound
    first = named.number * tiles.WIDTH
    places = [(8 * level, first + n) for n in range(named.width)]
    held = nodes_at(places)
    if len(held) < len(places):
        raise NotFound
    return _immutable(b"".join(held[place] for place in places))


@bp.get("/tile/entries/<path:name>")
@public
@limiter.limit(PACE)
def entries(name: str) -> ResponseReturnValue:
    """Up to 256 leaves, each behind its length in two bytes."""
    named = tiles.named(name)
    if named is None or not tiles.is_there(0, named, _size()):
        raise NotFound
    first = named.number * tiles.WIDTH
    query = select(LogLeaf.data).where(LogLeaf.place >= first, LogLeaf.place < first + named.width)
    rows = [data.encode() for data in session().scalars(query.order_by(LogLeaf.place))]
    if len(rows) < named.width:
        raise NotFound
    return _immutable(b"".join(struct.pack(">H", len(row)) + row for row in rows))


def _size() -> int:
    newest = newest_checkpoint()
    return newest.size if newest else 0


def _immutable(body: bytes) -> Response:
    response = Response(body, mimetype="application/octet-stream")
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@bp.get("/v1/get-sth-consistency")
@public
@limiter.limit(PACE)
def get_consistency() -> ResponseReturnValue:
    """RFC 6962, 4.4: the proof between two sizes."""
    first, second = request.args.get("first", -1, int), request.args.get("second", -1, int)
    if not 0 < first <= second <= _size():
        raise NotFound
    return jsonify(consistency=[b64encode(h).decode() for h in consistency(first, second)])


@bp.get("/v1/get-proof-by-hash")
@public
@limiter.limit(PACE)
def get_proof() -> ResponseReturnValue:
    """RFC 6962, 4.5: the audit path of the leaf with this hash."""
    size = request.args.get("tree_size", -1, int)
    try:
        wanted = b64decode(request.args.get("hash", ""), validate=True)
    except (Base64Error, ValueError) as error:
        raise NotFound from error
    place = place_of(wanted)
    if place is None or not place < size <= _size():
        raise NotFound
    path = [b64encode(h).decode() for h in inclusion(place, size)]
    return jsonify(leaf_index=place, audit_path=path)
