"""E-mail by SMTP: one connection for several letters, TLS, timeouts, a way to stop them."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr

from lms.core.carriers import SmtpSettings
from lms.post.parcels import AGAIN, REFUSED, SENT, Hand, Outcome, Parcel, unreachable

TIMEOUT = 10.0  # seconds for each step
_POLICY = SMTP.clone(max_line_length=900)  # a link stays on its line


def letter(parcel: Parcel, settings: SmtpSettings, site: str) -> EmailMessage:
    """The message. ``Message-ID`` and ``Date`` are the same whenever it is sent, so that a mail
    system can drop a repeat."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = formataddr((site, settings.sender))
    message["To"] = parcel.receiver.address
    message["Subject"] = parcel.subject
    message["Date"] = format_datetime(parcel.made_at)
    message["Message-ID"] = f"<msg_{parcel.ref}@{settings.sender.partition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    if parcel.stop_url:
        message["List-Unsubscribe"] = f"<{parcel.stop_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(parcel.text, cte="base64")
    message["Content-Language"] = "zh-CN" if parcel.locale == "zh" else parcel.locale
    return message


@dataclass(frozen=True, slots=True)
class EmailChannel:
    """A mail server. ``site`` is the sender's name as people read it."""

    settings: SmtpSettings
    tls: ssl.SSLContext
    site: str

    @contextmanager
    def opened(self) -> Iterator[Hand]:
        """Connect once; without a connection every letter waits."""
        try:
            server = self._connect()
        except (OSError, smtplib.SMTPException) as error:
            failed = unreachable(_why(error))
            yield lambda _parcel: failed
            return
        try:
            yield lambda parcel: self._carry(server, parcel)
        finally:
            _leave(server)

    def _connect(self) -> smtplib.SMTP:
        own = self.settings
        name = own.sender.partition("@")[2]  # asking the network for our own name may take long
        if own.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                own.host, own.port, name, timeout=TIMEOUT, context=self.tls
            )
        else:
            server = smtplib.SMTP(own.host, own.port, name, timeout=TIMEOUT)
        try:
            if own.security == "starttls":
                server.starttls(context=self.tls)
            if own.user:
                server.login(own.user, own.password)
        except BaseException:
            server.close()
            raise
        return server

    def _carry(self, server: smtplib.SMTP, parcel: Parcel) -> Outcome:
        try:
            message = letter(parcel, self.settings, self.site)
            server.send_message(message, self.settings.sender, [parcel.receiver.address])
        except smtplib.SMTPRecipientsRefused as refusal:
            code = next(iter(refusal.recipients.values()))[0]
            return Outcome(REFUSED if code >= 500 else AGAIN, f"mailbox-{code}")
        except smtplib.SMTPDataError as refusal:
            state = REFUSED if refusal.smtp_code >= 500 else AGAIN
            return Outcome(state, f"letter-{refusal.smtp_code}")
        except (OSError, smtplib.SMTPException) as error:
            return unreachable(_why(error))
        return Outcome(SENT)


def _why(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return "login"
    if isinstance(error, smtplib.SMTPNotSupportedError | ssl.SSLError):
        return "tls"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"server-{error.smtp_code}"
    return "slow" if isinstance(error, TimeoutError) else "unreachable"


def _leave(server: smtplib.SMTP) -> None:
    try:
        server.quit()
    except (OSError, smtplib.SMTPException):
        server.close()
