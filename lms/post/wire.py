"""One POST over HTTP: to the very IP address that was checked, without following redirects, within
a deadline, reading a bounded answer. Proxies of the environment are not used."""

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass

from lms.post.addresses import Address, Ip

CONNECT = 5.0  # seconds for each step of the connection
DEADLINE = 15.0  # seconds for everything
MOST_BYTES = 64 * 1024


class NoAnswer(OSError):
    """Nothing usable came back; ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status and at most ``MOST_BYTES`` of the body."""

    status: int
    body: bytes


def post(
    address: Address, ip: Ip, headers: Mapping[str, str], body: bytes, tls: ssl.SSLContext
) -> Answer:
    """Send and wait for the answer. Raises NoAnswer: ``tls``, ``unreachable``, ``slow``,
    ``too-large`` or ``nonsense``."""
    watch: threading.Timer | None = None
    late = threading.Event()
    try:
        with _connected(address, ip, tls) as connection:
            watch = threading.Timer(DEADLINE, _cut, (connection, late))
            watch.daemon = True
            watch.start()
            link = http.client.HTTPConnection(address.host, address.port)
            link.sock = connection
            told = {"Host": address.authority, "Connection": "close", "Accept": "application/json"}
            link.request("POST", address.path, body=body, headers={**told, **headers})
            with closing(link.getresponse()) as answer:
                read = answer.read(MOST_BYTES + 1)
    except ssl.SSLError as error:
        raise NoAnswer("tls") from error
    except http.client.HTTPException as error:
        raise NoAnswer("slow" if late.is_set() else "nonsense") from error
    except TimeoutError as error:
        raise NoAnswer("slow") from error
    except OSError as error:
        raise NoAnswer("slow" if late.is_set() else "unreachable") from error
    finally:
        if watch is not None:
            watch.cancel()
    if late.is_set():
        raise NoAnswer("slow")
    if len(read) > MOST_BYTES:
        raise NoAnswer("too-large")
    return Answer(answer.status, read)


def _connected(address: Address, ip: Ip, tls: ssl.SSLContext) -> socket.socket:
    plain = socket.create_connection((str(ip), address.port), timeout=CONNECT)
    if address.scheme == "http":
        return plain
    try:
        # The certificate is checked against the name that was typed, not the number dialled.
        return tls.wrap_socket(plain, server_hostname=address.host)
    except BaseException:
        plain.close()
        raise


def _cut(connection: socket.socket, late: threading.Event) -> None:
    """End a conversation that somebody drags out byte by byte."""
    late.set()
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
