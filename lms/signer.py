"""The signer: a process of its own that holds the private keys and answers at a socket.

``lms run`` starts one beside the web workers and starts it again when it ends; ``lms signer`` runs
one by itself, as another user if need be. Of several on one set of keys one answers, the others
wait for their turn. It loads neither the site nor its database.
"""

import asyncio
import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from lms.core.config import BESIDE, OUTSIDE, SettingError, SigningSettings, load_signing_settings
from lms.core.files import private_folder
from lms.core.keys.folder import RINGS
from lms.core.keys.journal import Journal, journal_file
from lms.core.keys.server import Pace, SignerServer
from lms.core.keys.signers import FolderSigner
from lms.core.keys.wire import SocketSigner
from lms.core.logs import init_logs

try:
    import fcntl
    import pwd
except ImportError:  # Windows has no Unix sockets either: keys stay inside there
    fcntl = None  # type: ignore[assignment]

_PARENT = "--beside"
_DUMPABLE, _LOOK_EVERY, _READY_WITHIN = 4, 0.5, 30.0


def run_signer(settings: SigningSettings, parent: int | None = None) -> None:
    """Answer until told to stop, or until ``parent`` is gone.

    Raises:
        SettingError: a peer is no user of this machine.
    """
    uids = frozenset({os.getuid(), *(_uid(name) for name in settings.peers)})
    private_folder(settings.keys)
    with _alone(settings.keys, parent) as mine:
        if not mine:
            return
        _close_to_others()
        signer = FolderSigner(settings.keys, settings.module)
        for name in RINGS:
            signer.ring(name)
        journal = Journal(journal_file(settings.keys))
        server = SignerServer(signer, journal, Pace(settings.pace), uids)
        asyncio.run(_until_stopped(server, settings.socket, parent))


async def _until_stopped(server: SignerServer, path: Path, parent: int | None) -> None:
    ended, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    watching = asyncio.create_task(_watch(parent, ended))
    await server.serve(path, ended)
    watching.cancel()


async def _watch(parent: int | None, ended: asyncio.Event) -> None:
    while parent is not None and os.getppid() == parent:
        await asyncio.sleep(_LOOK_EVERY)
    if parent is not None:
        ended.set()


@contextlib.contextmanager
def _alone(keys: Path, parent: int | None) -> Iterator[bool]:
    """Hold the keys alone; False when the parent went while another signer held them."""
    handle = os.open(keys / ".signer.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if parent is not None and os.getppid() != parent:
                    yield False
                    return
                time.sleep(_LOOK_EVERY)
        yield True
    finally:
        os.close(handle)


def _close_to_others() -> None:
    """Let no process of the same user read this one's memory, by debugger or by core dump."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_DUMPABLE, 0, 0, 0, 0)


def _uid(name: str) -> int:
    if name.isdecimal():
        return int(name)
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError as error:
        raise SettingError(f"LMS_SIGNER_PEERS: no user {name} on this machine") from error


@contextlib.contextmanager
def signer_beside(settings: SigningSettings) -> Iterator[SigningSettings]:
    """Keep a signer running beside this process; yields the settings for those who ask it.

    Raises:
        SettingError: it does not start.
    """
    if settings.mode != BESIDE or fcntl is None:
        yield settings
        return
    ended = threading.Event()
    keeper = threading.Thread(target=_keep, args=(settings, ended), name="signer", daemon=True)
    keeper.start()
    try:
        _wait_for(settings.socket)
        yield replace(settings, mode=OUTSIDE)
    finally:
        ended.set()
        keeper.join(timeout=20)


def _keep(settings: SigningSettings, ended: threading.Event) -> None:
    command = [sys.executable, "-m", "lms.signer", _PARENT]
    environment = os.environ | {
        "LMS_SIGNER_KEYS": str(settings.keys),
        "LMS_SIGNER_SOCKET": str(settings.socket),
    }
    while not ended.is_set():
        process = subprocess.Popen(command, env=environment)  # noqa: S603 - ourselves
        while process.poll() is None and not ended.wait(0.2):
            pass
        process.terminate()
        process.wait(timeout=15)
        ended.wait(_LOOK_EVERY)


def _wait_for(path: Path) -> None:
    asking = SocketSigner(path)
    if not asking.wait_for(_READY_WITHIN):
        raise SettingError(f"the signer does not answer at {path}; its output says why")
    asking.hang_up()


def main() -> None:
    """The process that ``lms run`` starts."""
    init_logs(os.environ.get("LMS_LOG_LEVEL") or "INFO")
    parent = os.getppid() if _PARENT in sys.argv[1:] else None
    try:
        run_signer(load_signing_settings(os.environ), parent)
    except SettingError as error:
        sys.exit(f"lms: {error}")


if __name__ == "__main__":
    main()
