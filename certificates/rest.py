"""``/api/v1``: the same answer as the verification page, for programs."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from certificates.views.check import MISSES, answer_json, counted_check, day_asked, was_miss
from lms.core.access import public
from lms.core.web import limiter

bp = Blueprint("certificates_api", __name__, url_prefix="/api/v1/certificates")


@bp.get("/<code>")
@public
@limiter.limit(MISSES, deduct_when=was_miss)
def show(code: str) -> ResponseReturnValue:
    """Status and masked facts of one certificate; see ``docs/verification.md``."""
    day = day_asked()
    return answer_json(counted_check(code), day)
