"""Commands of the post room."""

import signal
import threading

import click

from lms.post.office.checks import OfficeSecrets, Verdict
from lms.post.office.server import PostOffice, Received, line_of


@click.command("post-office")
@click.option("--smtp-port", type=click.IntRange(0, 65535), default=8025, show_default=True)
@click.option("--http-port", type=click.IntRange(0, 65535), default=8026, show_default=True)
@click.option("--webhook-secret", default="", help="check webhooks with this secret (whsec_…)")
@click.option("--dingtalk-secret", default="", help="check DingTalk messages with this secret")
@click.option("--feishu-secret", default="", help="check Feishu messages with this secret")
@click.option("--sms-key", default="try", show_default=True, help="access key id for SMS")
@click.option("--sms-secret", default="try", show_default=True, help="access key secret for SMS")
def post_office(
    smtp_port: int, http_port: int, webhook_secret: str, dingtalk_secret: str, feishu_secret: str,
    sms_key: str, sms_secret: str,
) -> None:  # fmt: skip
    """Take mail, webhooks, robot messages and SMS on this machine, check and print them."""
    secrets = OfficeSecrets(webhook_secret, dingtalk_secret, feishu_secret, sms_key, sms_secret)
    office = PostOffice(secrets, http_port, smtp_port, watch=_print)
    office.start()
    web = f"http://127.0.0.1:{office.http_port}"
    click.echo(f"mail    smtp://127.0.0.1:{office.smtp_port}")
    click.echo(f"webhook {web}/webhook")
    click.echo(f"robots  {web}/cgi-bin/webhook/send?key=try")
    click.echo(f"        {web}/robot/send?access_token=try")
    click.echo(f"        {web}/open-apis/bot/v2/hook/try")
    click.echo(f"sms     {web}")
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    ended.wait()
    office.stop()


def _print(came: Received) -> Verdict | str | None:
    click.echo(line_of(came))
    return None


commands: list[click.Command] = [post_office]
