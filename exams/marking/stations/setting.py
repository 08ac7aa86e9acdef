"""Stations of an event and their panels. Callers commit."""

from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select

from exams.entries.models import ExamEvent, Part
from exams.marking.policy import JUDGE, SET_STATIONS
from exams.marking.stations.library import templates_for
from exams.marking.stations.models import PanelMember, Sheet, Station
from exams.marking.terms import terms_of
from exams.papers.queries import pinned_plan, plan_for
from lms.core import audit, clock
from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import Conflict, Invalid
from lms.people.api import actor_of


def set_stations(
    event: ExamEvent, template_ids: Sequence[int], actor: Actor, now: datetime
) -> list[Station]:
    """Pin the checklists of an event, once.

    Raises:
        Conflict: it has stations already. Invalid: none chosen, not for this event, or a module
        has none: no candidate could ever get her score.
    """
    SET_STATIONS.ensure(actor, event)
    if event.part == Part.THEORY:
        raise Invalid(_("理论考试没有考站。"))
    if session().scalar(select(Station.id).where(Station.event_id == event.id).limit(1)):
        raise Conflict(_("考站已经定下，不能再改。"))
    found = templates_for(event.part, event.rung, event.organisation_id)
    offered = {template.id: template.module for template in found}
    if not template_ids or not set(template_ids) <= set(offered):
        raise Invalid(_("请从评分表里选考站。"))
    covered = {offered[template_id] for template_id in template_ids}
    if missing := [module for module in _modules(event, now) if module not in covered]:
        raise Invalid(_("每个模块至少一个考站，还缺：%(list)s。", list="、".join(missing)))
    rows = [
        Station(
            event_id=event.id,
            position=position,
            template_id=template_id,
            set_by=actor.person_id,
            set_at=now,
        )
        for position, template_id in enumerate(template_ids, start=1)
    ]
    session().add_all(rows)
    session().flush()
    audit.record(actor, "exams.station.set", "exam_event", event.id, stations=len(rows))
    return rows


def _modules(event: ExamEvent, now: datetime) -> list[str]:
    """The modules that a candidate's score is made of."""
    if event.blueprint:
        return list(pinned_plan(event.blueprint).value["weights"])
    plan = plan_for(event.rung, event.part, clock.local_date(now))
    return list(plan.value["weights"]) if plan else []


def assign(
    event: ExamEvent, station: Station, person_ids: Sequence[int], actor: Actor, now: datetime
) -> None:
    """Set the panel of a station; those who are left off are removed, not forgotten.

    Raises:
        Invalid: an even number, fewer than the rule asks for, or somebody who may not judge here.
    """
    SET_STATIONS.ensure(actor, event)
    wanted = list(dict.fromkeys(person_ids))
    least = terms_of(event, now).panel_least
    if len(wanted) < least or len(wanted) % 2 == 0:
        raise Invalid(_("考评员应是单数，并且不少于 %(n)s 人。", n=least))
    for person_id in wanted:
        judge = actor_of(person_id, now)
        if judge is None or not JUDGE.may(judge, event):
            raise Invalid(_("考评员要有评卷员或考务管理的角色。"))
    known = {
        m.person_id: m
        for m in session().scalars(select(PanelMember).where(PanelMember.station_id == station.id))
    }
    for person_id, member in known.items():
        member.removed_at = None if person_id in wanted else (member.removed_at or now)
    for person_id in wanted:
        if person_id not in known:
            session().add(
                PanelMember(
                    station_id=station.id,
                    person_id=person_id,
                    assigned_by=actor.person_id,
                    assigned_at=now,
                )
            )
    session().flush()
    audit.record(actor, "exams.panel.assign", "exam_station", station.id, members=len(wanted))


def members_of(station_ids: Sequence[int]) -> dict[int, list[int]]:
    """Station → its panel in the order of assignment; one statement."""
    query = select(PanelMember).where(
        PanelMember.station_id.in_(station_ids), PanelMember.removed_at.is_(None)
    )
    found: dict[int, list[int]] = {}
    for member in session().scalars(query.order_by(PanelMember.id)):
        found.setdefault(member.station_id, []).append(member.person_id)
    return found


def has_sheets(event_id: int, entry_id: int) -> bool:
    """True if somebody has begun a sheet for this candidate."""
    query = (
        select(Sheet.id)
        .join(Station, Station.id == Sheet.station_id)
        .where(Station.event_id == event_id, Sheet.entry_id == entry_id)
    )
    return session().scalar(query.limit(1)) is not None
