"""Pictures of lessons: any signed-in person for published versions, the authors for drafts."""

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from courses.catalogue import policy
from courses.catalogue.queries import picture_of
from courses.enrolment.policy import STUDY
from lms.core.access import acting, requires
from lms.core.errors import NotFound

bp = Blueprint("course_pictures", __name__, url_prefix="/learn/pictures")
#: A drawing opened by itself may do nothing at all.
CSP = "default-src 'none'; style-src 'none'; script-src 'none'; sandbox; frame-ancestors 'none'"


@bp.get("/<int:version_id>/<name>")
@requires(STUDY)
def picture(version_id: int, name: str) -> ResponseReturnValue:
    """One picture; it never changes, so the browser may keep it."""
    found = picture_of(version_id, name)
    if found is None:
        raise NotFound
    asset, version, course = found
    owner = course.owner_id or policy.PROVINCE
    if version.published_at is None and not policy.WRITE.may(acting(), owner):
        raise NotFound
    response = Response(asset.content, content_type=asset.media_type)
    response.headers["Content-Security-Policy"] = CSP
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    response.headers["Content-Disposition"] = "inline"
    response.set_etag(asset.digest)
    return response.make_conditional(request)
