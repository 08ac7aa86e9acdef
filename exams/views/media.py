"""Pictures and sounds of questions."""

from flask import Blueprint, Response, send_file

from exams.bank.shelf import path_of
from exams.sittings.media import FETCH, media_for
from lms.core.access import acting, requires

bp = Blueprint("exam_media", __name__, url_prefix="/exams/media")


@bp.get("/<digest>")
@requires(FETCH)
def fetch(digest: str) -> Response:
    """One file, whole or in ranges; kept by her own browser only, since others may not see it."""
    file = media_for(digest, acting())
    response = send_file(
        path_of(file), mimetype=file.content_type, etag=file.digest, conditional=True
    )
    response.headers["Cache-Control"] = "private, max-age=3600"
    response.headers["Content-Disposition"] = "inline"
    return response
