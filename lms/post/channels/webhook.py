"""Webhooks in the format of Standard Webhooks: three headers, a JSON body, any 2xx is a yes."""

import json

from lms.core import clock
from lms.post.channels.http import JSON, Request
from lms.post.parcels import DELIVERED, REFUSED, Outcome, Parcel, unreachable
from lms.post.signatures import webhook_signature
from lms.post.wire import Answer


def write(parcel: Parcel) -> Request:
    """The request. The body is the same whenever it is sent; id and time are signed with it."""
    body = json.dumps(
        {
            "type": parcel.kind,
            "timestamp": parcel.made_at.isoformat(),
            "data": {**parcel.facts, "text": parcel.text, "url": parcel.url},
        },
        ensure_ascii=False, separators=(",", ":"), sort_keys=True,
    ).encode()  # fmt: skip
    message_id, at = f"msg_{parcel.ref}", int(clock.now().timestamp())
    headers = {
        **JSON,
        "webhook-id": message_id,
        "webhook-timestamp": str(at),
        "webhook-signature": webhook_signature(parcel.receiver.secrets, message_id, at, body),
        "User-Agent": "lms-post/1",
    }
    return Request(parcel.receiver.address, headers, body)


def judge(answer: Answer) -> Outcome:
    """410 means "never again"; whatever else is no 2xx means "not now"."""
    if 200 <= answer.status < 300:
        return Outcome(DELIVERED)
    if answer.status == 410:
        return Outcome(REFUSED, "gone")
    return unreachable(f"status-{answer.status}")
