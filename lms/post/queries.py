"""What was carried where: for a person, for HR and officers, for administrators."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select

from lms.core.access import Actor
from lms.core.db import session
from lms.core.errors import NotFound
from lms.core.notify import Notice
from lms.core.paging import SIZE, Page, offset_of
from lms.people.api import PersonCard, organisation_cards, person_cards, region_name
from lms.post.models import PostAddress, PostAttempt, PostCircuit, PostDelivery, PostEndpoint
from lms.post.policy import DELIVERIES_SEE, deliveries_of, endpoints_of

MOST_OWN = 60


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list of deliveries is narrowed to; empty means everything."""

    channel: str = ""
    state: str = ""
    person_id: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A delivery as a list shows it. ``read_at`` is when the notice on the site was put away."""

    row: PostDelivery
    person: PersonCard | None
    endpoint: str
    read_at: datetime | None
    tries: int


@dataclass(frozen=True, slots=True)
class EndpointLine:
    """A webhook or robot and how it does."""

    row: PostEndpoint
    place: str
    circuit: PostCircuit | None

    @property
    def status(self) -> str:
        """``waiting`` for approval, ``active`` or ``ended``."""
        if self.row.ended_at is not None:
            return "ended"
        return "waiting" if self.row.approved_at is None else "active"


def own_deliveries(person_id: int) -> list[Line]:
    """What was sent to a person, newest first; webhooks of her employer are not her business."""
    query = (
        select(PostDelivery)
        .where(PostDelivery.person_id == person_id, PostDelivery.endpoint_id.is_(None))
        .order_by(PostDelivery.id.desc())
        .limit(MOST_OWN)
    )
    return _lines(list(session().scalars(query)))


def own_tests(person_id: int) -> dict[str, PostDelivery]:
    """A person's latest test message by channel."""
    newest = (
        select(func.max(PostDelivery.id))
        .where(PostDelivery.person_id == person_id, PostDelivery.kind == "post.test")
        .group_by(PostDelivery.channel)
    )
    found = session().scalars(select(PostDelivery).where(PostDelivery.id.in_(newest)))
    return {row.channel: row for row in found}


def page_of(actor: Actor, wanted: Filter, number: int) -> Page[Line]:
    """A page of the deliveries an actor may see."""
    where = [deliveries_of(actor)]
    if wanted.channel:
        where.append(PostDelivery.channel == wanted.channel)
    if wanted.person_id is not None:
        where.append(PostDelivery.person_id == wanted.person_id)
    if wanted.state:
        where.append(PostDelivery.state == wanted.state)
    total = session().scalar(select(func.count()).select_from(PostDelivery).where(*where)) or 0
    query = select(PostDelivery).where(*where).order_by(PostDelivery.id.desc())
    rows = session().scalars(query.offset(offset_of(number)).limit(SIZE))
    return Page(_lines(list(rows)), number, total)


def totals(actor: Actor) -> dict[str, int]:
    """How many deliveries an actor may see, by state."""
    query = select(PostDelivery.state, func.count()).where(deliveries_of(actor))
    return dict(session().execute(query.group_by(PostDelivery.state)).tuples().all())


def delivery(delivery_id: int) -> PostDelivery:
    """The delivery with this id. Raises NotFound."""
    row = session().get(PostDelivery, delivery_id)
    if row is None:
        raise NotFound(action=DELIVERIES_SEE.name)
    return row


def line_of(row: PostDelivery) -> Line:
    """One delivery as a list shows it."""
    return _lines([row])[0]


def attempts_of(delivery_id: int) -> list[PostAttempt]:
    """Every try, oldest first."""
    query = select(PostAttempt).where(PostAttempt.delivery_id == delivery_id)
    return list(session().scalars(query.order_by(PostAttempt.id)))


def endpoint_lines(actor: Actor) -> list[EndpointLine]:
    """The webhooks and robots an actor may see, those in use first."""
    query = select(PostEndpoint).where(endpoints_of(actor))
    ordered = query.order_by(PostEndpoint.ended_at.is_not(None), PostEndpoint.id.desc()).limit(200)
    return _endpoint_lines(list(session().scalars(ordered)))


def endpoint_line(row: PostEndpoint) -> EndpointLine:
    """One of them."""
    return _endpoint_lines([row])[0]


def address_of(person_id: int) -> PostAddress | None:
    """A person's e-mail address, if she gave one."""
    return session().get(PostAddress, person_id)


def waiting_by_channel() -> Mapping[str, int]:
    """How many deliveries wait, by channel."""
    query = select(PostDelivery.channel, func.count()).where(PostDelivery.state == "waiting")
    return dict(session().execute(query.group_by(PostDelivery.channel)).tuples().all())


def _lines(rows: list[PostDelivery]) -> list[Line]:
    people = person_cards({row.person_id for row in rows if row.person_id is not None})
    labels = _labels({row.endpoint_id for row in rows if row.endpoint_id is not None})
    read, tries = _read_at(rows), _tries(rows)
    return [
        Line(
            row, people.get(row.person_id or 0), labels.get(row.endpoint_id or 0, ""),
            read.get(row.id), tries.get(row.id, 0),
        )
        for row in rows
    ]  # fmt: skip


def _labels(ids: set[int]) -> dict[int, str]:
    query = select(PostEndpoint.id, PostEndpoint.label).where(PostEndpoint.id.in_(sorted(ids)))
    return dict(session().execute(query).tuples().all())


def _read_at(rows: list[PostDelivery]) -> dict[int, datetime | None]:
    query = (
        select(PostDelivery.id, Notice.read_at)
        .join(Notice, and_(Notice.key == PostDelivery.letter, PostDelivery.channel == "site"))
        .where(PostDelivery.id.in_([row.id for row in rows]))
    )
    return dict(session().execute(query).tuples().all())


def _tries(rows: list[PostDelivery]) -> dict[int, int]:
    query = select(PostAttempt.delivery_id, func.count()).where(
        PostAttempt.delivery_id.in_([row.id for row in rows])
    )
    return dict(session().execute(query.group_by(PostAttempt.delivery_id)).tuples().all())


def _endpoint_lines(rows: list[PostEndpoint]) -> list[EndpointLine]:
    homes = organisation_cards({r.organisation_id for r in rows if r.organisation_id is not None})
    targets = [f"endpoint:{row.id}" for row in rows]
    query = select(PostCircuit).where(PostCircuit.target.in_(targets))
    known = {circuit.target: circuit for circuit in session().scalars(query)}
    return [
        EndpointLine(
            row,
            homes[row.organisation_id].name if row.organisation_id in homes
            else region_name(row.region),
            known.get(f"endpoint:{row.id}"),
        )
        for row in rows
    ]  # fmt: skip
