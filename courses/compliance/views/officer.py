"""The flags: who has not done the year's central training, why, and what clears it."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from courses.compliance import queries, totals
from courses.compliance.models import STATES
from courses.compliance.policy import EXEMPTION_DECIDE, FLAGS_REMIND, FLAGS_SEE
from courses.compliance.queries import SORTS, FlagFilter
from courses.compliance.totals import MOST_HOMES, Part, Totals
from courses.compliance.verdicts import ATTENTION, RULE
from courses.compliance.wording import STATE_LABELS, STATE_TONES, hours, sentence
from courses.reminders.delivery import remind_one
from lms.core import audit, clock
from lms.core.access import Role, acting, requires
from lms.core.exports import csv_response, xlsx_response
from lms.core.paging import page_number
from lms.core.rules import rule_on
from lms.core.uow import unit_of_work
from lms.people.api import all_regions, full_name, organisation_cards, region_name
from lms.post.api import Place

bp = Blueprint("flags", __name__, url_prefix="/flags")
_MOST_REMINDED = 200


@bp.get("")
@requires(FLAGS_SEE)
def page() -> ResponseReturnValue:
    """Totals, then the list."""
    actor, wanted = acting(), _filter()
    found = queries.flag_page(actor, wanted, page_number())
    part = Part(wanted.year, wanted.region, wanted.post, wanted.organisation_id)
    below = _below(part)
    return render_template(
        "courses/compliance/flags.html",
        page=found,
        wanted=wanted,
        totals=totals.totals(actor, part),
        before=totals.totals(actor, replace(part, year=wanted.year - 1)),
        below=below,
        above=_above(wanted, found.total),
        homes=_homes(replace(part, organisation_id=None)) if len(below) < 2 else [],
        computed_at=queries.computed_at(wanted.year),
        waiting=queries.count_waiting(actor, wanted.year),
        years=_years(),
        posts=_posts(),
        decide_action=EXEMPTION_DECIDE,
        address=_address,
        full_name=full_name,
        active=sum(1 for v in (wanted.region, wanted.post, wanted.organisation_id) if v)
        + (wanted.states != ATTENTION),
        **words(),
    )


@bp.get("/export.<any(csv, xlsx):kind>")
@requires(FLAGS_SEE)
def export(kind: str) -> ResponseReturnValue:
    """Exactly what the list shows, all pages."""
    wanted = _filter()
    headings = [
        _("地区"), _("单位"), _("姓名"), _("证件号码"), _("岗位"), _("状态"), _("原因"),
        _("怎么消除"), _("已完成学时"), _("还差学时"), _("依据的规则"),
    ]  # fmt: skip
    posts = _posts()
    rows = [
        [
            full_name(row.region),
            row.organisation.name,
            row.person.name,
            row.person.id_masked,
            posts.get(row.post, row.post),
            str(STATE_LABELS[row.state]),
            "".join(sentence(told) for told in row.reasons),
            "".join(sentence(told) for told in row.clears),
            hours(row.done),
            hours(row.missing),
            row.rule,
        ]
        for row in queries.all_flags(acting(), wanted)
    ]
    respond = csv_response if kind == "csv" else xlsx_response
    return respond(_("%(year)s年集中培训情况", year=wanted.year), headings, rows)


@bp.post("/remind")
@requires(FLAGS_REMIND)
def remind() -> ResponseReturnValue:
    """Remind the people ticked, each at most once a day."""
    chosen = request.form.getlist("person_id", type=int)[:_MOST_REMINDED]
    wanted, today = _filter(), clock.today()
    shown = queries.among(acting(), wanted.year, chosen)
    with unit_of_work():
        for person_id, (home, region) in shown.items():
            key = f"duty.remind:{wanted.year}:{person_id}:{today}"
            remind_one(person_id, "duty.remind", key, wanted.year, Place(home, region))
        audit.record(acting(), "duty.remind", "duty_flag", wanted.year, people=sorted(shown))
    flash(_("已提醒 %(n)s 人。", n=len(shown)), "success")
    return redirect(_address(wanted), 303)


def words() -> dict[str, Any]:
    """Labels and functions for the templates."""
    return {
        "labels": STATE_LABELS,
        "tones": STATE_TONES,
        "sentence": sentence,
        "hours": hours,
        "region_name": region_name,
    }


def _filter() -> FlagFilter:
    """The filter in the address; what makes no sense is left out."""
    args = request.args
    states = tuple(s for s in args.getlist("state") if s in STATES)
    if "all" in args.getlist("state"):
        states = ()
    elif not states:
        states = ATTENTION
    region = args.get("region", "")
    sort = args.get("sort", "home")
    return FlagFilter(
        year=args.get("year", clock.today().year, type=int),
        region=region if region in all_regions() else "",
        states=states,
        post=args.get("post", "")[:30],
        organisation_id=args.get("home", None, type=int),
        sort=sort if sort in SORTS else "home",
        down=args.get("down") == "1",
    )


def _address(wanted: FlagFilter, endpoint: str = "page", kind: str = "", **changed: Any) -> str:
    """The list's address, or its export's, with some of its filter changed."""
    asked = replace(wanted, **changed)
    state = ["all"] if not asked.states else list(asked.states)
    return url_for(
        f"flags.{endpoint}",
        kind=kind or None,
        year=asked.year,
        state=None if asked.states == ATTENTION else state,
        region=asked.region or None,
        post=asked.post or None,
        home=asked.organisation_id,
        sort=None if asked.sort == "home" else asked.sort,
        down="1" if asked.down else None,
    )


def _above(wanted: FlagFilter, total: int) -> str:
    """The address of the report that leads to this list; empty when there is none for the actor."""
    if wanted.organisation_id is not None and total:
        home = wanted.organisation_id
        return url_for("reports.home", organisation_id=home, year=wanted.year)
    if wanted.region and acting().covers(wanted.region, Role.OFFICER):
        return url_for("reports.page", region=wanted.region, year=wanted.year)
    return ""


def _below(part: Part) -> list[tuple[str, str, Totals]]:
    """Totals of the cities or counties under the region shown: (code, name, totals)."""
    actor = acting()
    here = part.region or min(actor.regions(Role.OFFICER), key=len, default="")
    if not here or len(here) == 6:
        return []
    around = replace(part, region=here, organisation_id=None)
    found = totals.totals_by_region(actor, around, len(here) + 2)
    return [(code, region_name(code), each) for code, each in found.items()]


def _homes(part: Part) -> list[tuple[int, str, Totals]]:
    """Totals of the homes with most people left over, worst first."""
    found = totals.totals_by_home(acting(), part, MOST_HOMES)
    cards = organisation_cards(found)
    return [(key, cards[key].name, each) for key, each in found.items()]


def _years() -> list[int]:
    this = clock.today().year
    return [this, this - 1, this - 2]


def _posts() -> dict[str, str]:
    """Posts that owe the duty, with their names."""
    names = rule_on("people.posts", clock.today()).value["posts"]
    owing = rule_on(RULE, clock.today()).value["posts"]
    return {code: str(names.get(code, {}).get("zh", code)) for code in owing}
