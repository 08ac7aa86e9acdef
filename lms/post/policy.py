"""Who sees deliveries, who keeps webhooks, who looks at the channels."""

from typing import Protocol

from sqlalchemy import ColumnElement, or_

from lms.core.access import Actor, Role, action
from lms.people.api import within
from lms.post.models import PostDelivery, PostEndpoint


class Placed(Protocol):
    """What belongs to an employer and a county."""

    @property
    def organisation_id(self) -> int | None:
        """The employer, if it is one's own."""

    @property
    def region(self) -> str:
        """The county."""


def _keeps(actor: Actor, target: Placed) -> bool:
    return target.organisation_id in actor.organisations(Role.HR) or actor.covers(
        target.region, Role.OFFICER
    )


OWN_POST = action("post.own", Role.LEARNER)
DELIVERIES_SEE = action("post.deliveries.see", Role.HR, Role.OFFICER, rule=_keeps)
DELIVERY_RETRY = action("post.delivery.retry", Role.HR, Role.OFFICER, rule=_keeps)
ENDPOINTS_SEE = action("post.endpoints.see", Role.HR, Role.OFFICER, rule=_keeps)
ENDPOINT_KEEP = action("post.endpoint.keep", Role.HR, Role.OFFICER, rule=_keeps)
CHANNELS_SEE = action("post.channels.see", Role.ADMIN)


def deliveries_of(actor: Actor) -> ColumnElement[bool]:
    """The deliveries an actor may see."""
    return or_(
        PostDelivery.organisation_id.in_(sorted(actor.organisations(Role.HR))),
        within(PostDelivery.region, actor.regions(Role.OFFICER)),
    )


def endpoints_of(actor: Actor) -> ColumnElement[bool]:
    """The webhooks and robots an actor may see."""
    return or_(
        PostEndpoint.organisation_id.in_(sorted(actor.organisations(Role.HR))),
        within(PostEndpoint.region, actor.regions(Role.OFFICER)),
    )
