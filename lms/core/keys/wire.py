"""Talking to the signer: frames over a Unix domain socket, and the client's side of it.

A frame is its length in four bytes (network order) and a JSON object. Asked
``{"purpose", "message", "kid"}`` (message in base64, ``kid`` optional), the signer answers
``{"kid", "signature"}`` or ``{"error"}``; ``{"ping": true}`` is answered with ``{"pid"}``.
"""

import json
import os
import socket
import struct
import threading
import time
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask_babel import lazy_gettext as _l

from lms.core.errors import Unavailable
from lms.core.keys.purposes import LARGEST, BadPurpose, KeyGone, signed_bytes

HEAD = struct.Struct(">I")
LONGEST = LARGEST * 2  # bytes of a frame: base64 and a few words
PATIENCE = 3.0  # seconds until the signer counts as away
_LONGEST_PATH = 100  # the kernel's limit is 108 bytes


class SignerAway(Unavailable):
    """Nobody answers at the signer's socket; nothing is signed until somebody does."""

    code = "signer-away"
    title = _l("暂时不能签发")
    text = _l("签名服务没有响应，这一步没有办成，请过几分钟再试。证书查验不受影响。")


class SignerBusy(Unavailable):
    """More signatures were asked for than are given in a minute."""

    code = "signer-busy"
    title = _l("暂时不能签发")
    text = _l("签名请求过多，已暂停签发，请过几分钟再试。证书查验不受影响。")


def packed(body: dict[str, Any]) -> bytes:
    """A frame."""
    data = json.dumps(body, separators=(",", ":")).encode()
    return HEAD.pack(len(data)) + data


@contextmanager
def reachable(path: Path) -> Iterator[str]:
    """The socket's address, by a detour when its path is longer than a socket's may be."""
    if len(os.fsencode(path)) <= _LONGEST_PATH:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


class SocketSigner:
    """Signs by asking the signer process; one connection per thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mine = threading.local()

    def sign(self, purpose: str, message: bytes, kid: str | None = None) -> tuple[str, bytes]:
        """See ``Signer``."""
        signed_bytes(purpose, message)  # what cannot be asked for is not asked for
        asked = {"purpose": purpose, "message": b64encode(message).decode()}
        answer = self.ask(asked if kid is None else asked | {"kid": kid})
        error = answer.get("error")
        if error == "purpose":
            raise BadPurpose("refused by the signer")
        if error == "key":
            raise KeyGone(kid)
        if error is not None:
            raise SignerBusy(retry_after=60) if error == "rate" else SignerAway(retry_after=10)
        return str(answer["kid"]), b64decode(answer["signature"])

    def is_there(self) -> bool:
        """True if somebody answers."""
        try:
            return "pid" in self.ask({"ping": True})
        except SignerAway:
            return False

    def wait_for(self, seconds: float) -> bool:
        """Wait until somebody answers; False if nobody did in that time."""
        until = time.monotonic() + seconds
        while not self.is_there():
            if time.monotonic() > until:
                return False
            time.sleep(0.05)
        return True

    def ask(self, body: dict[str, Any]) -> dict[str, Any]:
        """Ask once more on a fresh connection when the old one has gone. Raises SignerAway.

        Asking twice does no harm: the same message has the same signature.
        """
        kept = getattr(self._mine, "connection", None)
        for connection in (kept, None) if kept is not None else (None,):
            try:
                return self._ask(connection or self._connect(), body)
            except (OSError, ValueError, EOFError):
                self.hang_up()
        raise SignerAway(retry_after=10)

    def _ask(self, connection: socket.socket, body: dict[str, Any]) -> dict[str, Any]:
        connection.sendall(packed(body))
        (length,) = HEAD.unpack(_exactly(connection, HEAD.size))
        if length > LONGEST:
            raise ValueError("too long an answer")
        answer: dict[str, Any] = json.loads(_exactly(connection, length))
        return answer

    def _connect(self) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._mine.connection = connection
        connection.settimeout(PATIENCE)
        with reachable(self._path) as address:
            connection.connect(address)
        return connection

    def hang_up(self) -> None:
        """Close this thread's connection; the next question opens another."""
        connection = getattr(self._mine, "connection", None)
        self._mine.connection = None
        if connection is not None:
            connection.close()


def _exactly(connection: socket.socket, length: int) -> bytes:
    parts, left = [], length
    while left:
        part = connection.recv(left)
        if not part:
            raise EOFError
        parts.append(part)
        left -= len(part)
    return b"".join(parts)
