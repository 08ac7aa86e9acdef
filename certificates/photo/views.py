"""The door for a photo of a QR: it leads to the certificate's page, or says what was wrong."""

from contextlib import closing
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from certificates.forms import LookUpForm
from certificates.photo.reading import MOST_BYTES, NoCode, code_in
from lms.core.access import public
from lms.core.config import Settings
from lms.core.forms import Form
from lms.core.web import limiter

bp = Blueprint("photo_check", __name__)
FIELD = "photo"


@bp.post("/v/photo")
@public
@limiter.limit("10 per minute; 60 per hour")
def read() -> ResponseReturnValue:
    """Read the QR in a photo; the photo is not stored."""
    form, said = Form(), _("请先拍一张照片，或选一张图片。")
    sent = request.files.get(FIELD)
    if form.sent() and sent is not None and sent.filename:
        try:
            with closing(sent):
                code = code_in(sent.read(MOST_BYTES + 1), _host())
        except NoCode as refusal:
            said = str(refusal)
        else:
            return redirect(url_for("verify.page", code=code), 303)
    body = render_template(
        "certificates/search.html", form=LookUpForm(formdata=None), missed=False, photo_said=said
    )
    return Response(body, status=422)


def _host() -> str:
    """What stands in the QR codes of this site."""
    settings: Settings = current_app.extensions["settings"]
    return urlsplit(settings.base_url).netloc
