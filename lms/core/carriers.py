"""Settings of whatever carries letters outside: the mail server, the SMS gateway, webhooks."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lms.core.reading import SettingError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
ALIYUN = "https://dysmsapi.aliyuncs.com"
#: scheme of LMS_SMTP -> usual port
_SMTP_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}

#: name in the environment -> (one line for the README, default as shown there)
CARRIER_SETTINGS: dict[str, tuple[str, str]] = {
    "LMS_SMTP": (
        "mail server: smtps://USER@HOST:465, smtp+starttls://USER@HOST:587 or smtp://HOST:25",
        "none: no e-mail is sent",
    ),
    "LMS_SMTP_PASSWORD": ("password at the mail server", "none"),
    "LMS_MAIL_FROM": ("address that e-mail comes from; needed with LMS_SMTP", "none"),
    "LMS_SMS": ("SMS gateway: aliyun", "none: no SMS is sent"),
    "LMS_SMS_URL": ("address of the gateway", ALIYUN),
    "LMS_SMS_KEY": ("access key id at the gateway", "none"),
    "LMS_SMS_SECRET": ("access key secret at the gateway", "none"),
    "LMS_SMS_SIGN": ("approved SMS signature (签名)", "none"),
    "LMS_SMS_TEMPLATE": ("approved SMS template (模板) with the variable year", "none"),
    "LMS_WEBHOOK_NETWORKS": (
        "private networks that webhooks may reach, e.g. 10.1.0.0/16; plain http is allowed there",
        "none: public addresses only",
    ),
    "LMS_POST_CA": (
        "file with further certificate authorities trusted for mail, SMS and webhooks",
        "none",
    ),
}


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """A mail server. ``security`` is ``tls`` (from the first byte), ``starttls`` or ``none``."""

    host: str
    port: int
    security: str
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SmsSettings:
    """An account at the Aliyun SMS service, its signature and its template."""

    url: str
    key: str
    secret: str = field(repr=False)
    sign: str
    template: str


@dataclass(frozen=True, slots=True)
class CarrierSettings:
    """What the installation can send with; None stands for "not set up"."""

    smtp: SmtpSettings | None = None
    sms: SmsSettings | None = None
    networks: tuple[Network, ...] = ()
    authorities: Path | None = None


NOTHING_SET_UP = CarrierSettings()


def load_carriers(env: Mapping[str, str]) -> CarrierSettings:
    """Read and check them. Raises SettingError."""
    return CarrierSettings(_smtp(env), _sms(env), _networks(env), _authorities(env))


def _smtp(env: Mapping[str, str]) -> SmtpSettings | None:
    text = env.get("LMS_SMTP")
    if not text:
        return None
    parts = urlsplit(text)
    try:
        port = parts.port or _SMTP_PORTS[parts.scheme]
    except (KeyError, ValueError) as error:
        raise SettingError(
            "LMS_SMTP must look like smtps://user@mail.example.cn:465, "
            "smtp+starttls://user@mail.example.cn:587 or smtp://mail.example.cn:25"
        ) from error
    if not parts.hostname or parts.password:
        raise SettingError("LMS_SMTP needs a host, and no password: that goes to LMS_SMTP_PASSWORD")
    security = {"smtps": "tls", "smtp+starttls": "starttls", "smtp": "none"}[parts.scheme]
    if parts.username and security == "none":
        raise SettingError("LMS_SMTP: a password is not sent in the clear; use smtps://")
    sender = env.get("LMS_MAIL_FROM") or ""
    if sender.count("@") != 1 or not sender.isascii() or not sender.isprintable() or " " in sender:
        raise SettingError("LMS_MAIL_FROM must be an address such as training@example.cn")
    return SmtpSettings(
        parts.hostname, port, security, sender, unquote(parts.username or ""),
        env.get("LMS_SMTP_PASSWORD") or "",
    )  # fmt: skip


def _sms(env: Mapping[str, str]) -> SmsSettings | None:
    kind = env.get("LMS_SMS")
    if not kind:
        return None
    if kind != "aliyun":
        raise SettingError("LMS_SMS must be aliyun")
    needed = ("LMS_SMS_KEY", "LMS_SMS_SECRET", "LMS_SMS_SIGN", "LMS_SMS_TEMPLATE")
    missing = [name for name in needed if not env.get(name)]
    if missing:
        raise SettingError(f"LMS_SMS needs {', '.join(missing)} too")
    url = (env.get("LMS_SMS_URL") or ALIYUN).rstrip("/")
    if urlsplit(url).scheme not in {"https", "http"} or not urlsplit(url).hostname:
        raise SettingError(f"LMS_SMS_URL must look like {ALIYUN}")
    return SmsSettings(url, *(env[name] for name in needed))


def _networks(env: Mapping[str, str]) -> tuple[Network, ...]:
    words = (env.get("LMS_WEBHOOK_NETWORKS") or "").replace(",", " ").split()
    try:
        return tuple(ipaddress.ip_network(word) for word in words)
    except ValueError as error:
        raise SettingError(f"LMS_WEBHOOK_NETWORKS: {error}") from error


def _authorities(env: Mapping[str, str]) -> Path | None:
    text = env.get("LMS_POST_CA")
    if not text:
        return None
    path = Path(text).resolve()
    if not path.is_file():
        raise SettingError(f"LMS_POST_CA: there is no file {path}")
    return path
