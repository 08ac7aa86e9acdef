"""The post office itself: an SMTP server and an HTTP server, each in threads of its own."""

import json
import ssl
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from email import message_from_bytes, policy
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from lms.core import clock
from lms.post.office import checks
from lms.post.office.checks import Arrival, OfficeSecrets, Verdict

MOST_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Received:
    """What came: by which way, for whom, with which number, and what was wrong with it."""

    way: str
    ref: str
    whom: str
    text: str
    fault: str
    headers: dict[str, str] = field(default_factory=dict)


#: Told of everything that comes, before it is answered; may answer something else.
Watch = Callable[[Received], "Verdict | str | None"]


class PostOffice:
    """Listens on 127.0.0.1 between ``start`` and ``stop``; port 0 takes a free one."""

    def __init__(
        self, secrets: OfficeSecrets, http_port: int = 0, smtp_port: int = 0,
        watch: Watch | None = None, certificate: ssl.SSLContext | None = None,
        login: tuple[str, str] | None = None,
    ) -> None:  # fmt: skip
        self.secrets, self.watch, self.login = secrets, watch or (lambda _came: None), login
        self.journal: list[Received] = []
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", http_port), _handler(self))
        self._http.daemon_threads = True
        self._mail = _MailDoor(self, smtp_port, certificate)

    @property
    def http_port(self) -> int:
        """Where HTTP is spoken."""
        return int(self._http.server_address[1])

    @property
    def smtp_port(self) -> int:
        """Where SMTP is spoken."""
        return self._mail.bound_port

    def start(self) -> None:
        """Open both doors."""
        threading.Thread(target=self._http.serve_forever, daemon=True, args=(0.05,)).start()
        self._mail.start()

    def stop(self) -> None:
        """Close both doors."""
        self._http.shutdown()
        self._http.server_close()
        self._mail.stop()

    def note(self, came: Received) -> "Verdict | str | None":
        """Write down what came; what the watch wants answered instead, if anything."""
        with self._lock:
            self.journal.append(came)
        return self.watch(came)

    def judge(self, came: Arrival, host: str) -> tuple[str, Verdict]:
        """The way a request came, and what the receiver makes of it."""
        now, own = clock.now().timestamp(), self.secrets
        if came.path == "/webhook":
            return "webhook", checks.webhook(came, own.webhook, now)
        if came.path == "/cgi-bin/webhook/send":
            return "wecom", checks.wecom(came)
        if came.path == "/robot/send":
            return "dingtalk", checks.dingtalk(came, own.dingtalk, now)
        if came.path.startswith("/open-apis/bot/v2/hook/"):
            return "feishu", checks.feishu(came, own.feishu, now)
        if came.path == "/":
            return "sms", checks.sms(came, own, host)
        return "none", Verdict(404, {}, fault="address")


def _handler(office: PostOffice) -> type[BaseHTTPRequestHandler]:
    class Counter(BaseHTTPRequestHandler):
        timeout = 20

        def do_POST(self) -> None:
            length = min(int(self.headers.get("Content-Length") or 0), MOST_BYTES)
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            came = Arrival(
                parts.path, dict(parse_qsl(parts.query)), parts.query, headers,
                self.rfile.read(length),
            )  # fmt: skip
            way, verdict = office.judge(came, headers.get("host", ""))
            kept = {k: v for k, v in headers.items() if k.startswith(("webhook-", "x-acs-"))}
            received = Received(way, verdict.ref, verdict.whom, verdict.text, verdict.fault, kept)
            other = office.note(received)
            self._answer(other if isinstance(other, Verdict) else verdict)

        def _answer(self, verdict: Verdict) -> None:
            body = json.dumps(verdict.answer).encode()
            try:
                self.send_response(verdict.status)
                if 300 <= verdict.status < 400:
                    self.send_header("Location", f"http://{self.headers['Host']}/webhook")
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                return  # the sender has gone meanwhile

        def log_message(self, format: str, *args: Any) -> None:
            """The journal says more."""

    return Counter


class _MailDoor(Controller):
    """SMTP, with STARTTLS when there is a certificate and a login when one is asked for."""

    def __init__(self, office: PostOffice, port: int, certificate: ssl.SSLContext | None) -> None:
        self._office, self._certificate = office, certificate
        super().__init__(_Desk(office), hostname="127.0.0.1", port=port)

    @property
    def bound_port(self) -> int:
        server: Any = self.server
        return int(server.sockets[0].getsockname()[1])

    def factory(self) -> SMTP:
        login = self._office.login
        return SMTP(
            self.handler, tls_context=self._certificate, enable_SMTPUTF8=False,
            require_starttls=self._certificate is not None, auth_required=login is not None,
            authenticator=self._authenticate if login else None, hostname="post-office.local",
        )  # fmt: skip

    def _authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any
    ) -> AuthResult:
        user, password = self._office.login or ("", "")
        good = isinstance(data, LoginPassword) and (data.login, data.password) == (
            user.encode(), password.encode(),
        )  # fmt: skip
        return AuthResult(success=good, handled=False)

    def _trigger_server(self) -> None:
        """The parent pokes the port that was asked for; 0 has become another by now."""
        self.port = self.bound_port
        super()._trigger_server()  # type: ignore[no-untyped-call]


class _Desk:
    """Takes the letters."""

    def __init__(self, office: PostOffice) -> None:
        self._office = office

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        message = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        headers = {name.lower(): str(value).strip() for name, value in message.items()}
        ref = headers.get("message-id", "").strip("<>").partition("@")[0]
        came = Received(
            "email", ref, ", ".join(envelope.rcpt_tos), _plain(message),
            "" if ref and headers.get("date") else "headers", headers,
        )  # fmt: skip
        other = self._office.note(came)
        return other if isinstance(other, str) else "250 kept"


def _plain(message: Message) -> str:
    found = message.get_payload(decode=True)
    return found.decode("utf-8", "replace") if isinstance(found, bytes) else ""


def line_of(came: Received) -> str:
    """A line for the journal."""
    return json.dumps(asdict(came), ensure_ascii=False)
