"""The holder's wallet: her certificates, how often they were checked, paper to keep."""

from flask import Blueprint, Response, render_template, url_for
from flask.typing import ResponseReturnValue

from certificates import checks
from certificates.documents import PRINTABLE, paper_of
from certificates.paper.render import Format, preview, thumbnail
from certificates.policy import SEE_OWN, SEE_REGISTER, SEE_WALLET
from certificates.queries import certificates_of
from certificates.register import Entry, entry_of
from certificates.renewal.offers import offer_for
from certificates.renewal.queries import chain_of
from certificates.rules import Status
from certificates.verification import verify
from certificates.words import EVENT_WORDS, KIND_WORDS, STATUS_WORDS
from lms.core import clock
from lms.core.access import acting, requires
from lms.core.errors import NotFound

bp = Blueprint("wallet", __name__, url_prefix="/certificates")
MEDIA = {"pdf": "application/pdf", "png": "image/png"}


@bp.get("")
@requires(SEE_WALLET)
def page() -> ResponseReturnValue:
    """Every certificate of mine."""
    me = acting().person_id
    cards = sorted(certificates_of(me), key=lambda card: card.status is not Status.VALID)
    return render_template(
        "certificates/wallet.html",
        cards=cards,
        printable=PRINTABLE,
        keep=[url_for("wallet.page"), *(url_for("wallet.detail", code=c.code) for c in cards)],
        now=clock.now(),
        checks=checks.checks_for_person(me),
        never=checks.NEVER,
        status_words=STATUS_WORDS,
        kind_words=KIND_WORDS,
    )


@bp.get("/<code>")
@requires(SEE_OWN)
def detail(code: str) -> ResponseReturnValue:
    """One certificate with its picture, downloads and history."""
    entry, today = permitted(code), clock.today()
    mine = entry.person_id == acting().person_id
    ends = entry.valid_to is not None
    return render_template(
        "certificates/detail.html",
        entry=entry,
        verdict=verify(entry.code, clock.now()),
        mine=mine,
        chain=chain_of(entry.id) if ends else None,
        offer=offer_for(entry.kind, entry.facts, entry.person_id, today) if mine and ends else None,
        printable=entry.status in PRINTABLE,
        now=clock.now(),
        counted=checks.checks_of([entry.id]).get(entry.id, checks.NEVER),
        days=checks.days_of(entry.id),
        status_words=STATUS_WORDS,
        kind_words=KIND_WORDS,
        event_words=EVENT_WORDS,
        see_register=SEE_REGISTER,
    )


@bp.get("/<code>/paper.pdf")
@requires(SEE_OWN)
def pdf(code: str) -> ResponseReturnValue:
    """The paper; staff get it with the id number masked (see "reprint" for the full one)."""
    return _paper(code, "pdf", "attachment")


@bp.get("/<code>/paper.png")
@requires(SEE_OWN)
def png(code: str) -> ResponseReturnValue:
    """The same as a picture for the phone's album."""
    return _paper(code, "png", "inline")


@bp.get("/<code>/preview.webp")
@requires(SEE_OWN)
def small(code: str) -> ResponseReturnValue:
    """The picture as small as a page shows it."""
    entry = permitted(code)
    masked = entry.person_id != acting().person_id
    return Response(preview(paper_of(entry.id, "png", masked)), mimetype="image/webp")


@bp.get("/<code>/thumb.webp")
@requires(SEE_OWN)
def thumb(code: str) -> ResponseReturnValue:
    """The picture as small as the wallet's list shows it."""
    entry = permitted(code)
    masked = entry.person_id != acting().person_id
    return Response(thumbnail(paper_of(entry.id, "png", masked)), mimetype="image/webp")


def permitted(code: str) -> Entry:
    """The certificate, if the actor holds it or answers for it; else NotFound."""
    entry = entry_of(code)
    if entry is None:
        raise NotFound
    SEE_OWN.ensure(acting(), entry)
    return entry


def _paper(code: str, form: Format, disposition: str) -> Response:
    entry = permitted(code)
    masked = entry.person_id != acting().person_id
    return send_paper(entry, form, paper_of(entry.id, form, masked), disposition)


def send_paper(entry: Entry, form: Format, content: bytes, disposition: str) -> Response:
    """A download named by the certificate's number, which is no personal datum."""
    response = Response(content, mimetype=MEDIA[form])
    response.headers["Content-Disposition"] = f'{disposition}; filename="{entry.number}.{form}"'
    return response
