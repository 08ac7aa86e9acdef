"""What verifiers fetch: credentials, DID documents, status lists. See ``docs/open-badges.md``."""

from typing import get_args

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from certificates.badges import did
from certificates.badges.addresses import issuer_did, site_did
from certificates.badges.baking import bake
from certificates.badges.export import Form, badge, base_url, status_list
from certificates.badges.keys import known_keys
from certificates.badges.lists import TTL
from certificates.documents import paper_of
from certificates.errors import Damaged
from certificates.models import Certificate
from certificates.policy import DOWNLOAD
from certificates.register import Entry, entry_of
from certificates.rules import Status
from certificates.views.check import MISSES, counted_check, was_miss
from lms.core.access import acting, public, requires
from lms.core.db import session
from lms.core.errors import NotFound
from lms.core.signing import canonical
from lms.core.uow import unit_of_work
from lms.core.web import limiter

bp = Blueprint("badges", __name__)
PACE = "600 per minute"
_MEDIA = {
    "application/vc": "vc",
    "application/ld+json": "vc",
    "application/json": "vc",
    "application/vc+jwt": "jwt",
    "application/jwt": "jwt",
}
_FILES: dict[str, tuple[Form, str]] = {
    "json": ("vc", "application/vc"),
    "jwt": ("jwt", "application/vc+jwt"),
}


@bp.get("/v/<code>/credential")
@public
@limiter.limit(MISSES, deduct_when=was_miss)
@limiter.limit(PACE)
def credential(code: str) -> ResponseReturnValue:
    """The credential for anybody who has the code, name masked; JWT if asked for."""
    verdict = counted_check(code)
    if verdict.certificate_id is None:
        raise NotFound
    if verdict.shown is None or verdict.status is Status.DAMAGED:
        raise Damaged
    form, media = _asked()
    with unit_of_work():
        body = badge(verdict.certificate_id, form, named=False)
    return _for_everybody(Response(body, mimetype=media))


@bp.get("/certificates/<code>/badge.<any(json,jwt,png):kind>")
@requires(DOWNLOAD)
def download(code: str, kind: str) -> ResponseReturnValue:
    """The holder's own, with her name; as a picture with the id number hidden."""
    entry = _own(code)
    form, media = _FILES.get(kind, ("vc", "image/png"))
    with unit_of_work():
        body = badge(entry.id, form, named=True)
    if kind == "png":
        body = bake(paper_of(entry.id, "png", masked=True), body.decode())
    response = Response(body, mimetype=media)
    name = f'attachment; filename="{entry.number}-badge.{kind}"'
    response.headers["Content-Disposition"] = name
    return response


@bp.get("/.well-known/did.json")
@public
@limiter.limit(PACE)
def site_document() -> ResponseReturnValue:
    """The DID document of the site itself."""
    return _did_document(site_did(base_url()))


@bp.get("/issuers/<int:organisation_id>/did.json")
@public
@limiter.limit(PACE)
def issuer_document(organisation_id: int) -> ResponseReturnValue:
    """The DID document of a body that has issued something here."""
    issued = select(Certificate.id).where(Certificate.issuer_id == organisation_id).limit(1)
    if session().scalar(issued) is None:
        raise NotFound
    return _did_document(issuer_did(base_url(), organisation_id))


@bp.get(
    "/issuers/<int:organisation_id>/status"
    "/<any(revocation,suspension,message):purpose>/<int:number>"
)
@public
@limiter.limit(PACE)
def statuses(organisation_id: int, purpose: str, number: int) -> ResponseReturnValue:
    """A Bitstring Status List, as Data Integrity or JWT."""
    form, media = _asked()
    body = status_list(organisation_id, purpose, number, form)
    return _for_everybody(Response(body, mimetype=media), int(TTL.total_seconds()) // 5)


def _asked() -> tuple[Form, str]:
    """The form and media type asked for: Data Integrity unless a JWT is wanted more."""
    wanted = request.args.get("form", "")
    if wanted in get_args(Form):
        return ("jwt", "application/vc+jwt") if wanted == "jwt" else ("vc", "application/vc")
    media = request.accept_mimetypes.best_match(list(_MEDIA), "application/vc")
    return ("jwt" if _MEDIA[media] == "jwt" else "vc"), media


def _did_document(name: str) -> Response:
    body = did.document(name, known_keys())
    response = Response(mimetype="application/did+json")
    response.set_data(canonical(body))
    return _for_everybody(response, 300)


def _for_everybody(response: Response, seconds: int = 0) -> Response:
    """Readable by verifiers that run in another site's page; holds nothing of the asker's."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.vary.add("Accept")
    if seconds:
        response.headers["Cache-Control"] = f"public, max-age={seconds}"
    return response


def _own(code: str) -> Entry:
    entry = entry_of(code)
    if entry is None:
        raise NotFound
    DOWNLOAD.ensure(acting(), entry)
    return entry
