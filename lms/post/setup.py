"""What this installation can send with, built once for an app."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Flask, current_app

from lms.core.carriers import CarrierSettings
from lms.post.channels import robots, sms, webhook
from lms.post.channels.email import EmailChannel
from lms.post.channels.http import HttpChannel, tls_context
from lms.post.parcels import Channel

SITE = "养老护理培训"  # the sender's name in e-mail


@dataclass(frozen=True, slots=True)
class PostRoom:
    """The channels by name; e-mail and SMS only if they are set up."""

    settings: CarrierSettings
    base_url: str
    channels: Mapping[str, Channel]

    def has(self, channel: str) -> bool:
        """True if this channel is set up."""
        return channel in self.channels


def build(settings: CarrierSettings, base_url: str) -> PostRoom:
    """The channels that these settings allow."""
    tls, networks = tls_context(settings.authorities), settings.networks
    channels: dict[str, Channel] = {
        "webhook": HttpChannel(webhook.write, webhook.judge, tls, networks)
    }
    for kind, write in robots.WRITERS.items():
        channels[kind] = HttpChannel(write, robots.judge(kind), tls, networks)
    if settings.smtp is not None:
        channels["email"] = EmailChannel(settings.smtp, tls, SITE)
    if settings.sms is not None:
        channels["sms"] = HttpChannel(sms.Writer(settings.sms), sms.judge, tls, None)
    return PostRoom(settings, base_url, channels)


def init_post(app: Flask) -> None:
    """Give the app its post room."""
    settings = app.extensions["settings"]
    app.extensions["post"] = build(settings.carriers, settings.base_url)


def post_room() -> PostRoom:
    """The post room of the present app."""
    room: PostRoom = current_app.extensions["post"]
    return room
