"""My own portrait."""

from flask import Blueprint, Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from lms.core.access import acting, requires
from lms.core.web import limiter
from lms.people.staff.forms import PhotoForm
from lms.people.staff.photos import photo_of
from lms.people.staff.policy import OWN_PHOTO
from lms.people.staff.views.person import keep_upload, photo_response

bp = Blueprint("my_photo", __name__, url_prefix="/me")


@bp.get("/photo.jpg")
@requires(OWN_PHOTO)
def photo() -> Response:
    """The picture."""
    return photo_response(acting().person_id)


@bp.route("/photo", methods=["GET", "POST"])
@requires(OWN_PHOTO)
@limiter.limit("30 per hour", methods=["POST"])
def page() -> ResponseReturnValue:
    """Show it, or take a new one."""
    form, person_id = PhotoForm(), acting().person_id
    if form.sent() and keep_upload(form, person_id):
        return redirect(url_for("my_photo.page"), 303)
    src = url_for("my_photo.photo") if photo_of(person_id) else None
    status = 422 if form.errors else 200
    return render_template(
        "people/photo.html", form=form, name=acting().name, back="/me", src=src
    ), status
