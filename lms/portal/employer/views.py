"""An employer at a glance, and the pack for an inspection."""

import io
import zipfile
from collections.abc import Mapping
from urllib.parse import quote

from flask import Blueprint, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

import courses.api as courses_api
from lms.core import audit, clock
from lms.core.access import Role, acting, requires
from lms.core.errors import NotFound
from lms.core.exports import write_xlsx
from lms.core.ladder import Rung
from lms.core.uow import unit_of_work
from lms.people.api import organisation_card, post_labels
from lms.portal.employer.policy import EMPLOYER_SEE
from lms.portal.employer.queries import Overview, overview

bp = Blueprint("employer", __name__, url_prefix="/employers")


INDICATORS: dict[str, LazyString] = {
    "caregivers": _l("护理员与在住老人"),
    "social_workers": _l("社会工作者与床位"),
    "certified": _l("持证护理员"),
}
TILES: dict[str, LazyString] = {
    "uncertified": _l("护理员没有等级证书"),
    "onboarding": _l("岗前培训没完成"),
    "refresher": _l("年度复训没完成"),
    "central": _l("集中培训没参加"),
    "hours": _l("继续教育学时不够"),
    "expiring": _l("证书快到期"),
}


@bp.get("")
@requires(EMPLOYER_SEE)
def mine() -> ResponseReturnValue:
    """The page of my own employer, or the list to choose from."""
    own = sorted(acting().organisations(Role.HR))
    if len(own) == 1:
        return redirect(url_for("employer.page", organisation_id=own[0]))
    return redirect(url_for("organisations.page"))


@bp.get("/<int:organisation_id>")
@requires(EMPLOYER_SEE)
def page(organisation_id: int) -> ResponseReturnValue:
    """Everybody at a glance."""
    found = _overview(organisation_id)
    return render_template(
        "portal/employer.html", found=found, indicators=INDICATORS, tiles=TILES, **_words()
    )


@bp.get("/<int:organisation_id>/inspection.zip")
@requires(EMPLOYER_SEE)
def pack(organisation_id: int) -> ResponseReturnValue:
    """What an inspection asks for, in one file; who took it is on record."""
    found = _overview(organisation_id)
    with unit_of_work():
        audit.record(acting(), "employer.pack", "organisation", organisation_id)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(f"{_('人员一览')}.xlsx", _staff_sheet(found))
        packed.writestr(f"{_('配备指标')}.xlsx", _indicator_sheet(found))
    answer = make_response(out.getvalue())
    answer.content_type = "application/zip"
    name = quote(f"{found.card.name}-{clock.today().isoformat()}.zip")
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _staff_sheet(found: Overview) -> bytes:
    words = _words()
    posts, states = words["posts"], words["states"]
    central = words["central"]
    headings = [_("姓名"), _("岗位"), _("入职日期"), _("等级证书"), _("岗前培训"), _("年度复训"),
                _("集中培训"), _("还差学时"), _("快到期的证书")]  # fmt: skip
    rows = [
        [
            s.name, posts.get(s.post, s.post), s.started_on,
            str(Rung(s.rung).label) if s.rung else "", str(states[s.onboarding]),
            str(states[s.refresher]), str(central[s.central]),
            "" if s.hours_missing is None else courses_api.hours_text(s.hours_missing),
            "；".join(f"{title} {day.isoformat()}" for title, day in s.expiring),
        ]
        for s in found.staff
    ]  # fmt: skip
    out = io.BytesIO()
    write_xlsx(out, headings, rows)
    return out.getvalue()


def _indicator_sheet(found: Overview) -> bytes:
    rows = [
        [str(INDICATORS[i.code]), i.present, i.base, "" if i.needed is None else i.needed,
         "" if i.met is None else _("达到") if i.met else _("还差 %(n)s 人", n=i.short)]
        for i in found.indicators
    ]  # fmt: skip
    out = io.BytesIO()
    headings = [_("指标"), _("现有"), _("基数"), _("应有"), _("结果")]
    write_xlsx(out, headings, rows, [[_("依据的规则"), found.rule]])
    return out.getvalue()


def _overview(organisation_id: int) -> Overview:
    card = organisation_card(organisation_id)
    if card is None:
        raise NotFound(action=EMPLOYER_SEE.name)
    EMPLOYER_SEE.ensure(acting(), card)
    return overview(acting(), card, clock.today())


def _words() -> dict[str, Mapping[str, object]]:
    return {
        "posts": post_labels(clock.today()),
        "states": courses_api.PROGRESS_LABELS,
        "central": courses_api.STATE_LABELS,
        "tones": courses_api.STATE_TONES,
        "rungs": {str(int(rung)): rung.label for rung in Rung},
    }
