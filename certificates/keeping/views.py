"""The public keys, for whoever wants to verify without asking this site again."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from lms.core.access import public
from lms.core.keys.rings import described
from lms.core.signing import log_ring, ring
from lms.core.web import limiter

bp = Blueprint("keys", __name__)


@bp.get("/keys.json")
@public
@limiter.limit("600 per minute")
def page() -> ResponseReturnValue:
    """Every key there ever was, announced ones before they sign. See ``docs/keys.md``."""
    response = jsonify(
        certificates=[described(key) for key in ring().keys],
        log=[described(key) for key in log_ring().keys],
    )
    response.headers["Cache-Control"] = "public, max-age=300"
    return response
