"""The signer's side of the socket: who may ask, how often, and what is written down before a
signature leaves. One task per connection in one thread, so that the journal has one order."""

import asyncio
import json
import logging
import os
import socket
import struct
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from lms.core import clock
from lms.core.errors import DomainError
from lms.core.keys.journal import Journal, Line
from lms.core.keys.purposes import BadPurpose, KeyGone
from lms.core.keys.signers import Signer
from lms.core.keys.wire import HEAD, LONGEST, packed, reachable

log = logging.getLogger("lms.signer")
_CREDENTIALS = struct.Struct("3i")  # pid, uid, gid
SYNC_EVERY = 1.0  # seconds


class Pace:
    """So many signatures a minute, saved up for at most one minute."""

    def __init__(self, per_minute: int) -> None:
        self._most = float(per_minute)
        self._left = self._most
        self._at: float | None = None

    def admits(self, at: float) -> bool:
        """Take one if there is one; ``at`` in seconds on a clock that never goes back."""
        if self._at is not None:
            self._left = min(self._most, self._left + (at - self._at) * self._most / 60)
        self._at = at
        if self._left < 1:
            return False
        self._left -= 1
        return True


@dataclass(frozen=True, slots=True)
class SignerServer:
    """Answers those whose user id is allowed."""

    signer: Signer
    journal: Journal
    pace: Pace
    uids: frozenset[int]

    async def serve(self, path: Path, ended: asyncio.Event) -> None:
        """Listen at ``path`` until ``ended`` is set."""
        listener = _listener(path)
        server = await asyncio.start_unix_server(self._talk, sock=listener)
        keeping = asyncio.create_task(self._keep())
        try:
            await ended.wait()
        finally:
            keeping.cancel()
            server.close()
            path.unlink(missing_ok=True)
            self.journal.close()

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(SYNC_EVERY)
            self.journal.sync()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        uid = _peer(writer.get_extra_info("socket"))
        try:
            if uid not in self.uids:
                log.warning("refused a caller of user id %s", uid)
                return
            while True:
                (length,) = HEAD.unpack(await reader.readexactly(HEAD.size))
                if length > LONGEST:
                    return
                answer = self.answer(await reader.readexactly(length), uid)
                writer.write(packed(answer))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    def answer(self, frame: bytes, uid: int) -> dict[str, Any]:
        """The answer to one frame; what was signed is in the journal by then."""
        try:
            asked = json.loads(frame)
            if asked == {"ping": True}:
                return {"pid": os.getpid()}
            purpose, message = str(asked["purpose"]), b64decode(asked["message"], validate=True)
            wanted = None if asked.get("kid") is None else str(asked["kid"])
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, Base64Error):
            return {"error": "frame"}
        if not self.pace.admits(asyncio.get_running_loop().time()):
            return {"error": "rate"}
        try:
            kid, signature = self.signer.sign(purpose, message, wanted)
            digest = sha256(message).hexdigest()
            self.journal.add(Line(clock.now(), purpose, digest, kid, uid))
        except BadPurpose:
            log.warning("refused to sign for %.40r, asked by user id %s", purpose, uid)
            return {"error": "purpose"}
        except KeyGone:
            return {"error": "key"}
        except (DomainError, OSError):
            log.exception("nothing was signed")
            return {"error": "away"}
        return {"kid": kid, "signature": b64encode(signature).decode()}


def _listener(path: Path) -> socket.socket:
    """A socket that only those may open who can enter its folder; who they are is asked later."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with reachable(path) as address:
        listener.bind(address)
    path.chmod(0o666)
    listener.listen(64)
    return listener


def _peer(connection: socket.socket) -> int:
    """The user id of the process at the other end; where the kernel does not tell it, whoever
    could enter the socket's folder counts as ourselves."""
    if not hasattr(socket, "SO_PEERCRED"):
        return os.getuid()
    told = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _pid, uid, _gid = _CREDENTIALS.unpack(told)
    return int(uid)
