"""What makes the site installable: service worker, manifest and the page shown offline."""

from flask import Blueprint, Response, current_app, jsonify, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lms.core.access import public

bp = Blueprint("install", __name__)


@bp.get("/sw.js")
@public
def worker() -> ResponseReturnValue:
    """The service worker, at the root so that it may serve the whole site."""
    response: Response = current_app.send_static_file("js/sw.js")
    response.direct_passthrough = False
    response.make_sequence()  # in memory, so that it can be compressed and the file closed
    response.headers["Content-Type"] = "text/javascript; charset=utf-8"
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Service-Worker-Allowed"] = "/"
    return response


@bp.get("/manifest.webmanifest")
@public
def manifest() -> ResponseReturnValue:
    """How the site looks on a phone's home screen."""
    icons = [
        {"src": _icon("icon-192.png"), "sizes": "192x192", "type": "image/png"},
        {"src": _icon("icon-512.png"), "sizes": "512x512", "type": "image/png"},
        {
            "src": _icon("icon-maskable-512.png"),
            "sizes": "512x512",
            "type": "image/png",
            "purpose": "maskable",
        },
    ]
    response = jsonify(
        id="/",
        name=_("养老护理培训与认证"),
        short_name=_("养老护理"),
        start_url="/",
        scope="/",
        display="standalone",
        background_color="#f6f3ec",
        theme_color="#1a5f6c",
        icons=icons,
    )
    response.content_type = "application/manifest+json"
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


@bp.get("/offline")
@public
def offline() -> ResponseReturnValue:
    """Shown without a network: the lessons kept on this phone."""
    return render_template("portal/offline.html", shell="public", actor=None)  # noqa: S604


def _icon(name: str) -> str:
    return url_for("static", filename=f"icons/{name}")
